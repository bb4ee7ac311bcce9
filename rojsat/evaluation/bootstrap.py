"""Is one model better than another? A paired bootstrap over regions. numpy only; knows no files.

Pixels and dates of one region are alike, so regions are drawn, not pixels: each with all its pixels, with replacement,
the same ones for both models.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rojsat.evaluation.report_files import Predictions

MINIMUM = 5
"""Regions that a verdict needs: of fewer there are hardly any different draws, and the interval means nothing."""


@dataclass(frozen=True)
class Losses:
    """What a model lost in each region.

    Attributes:
        regions: R names, sorted.
        total: `(R,)` summed loss of the known pixels (squared errors of degrees) or chips (1 for a wrong class).
        count: `(R,)` number of known pixels, or chips.
    """

    regions: tuple[str, ...]
    total: NDArray[np.float64]
    count: NDArray[np.float64]


@dataclass(frozen=True)
class Verdict:
    """How much less one model loses than another.

    Attributes:
        gain: mean loss of the old one less that of the new one; positive: the new one is better.
        low: lower end of the interval of `gain`.
        high: its upper end.
        regions: number of regions it rests on.
    """

    gain: float
    low: float
    high: float
    regions: int

    @property
    def is_better(self) -> bool:
        """Whether the complete interval lies above zero and rests on at least `MINIMUM` regions."""
        return self.regions >= MINIMUM and self.low > 0


def losses(predictions: Predictions) -> Losses:
    """Sum up, region by region, squared errors of known pixels or wrong classes of known chips."""
    names = predictions.rows["region"].astype(str).to_numpy()
    if predictions.prediction.ndim == 2:  # (N, K)
        wrong = (predictions.prediction.argmax(axis=1) != predictions.target).astype(float)
        lost, known = np.where(predictions.known, wrong, 0), predictions.known.astype(float)
    else:
        errors = predictions.prediction.astype(np.float64) - predictions.target
        lost = np.where(predictions.known, errors**2, 0).sum(axis=(1, 2))
        known = predictions.known.sum(axis=(1, 2)).astype(float)
    regions = sorted(set(names[known > 0]))
    total = np.array([lost[names == region].sum() for region in regions])
    return Losses(tuple(regions), total, np.array([known[names == region].sum() for region in regions]))


def paired(new: Losses, old: Losses, *, resamples: int = 10_000, level: float = 0.95, seed: int = 0) -> Verdict:
    """Compare two models on the same regions.

    Args:
        new: losses of the new model.
        old: losses of the old model.
        resamples: draws of as many regions as there are.
        level: of the two-sided percentile interval.
        seed: of the draws.

    Raises:
        ValueError: if they were not evaluated on the same pixels or chips of the same regions.
    """
    if new.regions != old.regions or not np.array_equal(new.count, old.count):
        raise ValueError("the two models were not evaluated on the same pixels of the same regions")
    if not new.regions:
        raise ValueError("the part that the models were evaluated on has no known pixel or chip")
    difference, regions = old.total - new.total, len(new.regions)
    drawn = np.random.default_rng(seed).integers(0, regions, (resamples, regions))
    gains = difference[drawn].sum(axis=1) / new.count[drawn].sum(axis=1)
    low, high = np.quantile(gains, [(1 - level) / 2, (1 + level) / 2])
    return Verdict(float(difference.sum() / new.count.sum()), float(low), float(high), regions)
