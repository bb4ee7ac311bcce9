"""Regions whose labels no model believes: wrong for every evaluation. To look at, not to drop.

Where models of different kinds, each trained on other regions, all predict something else than the label, the label may
be wrong, or the region unlike all others. Which of the two, only a look at the images says: leaving such regions out
would make every metric better without making a model better.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from rojsat.evaluation import region_moments
from rojsat.evaluation.kept_evaluations import KeptEvaluation

WORST = 0.1
"""Share of the regions, those with most wrong pixels in theirs, that a region must be among in every evaluation."""


def content(evaluations: Sequence[KeptEvaluation]) -> list[dict[str, Any]]:
    """Regions that are among the worst `WORST` of every evaluation, of the regions that all have.

    Returns:
        An entry a region, that which the best model denies most first: `region`, `known` pixels or samples,
        `prevalence`, and by name of the evaluation `wrong`, the share of wrong pixels or samples (mean over seeds), and
        `without_image`, that of its best predictor without one.
    """
    wrong = pd.DataFrame({each.name: shares(each.moments) for each in evaluations}).dropna()
    most = math.ceil(WORST * len(wrong))
    is_worst = wrong.gt(0) & (wrong.rank(ascending=False, method="min") <= most)
    denied = wrong[is_worst.all(axis=1)]
    others = {each.name: shares(each.moments_without_image) for each in evaluations}
    table = evaluations[0].moments[0]
    known = pd.Series(region_moments.counts(table), table.index)
    prevalence = pd.Series(region_moments.of_draws(table, np.eye(len(table)), "prevalence"), table.index)
    sequence = denied.min(axis=1).sort_values(ascending=False, kind="stable").index
    return [
        {
            "region": str(region),
            "known": float(known[region]),
            "prevalence": float(prevalence[region]),
            "wrong": {name: float(denied[name][region]) for name in denied.columns},
            "without_image": {name: float(other[region]) for name, other in others.items() if region in other.index},
        }
        for region in sequence
    ]


def shares(tables: Sequence[pd.DataFrame]) -> pd.Series:
    """The share of wrong pixels or samples of every region, mean over seeds; empty without tables."""
    if not tables:
        return pd.Series(dtype=float)
    means = pd.concat([_shares(table) for table in tables], axis=1).mean(axis=1)
    return means.rename_axis("region")


def _shares(table: pd.DataFrame) -> pd.Series:
    if "count" in table.columns:
        wrong: pd.Series = (table["false_positives"] + table["false_negatives"]) / table["count"]
        return wrong
    return pd.Series(1 - region_moments.of_draws(table, np.eye(len(table)), "accuracy"), table.index)
