"""Intervals of a degree, calibrated on regions: those of a region on all other regions, never on its own pixels.

Pixels of a region err alike: what is exchangeable are regions, not pixels. Hierarchical conformal prediction (Lee,
Barber and Willett 2023, Distribution-free inference with hierarchical data; related: Dunn, Wasserman and Ramdas 2023):
every one of K regions weighs 1 / (K + 1), its pixels share that weight, and 1 / (K + 1) is left for an error larger
than all. If regions are exchangeable, a pixel of a new one is covered with a probability from the level up to
1 / (K + 1) above it.

Errors are counted in steps of 1 / `STEPS` of a degree.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

STEPS = 200
"""Steps of an error from 0 to 1; intervals are rounded outwards by half a step."""

ERRORS = 2 * STEPS + 1
"""Number of errors, target less prediction, from -1 to 1."""

BINS = 5
"""Bins of the predicted degree, each with its own width: fifths of the pixels, every region weighing the same."""


@dataclass(frozen=True)
class RegionPixels:
    """The known pixels of several regions.

    Attributes:
        names: R regions.
        region: (P,) which of them, in 0..R-1; each has at least one pixel.
        prediction: (P,) degree in [0, 1].
        target: (P,) degree in [0, 1].
        lower: (P,) lowest predicted quantile, not clipped to [0, 1]; None of a model without quantiles.
        upper: (P,) the highest, likewise.
    """

    names: tuple[str, ...]
    region: NDArray[np.intp]
    prediction: NDArray[np.float64]
    target: NDArray[np.float64]
    lower: NDArray[np.float64] | None = None
    upper: NDArray[np.float64] | None = None

    def weights(self) -> NDArray[np.float64]:
        """(P,), the same sum for every region."""
        weights: NDArray[np.float64] = 1 / np.bincount(self.region)[self.region]
        return weights


def is_possible(regions: int, level: float) -> bool:
    """Whether so many regions, of which one is left out, can promise a level: the largest error needs 1 - level."""
    return regions >= 3 and regions * (1 - level) >= 1 - 1e-9


def too_few(regions: int, level: float, consequence: str) -> str:
    """That so many regions promise nothing, in words; `consequence` is what an interval or set is then."""
    least = max(3, math.ceil(1 / (1 - level) - 1e-9))
    subject = f"{regions} regions are" if regions != 1 else "1 region is"
    return (
        f"{subject} too few for {level:.0%}: a region left out errs more than all others once in {regions}. "
        f"{consequence} and promises nothing; {least} regions are the least."
    )


def thresholds(scores: NDArray[np.float64], regions: NDArray[np.intp], level: float) -> NDArray[np.float64]:
    """The score (R,) that covers the level in a region, by the scores of the other regions; hierarchical conformal.

    Args:
        scores: (P,), the greater the less a target conforms.
        regions: (P,) which region, in 0..R-1; each has at least one score.
        level: share of the scores that shall lie at or below, for which `is_possible` is true.
    """
    count, order = int(regions.max()) + 1, np.argsort(scores, kind="stable")
    weights = 1 / np.bincount(regions)[regions]
    limits = np.empty(count)
    for number in range(count):
        mass = np.cumsum(np.where(regions == number, 0, weights)[order]) / count  # of count - 1 others, and one beyond
        limits[number] = scores[order][np.argmax(mass >= level - 1e-9)]
    return limits


def intervals(pixels: RegionPixels, level: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower and upper ends (P,) of the intervals of all pixels, in [0, 1]: `bands`, clipped to what a degree can be."""
    low, high = bands(pixels, level)
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


