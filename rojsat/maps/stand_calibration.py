"""How far the mean degree of ground the size of a stand errs, on regions that a model is not trained on.

Errors of neighbouring pixels are alike, and cancel over large ground: the mean of a small stand errs more than that of
a region. So what is compared are squares of several sizes in the regions of the test. Hierarchical conformal prediction
(Lee, Barber and Willett 2023; `rojsat.evaluation.region_intervals`): each of K regions weighs 1 / (K + 1), its squares
share that weight, and 1 / (K + 1) is left for an error larger than all. If regions are exchangeable, the mean of a
square in a further one lies within the half width with at least the level's probability. That stands are as squares of
such regions is an assumption: outlines follow the ground, and stands may be of ground that the regions have little of.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rojsat.evaluation import map_calibration
from rojsat.evaluation.report_files import Predictions

KEY = "squares"
"""In the calibration of a model's card; models of older versions have none."""

SIDES = (3, 5, 10, 20, 40)
"""Pixels of 10 m: squares of 0.09 to 16 ha; smaller stands have no interval."""

KNOWN = 0.5
"""Least share of the pixels of a square that have a label."""

HECTARE = 100
"""Pixels of 10 m."""


def of(predictions: Predictions, level: float) -> dict[str, float]:
    """Half widths of the mean degree of squares, JSON-ready.

    Args:
        predictions: degrees (N, H, W) of a part that the model is not trained on; each date counts by itself, as if a
            map had no other.
        level: share of the squares that intervals shall cover.

    Returns:
        By the pixels of a square, in sequence; sizes that too few regions have are left out.
    """
    halves = {}
    for side in SIDES:
        errors, regions = _errors(predictions, side)
        if len(set(regions)) >= map_calibration.least_regions(level):
            halves[str(side**2)] = float(f"{_half_width(np.abs(errors), regions, level):.6g}")
    return halves


def half_width(calibration: Mapping[str, Any], pixels: int) -> float | None:
    """How far the true mean degree of a stand lies from the predicted one at most, with the probability of the level.

    Args:
        calibration: of the model; without squares the errors of complete regions are taken.
        pixels: of the stand that are seen; of squares the largest that is not larger counts.

    Returns:
        None where too few regions promise nothing.
    """
    if KEY not in calibration:
        return map_calibration.half_width(calibration["regions"], calibration["level"])
    fitting = [half for size, half in _by_size(calibration) if size <= pixels]
    return fitting[-1] if fitting else None


def sizes(calibration: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Hectares of the squares and their half widths, the smallest first; none of a model without."""
    return [(size / HECTARE, half) for size, half in _by_size(calibration)] if KEY in calibration else []


def _by_size(calibration: Mapping[str, Any]) -> list[tuple[int, float]]:
    """Pixels of the squares and their half widths, the smallest first: files have keys in the order of text."""
    return sorted((int(size), half) for size, half in calibration[KEY].items())


def _errors(predictions: Predictions, side: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The mean error of every square, target less prediction, and the number of its region."""
    numbers = np.unique(np.asarray(predictions.rows["region"], str), return_inverse=True)[1]
    errors, regions = [np.zeros(0)], [np.zeros(0, np.intp)]
    for row, number in enumerate(numbers):
        known = predictions.known[row]
        if not known.any():
            continue
        rows, cols = (np.flatnonzero(known.any(axis=axis)) for axis in (1, 0))
        box = slice(rows[0], rows[-1] + 1), slice(cols[0], cols[-1] + 1)
        difference = predictions.target[row][box] - np.clip(predictions.prediction[row][box], 0, 1)
        counts = _sums(known[box].astype(np.float64), side)
        sums = _sums(np.where(known[box], difference, 0).astype(np.float64), side)
        enough = counts >= KNOWN * side**2
        errors.append(sums[enough] / counts[enough])
        regions.append(np.full(int(enough.sum()), number))
    return np.concatenate(errors), np.concatenate(regions)


def _sums(plane: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Sums over the complete squares of a plane."""
    height, width = (length // side for length in plane.shape)
    squares = plane[: height * side, : width * side].reshape(height, side, width, side)
    return np.asarray(squares.sum(axis=(1, 3)))


def _half_width(scores: NDArray[np.float64], regions: Sequence[int] | NDArray[np.intp], level: float) -> float:
    """The score that covers the level in a further region."""
    _, own, counts = np.unique(regions, return_inverse=True, return_counts=True)
    order = np.argsort(scores, kind="stable")
    mass = np.cumsum(1 / counts[own][order]) / (len(counts) + 1)
    return float(scores[order][np.argmax(mass >= level - 1e-9)])
