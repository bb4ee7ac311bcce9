"""Errors of evaluations in every region, the worst first."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rojsat.evaluation import region_moments
from rojsat.evaluation.kept_evaluations import KeptEvaluation


def without_image(name: str) -> str:
    """The column of the best predictor without an image beside an evaluation of this name."""
    return f"{name} without an image"


def by_region(evaluations: Sequence[KeptEvaluation]) -> pd.DataFrame:
    """Error in every region, the worst first: RMSE, or the share of wrong samples.

    Returns:
        One row a region, index `region`; `known` pixels or samples, `prevalence`, then a column an evaluation and
        `<name> without an image`, its best predictor without one; NaN where it is not known.
    """
    columns: dict[str, pd.Series] = {}
    for evaluation in evaluations:
        columns[evaluation.name] = errors(evaluation.moments)
        columns[without_image(evaluation.name)] = errors(evaluation.moments_without_image)
    table = pd.DataFrame(columns)
    names = [evaluation.name for evaluation in evaluations]
    table.insert(0, "prevalence", _first(evaluations, "prevalence"))
    table.insert(0, "known", _first(evaluations, "known"))
    sequence = table[names].mean(axis=1).sort_values(ascending=False, kind="stable").index
    return table.loc[sequence].rename_axis("region")


def errors(tables: Sequence[pd.DataFrame]) -> pd.Series:
    """RMSE, or the share of wrong samples, of every region; the mean over seeds. Empty without tables."""
    if not tables:
        return pd.Series(dtype=float)
    name = "rmse" if "rmse" in region_moments.names(tables[0]) else "accuracy"
    if name not in region_moments.names(tables[0]):
        return pd.Series(np.nan, tables[0].index)
    values = np.mean([region_moments.of_draws(table, np.eye(len(table)), name) for table in tables], axis=0)
    return pd.Series(values if name == "rmse" else 1 - values, tables[0].index)


def _first(evaluations: Sequence[KeptEvaluation], column: str) -> pd.Series:
    """Known pixels or samples, or prevalence, of all regions, of the first evaluation that has the region."""
    series = pd.Series(dtype=float)
    for evaluation in evaluations:
        table = evaluation.moments[0]
        alone = np.eye(len(table))
        values = region_moments.counts(table) if column == "known" else region_moments.of_draws(table, alone, column)
        series = series.combine_first(pd.Series(values, table.index))
    return series
