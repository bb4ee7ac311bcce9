"""Test predictions of all folds together: metrics with intervals over regions, beside predictors without an image.

Knows sums over regions alone, see `rojsat.evaluation.region_moments`; numpy and pandas only.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rojsat.config import metric_names
from rojsat.evaluation import bootstrap, gain, region_moments

Moments = Mapping[int, pd.DataFrame]
"""Sums of every region, by seed."""


def content(model: Moments, without_image: Mapping[str, Moments], task: str) -> dict[str, Any]:
    """What `evaluation.json` holds of numbers.

    Args:
        model: of the evaluated model, by seed.
        without_image: of each predictor without an image on the same pixels, by its name.
        task: classification or segmentation.

    Returns:
        `regions`; `prevalence`; `metrics`: of each metric `value` (of all regions, the mean over the seeds), `low` and
        `high` (95 %) and `seed_spread` (standard deviation over the seeds); `by_region`: means over the seeds;
        `without_image`; `best_without_image`; `gain` and `beats`, see `rojsat.evaluation.gain`.

    Raises:
        ValueError: if the predictions are not of the same pixels or samples.
    """
    tables = list(model.values())
    metrics = {name: _estimate(tables, name) for name in region_moments.names(tables[0])}
    others = {
        predictor: {name: _estimate(list(moments.values()), name) for name in region_moments.names(tables[0])}
        for predictor, moments in without_image.items()
    }
    compared = gain.metric(task, _values(metrics))
    best = gain.best({name: _values(each) for name, each in others.items()}, compared)
    difference = bootstrap.paired_difference(tables, list(without_image[best].values()), compared)
    return {
        "regions": len(tables[0]),
        "prevalence": metrics["prevalence"]["value"],
        "metrics": {name: {**each, **_seed_spread(tables, name)} for name, each in metrics.items()},
        "by_region": _by_region(tables),
        "without_image": others,
        "best_without_image": best,
        "gain": {"metric": compared, "against": best} | ends(difference) | {"regions": difference.regions},
        "beats": difference.is_positive,
    }


def _estimate(tables: Sequence[pd.DataFrame], metric: str) -> dict[str, float]:
    return ends(bootstrap.interval(tables, metric))


def ends(interval: bootstrap.Interval) -> dict[str, float]:
    """Value and ends, without those that there are none of."""
    values = {"value": interval.value, "low": interval.low, "high": interval.high}
    return {name: value for name, value in values.items() if np.isfinite(value)}


def _values(metrics: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {name: each.get("value", float("nan")) for name, each in metrics.items()}


def _seed_spread(tables: Sequence[pd.DataFrame], metric: str) -> dict[str, float]:
    """The standard deviation of a metric over seeds; nothing with a single one."""
    values = [region_moments.metrics(table)[metric] for table in tables]
    return {"seed_spread": float(np.std(values, ddof=1))} if len(values) > 1 and np.isfinite(values).all() else {}


def _by_region(tables: Sequence[pd.DataFrame]) -> dict[str, dict[str, float]]:
    """Every metric of every region alone, the mean over seeds, and `count`, the known pixels or samples of it."""
    alone = np.eye(len(tables[0]))
    names, regions = region_moments.names(tables[0]), tables[0].sort_index().index
    values = {
        name: np.mean([region_moments.of_draws(table.sort_index(), alone, name) for table in tables], axis=0)
        for name in names
    }
    values["count"] = region_moments.counts(tables[0].sort_index())
    return {
        str(region): {name: float(column[number]) for name, column in values.items()}
        for number, region in enumerate(regions)
    }


def summary(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """An `evaluation.json` as `rojsat.evaluation.gain` reads a run's summary."""
    return {
        **evaluation,
        "test": _values(evaluation["metrics"]),
        "without_image": {name: _values(each) for name, each in evaluation["without_image"].items()},
    }


def cell(estimate: Mapping[str, float], metric: str) -> str:
    """A value with its interval, `0.204 [0.149, 0.246]`; `n/a` where it is not defined."""
    value = metric_names.cell(metric, estimate.get("value", float("nan")))
    if "low" not in estimate:
        return value
    return f"{value} [{metric_names.text(estimate['low'])}, {metric_names.text(estimate['high'])}]"
