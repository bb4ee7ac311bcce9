"""Intervals from predicted quantiles, so that their width depends on the pixel, calibrated on the other regions.

Conformalised quantile regression (Romano, Patterson and Candès 2019), hierarchical over regions as in
`region_intervals`: a target's score is how far it lies outside the predicted quantiles, below 0 inside, and the
quantiles of a region are moved outwards by one number, which follows from the scores of all other regions.
"""

import numpy as np
from numpy.typing import NDArray

from rojsat.evaluation import region_intervals
from rojsat.evaluation.region_intervals import RegionPixels

PARTS = ("narrow", "middle", "wide")
"""Thirds of the pixels by the width that the model predicts, every region weighing the same."""


def bands(pixels: RegionPixels, level: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower and upper ends (P,) of all pixels; not clipped to [0, 1].

    An interval holds its prediction, however far it is narrowed.

    Args:
        pixels: of R regions, with their quantiles.
        level: share of the pixels that an interval shall cover, in (0, 1); it need not be that of the quantiles.

    Returns:
        All of [0, 1] where `region_intervals.is_possible` is false.

    Raises:
        ValueError: for pixels without quantiles.
    """
    lower, upper = ends(pixels)
    if not region_intervals.is_possible(len(pixels.names), level):
        return np.zeros_like(lower), np.ones_like(upper)
    scores = np.maximum(lower - pixels.target, pixels.target - upper)
    moved = region_intervals.thresholds(scores, pixels.region, level)[pixels.region]
    return np.minimum(lower - moved, pixels.prediction), np.maximum(upper + moved, pixels.prediction)


def ends(pixels: RegionPixels) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The predicted quantiles (P,) as they are.

    Raises:
        ValueError: for pixels without quantiles.
    """
    if pixels.lower is None or pixels.upper is None:
        raise ValueError("these predictions have no quantiles; train with variant=quantiles")
    return pixels.lower, pixels.upper


def parts(pixels: RegionPixels) -> NDArray[np.intp]:
    """(P,) which of `PARTS` a pixel is in, by the predicted width, upper less lower quantile."""
    lower, upper = ends(pixels)
    order = np.argsort(upper - lower, kind="stable")
    share = np.cumsum(pixels.weights()[order]) / len(pixels.names)
    numbers = np.empty(len(order), np.intp)
    numbers[order] = np.minimum(share * len(PARTS) - 1e-9, len(PARTS) - 1).astype(np.intp)
    return numbers
