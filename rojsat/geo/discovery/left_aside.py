"""A file that a data set does not use, and why. Knows nothing."""

from typing import NamedTuple


class LeftAside(NamedTuple):
    """A file that is not used.

    Attributes:
        path: relative to the folder that is looked into.
        reason: why.
    """

    path: str
    reason: str
