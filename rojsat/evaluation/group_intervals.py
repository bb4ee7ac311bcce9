"""Intervals over groups of regions and over draws: municipalities whose stands are alike, and which stands were drawn.

Groups are drawn with replacement, each with all its regions; of a group as many draws as there are, with replacement
too. Knows sums over regions alone, see `rojsat.evaluation.region_moments`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.evaluation import bootstrap, region_moments
from rojsat.evaluation.bootstrap import Interval

Draws = Sequence[pd.DataFrame]
"""Moments of the same regions, a table a draw."""


def interval(draws: Draws, groups: Mapping[str, str], metric: str) -> Interval:
    """The interval of a metric over groups and draws, of all regions and draws together.

    Args:
        draws: at least one.
        groups: of each region.
        metric: one of `region_moments.names`.
    """
    table = _by_group(draws, groups)
    values = _of_draws(table, _weights(len(table) // len(draws)), len(draws), metric)
    return bootstrap.within(metric, bootstrap.of_values(values, _counts(table, len(draws))))


def paired_difference(first: Draws, second: Draws, groups: Mapping[str, str], metric: str) -> Interval:
    """The interval of how much more of a metric the first has than the second, the same groups drawn for both.

    Args:
        first: its moments.
        second: those of the other; it may have another number of draws.
        groups: of each region.
        metric: one of `region_moments.names`.

    Raises:
        ValueError: if they were not evaluated on the same samples of the same groups.
    """
    tables = [_by_group(draws, groups) for draws in (first, second)]
    counts = [_counts(table, len(draws)) for table, draws in zip(tables, (first, second), strict=True)]
    if not np.array_equal(counts[0], counts[1]):
        raise ValueError("they were not evaluated on the same samples of the same groups")
    weights = _weights(len(counts[0]))
    values = [
        _of_draws(table, weights, len(draws), metric) for table, draws in zip(tables, (first, second), strict=True)
    ]
    return bootstrap.of_values(values[0] - values[1], counts[0])


def _by_group(draws: Draws, groups: Mapping[str, str]) -> pd.DataFrame:
    """(D G, sums): the moments of each group, draw by draw, groups sorted."""
    summed = [draw.groupby(draw.index.astype(str).map(dict(groups))).sum().sort_index() for draw in draws]
    return pd.concat(summed)


def _counts(table: pd.DataFrame, draws: int) -> NDArray[np.float64]:
    """(G,) known samples of each group."""
    return region_moments.counts(table).reshape(draws, -1)[0]


def _weights(groups: int) -> NDArray[np.float64]:
    """(1 + G + B, G) how often each group is drawn, see `bootstrap.drawn_weights`."""
    return bootstrap.drawn_weights(groups, bootstrap.DRAWS, 0)


def _of_draws(table: pd.DataFrame, weights: NDArray[np.float64], draws: int, metric: str) -> NDArray[np.float64]:
    """(1 + G + B,) values: all draws of all groups, of all groups but one, then draws of groups and of their draws."""
    groups = weights.shape[1]
    even = np.repeat(weights[: 1 + groups, None], draws, axis=1) / draws  # (1 + G, D, G)
    times = weights[1 + groups :].astype(np.int64) * draws
    picked = np.random.default_rng(1).multinomial(times, np.full(draws, 1 / draws)) / draws  # (B, G, D)
    every = np.concatenate([even, picked.transpose(0, 2, 1)]).reshape(len(weights), draws * groups)
    return region_moments.of_draws(table, every, metric)
