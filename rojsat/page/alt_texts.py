"""What is seen in a picture, in words with its numbers, for those who do not see it."""

from collections.abc import Iterable, Sequence

import numpy as np

from rojsat.figures.loss_curves import LossCurve
from rojsat.figures.maps import Panel
from rojsat.page.cells import number

EQUAL = 1e-6
"""Degrees that differ by less are the same."""


def losses(curves: Sequence[LossCurve]) -> str:
    """Where both curves of each training begin and end."""
    return "Two curves by epoch: " + "; ".join(map(_losses, curves)) + "."


def _losses(curve: LossCurve) -> str:
    parts = {}
    for part in ("train", "val"):
        first, last = curve.history[f"{part}/loss"].iloc[[0, -1]]
        parts[part] = f"from {first:.2g} to {last:.2g}"
    title = f"{curve.title}, " if curve.title else ""
    return (
        f"{title}training goes {parts['train']}, validation {parts['val']}; a dotted line marks the best of "
        f"{len(curve.history)} epochs, {curve.best_epoch}"
    )


def confusions(matrices: Iterable[tuple[str, np.ndarray]], classes: Sequence[str]) -> str:
    """How much of each true class is right."""
    return "; ".join(_confusion(title, counts, classes) for title, counts in matrices) + "."


def _confusion(title: str, counts: np.ndarray, classes: Sequence[str]) -> str:
    right = [
        f"{counts[row, row]} of {counts[row].sum()} {name} are predicted as {name}" for row, name in enumerate(classes)
    ]
    return f"{title}: {', '.join(right)}"


def side(panels: Iterable[Panel], words: str) -> str:
    """How far masks and predictions go, and whether they agree.

    Args:
        panels: rows of the picture.
        words: what the network was trained on.
    """
    return f"Rows of true colour, mask and prediction, {words}. " + " ".join(map(_row, panels))


def _row(panel: Panel) -> str:
    known = (panel.mask >= 0) & (panel.prediction >= 0)
    mask, prediction = panel.mask[known], panel.prediction[known]
    title = panel.title.partition("\n")[0].capitalize()
    if not known.any():
        return f"{title}: nothing is known."
    unwalked = panel.marks.unwalked
    hatched = "" if unwalked is None else f", {np.mean(unwalked[known]):.0%} of it hatched"
    return (
        f"{title}: the mask goes from {_range(mask)}, mean {number(float(mask.mean()))}{hatched}; "
        f"the prediction goes from {_range(prediction)}, mean {number(float(prediction.mean()))}, and "
        f"{_agreement(mask, prediction)}."
    )


def _range(values: np.ndarray) -> str:
    """The middle nine tenths."""
    low, high = np.percentile(values, (5, 95))
    return f"{number(float(low))} to {number(float(high))}"


def _agreement(mask: np.ndarray, prediction: np.ndarray) -> str:
    if np.ptp(prediction) < EQUAL or np.ptp(mask) < EQUAL:
        return "is the same everywhere" if np.ptp(prediction) < EQUAL else "varies where the mask does not"
    correlation = float(np.corrcoef(mask, prediction)[0, 1])
    follows = "follows it" if correlation > 0.6 else "follows it loosely" if correlation > 0.3 else "hardly follows it"
    return f"{follows} (correlation {number(correlation)})"


def controls(panels: Iterable[Panel]) -> str:
    """How far each prediction goes."""
    return "Pairs of true colour and prediction. " + " ".join(map(_control, panels))


def _control(panel: Panel) -> str:
    title, values = panel.title.replace("\n", ", "), panel.prediction[panel.prediction >= 0]
    return f"{title}: {f'the prediction goes from {_range(values)}' if values.size else 'nothing is seen'}."
