"""Intervals of metrics, and of the difference of two models, by a bootstrap over regions; knows no files.

Pixels and dates of one region are alike, so regions are drawn, not pixels: each with all its pixels, with replacement,
the same ones for both models. `python -m bench.interval_coverage` counts how often the intervals hold the truth.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from rojsat.evaluation import region_moments

MINIMUM = 5
"""Regions that a verdict needs: of fewer there are hardly any different draws, and the interval means nothing."""

DRAWS = 5_000
"""Draws of as many regions as there are, by which an interval is found."""

LEVEL = 0.95
"""Of every interval."""

ERRORS = ("mse", "rmse", "mae")
"""Metrics that are never negative and have no upper end."""


@dataclass(frozen=True)
class Interval:
    """A metric, or the difference of one, with its 95 % interval.

    Attributes:
        value: of all regions, the mean over seeds.
        low: lower end of the interval; NaN with fewer than `MINIMUM` regions.
        high: its upper end.
        regions: number of regions it rests on.
    """

    value: float
    low: float
    high: float
    regions: int

    @property
    def is_positive(self) -> bool | None:
        """Whether the interval lies above 0; None where it holds 0 or there is none."""
        return True if self.low > 0 else False if self.high < 0 else None


def interval(moments_by_seed: Sequence[pd.DataFrame], metric: str, *, draws: int = DRAWS, seed: int = 0) -> Interval:
    """The interval of a metric over regions, of its mean over the seeds of a training.

    Args:
        moments_by_seed: at least one, of the same regions, see `rojsat.evaluation.region_moments`.
        metric: one of `region_moments.names`.
        draws: of as many regions as there are.
        seed: of the draws.

    Raises:
        ValueError: if the seeds were not evaluated on the same pixels or samples, or there is no such metric.
    """
    tables = _aligned(moments_by_seed)
    weights = drawn_weights(len(tables[0]), draws, seed)
    return within(
        metric, of_values(_mean(tables, weights, metric), region_moments.counts(tables[0]), is_error=metric in ERRORS)
    )


def paired_difference(
    first: Sequence[pd.DataFrame], second: Sequence[pd.DataFrame], metric: str, *, draws: int = DRAWS, seed: int = 0
) -> Interval:
    """The interval of how much more of a metric the first has than the second, the same regions drawn for both.

    Args:
        first: its moments, a table a seed.
        second: those of the other; it may have another number of seeds.
        metric: one of `region_moments.names`.
        draws: of as many regions as there are.
        seed: of the draws.

    Raises:
        ValueError: if they were not evaluated on the same pixels or samples of the same regions.
    """
    tables = _aligned([*first, *second])
    weights = drawn_weights(len(tables[0]), draws, seed)
    differences = _mean(tables[: len(first)], weights, metric) - _mean(tables[len(first) :], weights, metric)
    return of_values(differences, region_moments.counts(tables[0]))


def _aligned(tables: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """The moments with their regions in one sequence; refuses those of other regions or other pixels."""
    ordered = [table.sort_index() for table in tables]
    for table in ordered[1:]:
        if list(table.index) != list(ordered[0].index) or not np.array_equal(
            region_moments.counts(table), region_moments.counts(ordered[0])
        ):
            raise ValueError("they were not evaluated on the same pixels or samples of the same regions")
    return ordered


@functools.lru_cache(maxsize=8)
def drawn_weights(regions: int, draws: int, seed: int) -> NDArray[np.float64]:
    """(1 + R + D, R) how often each draw has each region: first all once, then all but one, then random draws.

    Of fewer than `MINIMUM` regions (1, R): there is no interval to be drawn.
    """
    if regions < MINIMUM:
        return np.ones((1, regions))
    drawn = np.random.default_rng(seed).multinomial(regions, np.full(regions, 1 / regions), size=draws)
    weights = np.vstack([np.ones((1, regions)), 1 - np.eye(regions), drawn])
    weights.setflags(write=False)  # every caller gets the same array
    return weights


def _mean(tables: Sequence[pd.DataFrame], weights: NDArray[np.float64], metric: str) -> NDArray[np.float64]:
    """(1 + R + D,) mean over the seeds."""
    values: NDArray[np.float64] = np.mean([region_moments.of_draws(table, weights, metric) for table in tables], axis=0)
    return values


def within(metric: str, interval: Interval) -> Interval:
    """The interval without what lies outside the range of the metric."""
    least = {"r2": -np.inf, "bias": -np.inf, "spearman": -1.0, "kappa": -1.0}.get(metric, 0.0)
    most = np.inf if metric in (*ERRORS, "bias") else 1.0
    low, high = (float(np.clip(end, least, most)) for end in (interval.low, interval.high))
    return Interval(interval.value, low, high, interval.regions)


def of_values(values: NDArray[np.float64], counts: NDArray[np.float64], *, is_error: bool = False) -> Interval:
    """The interval of (1 + R + D,) values: of all regions, of all but one, of draws.

    At each end the wider of two, because either alone holds the truth less often than it should with few regions:

    * the percentile interval of the draws, its levels moved outwards for few observations: draws vary by (R - 1) / R
      too little, and Student's t has longer tails than the normal distribution (Hesterberg 2015, "What teachers should
      know about the bootstrap");
    * the value and so many standard errors by the jackknife (Efron and Tibshirani 1993, chapter 11; MacKinnon, Nielsen
      and Webb 2023 for few clusters), of an error that is never negative in the logarithm.

    Degrees of freedom of Student's t in both: the number of regions, as far as they are of one size (Kish 1965: the
    squared sum of the counts over the sum of their squares), less 1.
    """
    value, regions = float(values[0]), len(counts)
    without_one, drawn = values[1 : 1 + regions], values[1 + regions :]
    if regions < MINIMUM or not np.isfinite([value, *without_one]).all():
        return Interval(value, float("nan"), float("nan"), regions)
    student = special.stdtrit(counts.sum() ** 2 / (counts**2).sum() - 1, (1 + LEVEL) / 2)
    tail = special.ndtr(-student * np.sqrt(regions / (regions - 1)))
    percentiles = np.quantile(drawn[np.isfinite(drawn)], [tail, 1 - tail])
    is_log = is_error and min(value, without_one.min()) > 0
    centre, left_out = (np.log(value), np.log(without_one)) if is_log else (value, without_one)
    error = np.sqrt((regions - 1) / regions * ((left_out - left_out.mean()) ** 2).sum())
    ends = centre + student * error * np.array([-1, 1])
    low, high = np.exp(ends) if is_log else ends
    return Interval(value, float(min(low, percentiles[0])), float(max(high, percentiles[1])), regions)
