"""What regions are for, how they are labelled, and the parts of a split. Knows nothing."""

STAND = "stand"
"""Labelled `NEED` or `CLEAR` by itself: classification."""

CLEARING = "clearing"
"""A clearing object, with GPS points: segmentation."""

CONTROL = "control"
"""A control area: its predictions are looked at, and it is in no part of a split."""

ROLES = (STAND, CLEARING, CONTROL)

CLEAR, NEED = "clear", "need"
"""Labels of stands; control areas have others beside them, as housing."""

CLASSES = (CLEAR, NEED)
"""Of classification, in the order of the scores of a network."""

PARTS = ("train", "val", "test")
"""Of a split."""

UNUSED = "unused"
"""The part of chips that a split leaves out."""