def bands(pixels: RegionPixels, level: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower and upper ends (P,) around the predictions of all pixels.

    The band of a bin goes from the (1 - level) / 2 quantile of the errors of the other regions to the (1 + level) / 2
    quantile, so it is asymmetric and its width depends on the predicted degree. All bands are then widened (or
    narrowed) by one number, the conformal quantile of how far errors lie outside (Romano, Patterson and Candès 2019).
    The band that a region's errors are held against is that of the remaining regions, without it.

    Args:
        pixels: of R regions.
        level: share of the pixels that an interval shall cover, in (0, 1).

    Returns:
        All of [0, 1] where `is_possible` is false.

    Raises:
        ValueError: for a level out of its range.
    """
    if not 0 < level < 1:
        raise ValueError(f"the level of an interval lies between 0 and 1, not {level}")
    low, high = np.zeros(len(pixels.region)), np.ones(len(pixels.region))
    if not is_possible(len(pixels.names), level):
        return low, high
    bins = _bins(pixels)
    counts = _counts(pixels, bins)
    for number in range(len(pixels.names)):
        below, above = _band(np.delete(counts, number, axis=0), level)
        own = pixels.region == number
        low[own] = pixels.prediction[own] + (below[bins[own]] - 0.5) / STEPS - 1
        high[own] = pixels.prediction[own] + (above[bins[own]] + 0.5) / STEPS - 1
    return low, high


@dataclass(frozen=True)
class Calibration:
    """What intervals of predictions on further regions follow from.

    Attributes:
        level: share of the pixels that an interval shall cover.
        regions: how many regions it is calibrated on.
        edges: (B - 1,) predicted degrees between bins.
        below: (B,) the lowest error, target less prediction, that a bin's interval holds.
        above: (B,) the highest.
    """

    level: float
    regions: int
    edges: tuple[float, ...]
    below: tuple[float, ...]
    above: tuple[float, ...]

    def intervals(self, prediction: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Lower and upper ends in [0, 1] around predicted degrees of any shape; NaN where these are."""
        bins = np.searchsorted(self.edges, prediction, side="right")
        low, high = (prediction + np.array(errors)[bins] for errors in (self.below, self.above))
        return np.clip(low, 0, 1).astype(np.float32), np.clip(high, 0, 1).astype(np.float32)


def calibrate(pixels: RegionPixels, level: float) -> Calibration | None:
    """Calibrate intervals of a further region, as `bands` does those of a region left out; None: too few regions."""
    if not is_possible(len(pixels.names) + 1, level):
        return None
    edges = _edges(pixels)
    below, above = _band(_counts(pixels, np.searchsorted(edges, pixels.prediction, side="right")), level)
    ends = ((below - 0.5) / STEPS - 1, (above + 0.5) / STEPS - 1)
    return Calibration(level, len(pixels.names), tuple(edges.tolist()), *(tuple(end.tolist()) for end in ends))


def _bins(pixels: RegionPixels) -> NDArray[np.intp]:
    """(P,) the bin of each predicted degree."""
    return np.searchsorted(_edges(pixels), pixels.prediction, side="right")


def _edges(pixels: RegionPixels) -> NDArray[np.float64]:
    """Predicted degrees between bins: from the predictions of all regions, from no target."""
    order = np.argsort(pixels.prediction, kind="stable")
    share = np.cumsum(pixels.weights()[order]) / len(pixels.names)
    places = np.searchsorted(share, np.arange(1, BINS) / BINS)
    return np.unique(pixels.prediction[order][np.minimum(places, len(order) - 1)])


def _counts(pixels: RegionPixels, bins: NDArray[np.intp]) -> NDArray[np.float64]:
    """(R, B, E) number of pixels by region, bin and error."""
    error = np.rint((pixels.target - pixels.prediction + 1) * STEPS).astype(np.intp)
    shape = (len(pixels.names), int(bins.max()) + 1, ERRORS)
    places = np.ravel_multi_index((pixels.region, bins, error), shape)
    return np.bincount(places, minlength=int(np.prod(shape))).reshape(shape).astype(np.float64)


def _band(counts: NDArray[np.float64], level: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest covered error (B,) of K calibration regions, in steps from -1; `counts` is (K, B, E)."""
    regions = len(counts)
    shares = _shares(counts)
    left_out = shares.sum(axis=0) - shares  # (K, B, E), each without its own region
    present = (counts.sum(axis=2) > 0).astype(float)
    pooled = _shares(counts.sum(axis=1, keepdims=True))  # for a bin that no other region has pixels in
    all_bins = np.broadcast_to(pooled.sum(axis=0) - pooled, left_out.shape)
    has_pixels = (present.sum(axis=0) - present) > 0
    low, high = _quantiles(np.where(has_pixels[:, :, None], left_out, all_bins), level)  # (K, B)
    errors = np.arange(ERRORS)
    outside = np.maximum(low[:, :, None] - errors, errors - high[:, :, None])  # below 0: inside
    weights = counts / counts.sum(axis=(1, 2), keepdims=True) / (regions + 1)
    mass = np.bincount((outside + ERRORS).astype(np.intp).ravel(), weights.ravel()).cumsum()
    widened = int(np.argmax(mass >= level - 1e-9)) - ERRORS
    total = np.where((present.sum(axis=0) > 0)[:, None], shares.sum(axis=0), pooled.sum(axis=0))
    low, high = _quantiles(total, level)  # (B,)
    return low - widened, high + widened


def _shares(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Counts (K, B, E) as shares of the pixels of a region and bin, so that every region weighs the same."""
    shares: NDArray[np.float64] = counts / np.maximum(counts.sum(axis=2, keepdims=True), 1)
    return shares


def _quantiles(shares: NDArray[np.float64], level: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The (1 - level) / 2 and (1 + level) / 2 quantile of sums of shares (..., E), in steps from -1."""
    cumulated = shares.cumsum(axis=-1)
    cumulated = cumulated / cumulated[..., -1:]
    low, high = (np.argmax(cumulated >= share - 1e-9, axis=-1) for share in ((1 - level) / 2, (1 + level) / 2))
    return low.astype(np.float64), high.astype(np.float64)
