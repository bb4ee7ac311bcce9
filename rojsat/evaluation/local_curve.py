"""How many local labels a new municipality needs: metrics by the number of local stands in training. Knows no files.

The test stands are the same at every number, so differences from none are paired. Where there are enough folds
(municipalities, sheets) intervals are over folds and draws, else over the stands of these folds alone.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rojsat.config import metric_names
from rojsat.evaluation import bootstrap, group_intervals, pooling, published_needs, region_moments
from rojsat.evaluation.bootstrap import Interval
from rojsat.evaluation.text_columns import aligned, block, paragraph

METRICS = ("accuracy", "kappa", "f1_macro")
"""Of the curve; differences are of the first."""

MODEL, LOCAL = "model", "local"
"""Names of the model and of the majority of the local labels."""

Draws = Sequence[pd.DataFrame]
"""Moments of the test stands, a table a draw."""


@dataclass(frozen=True)
class CurveInput:
    """What a curve is made of.

    Attributes:
        by_count: of each number of local stands the moments of every draw, by predictor: `MODEL`, `LOCAL` and others
            without an image. None has one draw.
        folds: the fold that tests each stand: a municipality, or several.
        draws: of local stands at each number above 0.
        seeds: trainings of each; their tables stand beside one another as those of draws do.
    """

    by_count: Mapping[int, Mapping[str, Draws]]
    folds: Mapping[str, str]
    draws: int
    seeds: int


def content(source: CurveInput) -> dict[str, Any]:
    """The curve, JSON-ready.

    Returns:
        `counts`, `draws`, `seeds`, `folds` (their number), `stands` (of the test), `interval_over` ("folds and draws"
        or "stands"), `prevalence`, and `points`: of each count `count`, `metrics` (`value`, `low`, `high` by predictor
        and metric), `gain` (over none, paired), `best_without_image` and `above_it` (the model less that, paired).
    """
    counts = sorted(source.by_count)
    base = source.by_count[counts[0]]
    points = []
    for count in counts:
        draws = source.by_count[count]
        metrics = {
            predictor: {metric: pooling.ends(_interval(source, tables, metric)) for metric in METRICS}
            for predictor, tables in draws.items()
        }
        others = {predictor: values for predictor, values in metrics.items() if predictor != MODEL}
        best = max(others, key=lambda predictor: others[predictor][METRICS[0]].get("value", -math.inf))
        points.append(
            {
                "count": count,
                "metrics": metrics,
                "gain": _described(_difference(source, draws[MODEL], base[MODEL])) if count != counts[0] else {},
                "best_without_image": best,
                "above_it": _described(_difference(source, draws[MODEL], draws[best])),
            }
        )
    first = base[MODEL][0]
    return {
        "counts": counts,
        "draws": source.draws,
        "seeds": source.seeds,
        "folds": len(set(source.folds.values())),
        "stands": len(first),
        "interval_over": "folds and draws" if _has_folds(source) else "stands",
        "prevalence": region_moments.metrics(first)["prevalence"],
        "points": points,
    }


def of_choices(moments: pd.DataFrame, choices: Mapping[str, int]) -> pd.DataFrame:
    """The moments of a predictor that gives every sample of a stand one class.

    Args:
        moments: of any predictor of the same samples, see `region_moments.of_predictions`.
        choices: number of the class, by stand.
    """
    classes = int(len(moments.columns) ** 0.5)
    counts = moments.to_numpy(float).reshape(len(moments), classes, classes)  # row = true class
    chosen = np.zeros_like(counts)
    numbers = np.array([choices[str(stand)] for stand in moments.index])
    chosen[np.arange(len(moments)), :, numbers] = counts.sum(axis=2)
    return pd.DataFrame(chosen.reshape(len(moments), -1), moments.index, moments.columns)


def majority(labels: Sequence[int], otherwise: int) -> int:
    """The class of most labels; `otherwise` where two have as many, or there is none."""
    numbers = np.bincount(np.array(labels, np.int64), minlength=2)
    most = np.flatnonzero(numbers == numbers.max())
    return int(most[0]) if len(most) == 1 else otherwise


def _has_folds(source: CurveInput) -> bool:
    return len(set(source.folds.values())) >= bootstrap.MINIMUM


def _interval(source: CurveInput, draws: Draws, metric: str) -> Interval:
    if _has_folds(source):
        return group_intervals.interval(draws, source.folds, metric)
    return bootstrap.interval(draws, metric)


def _difference(source: CurveInput, first: Draws, second: Draws) -> Interval:
    if _has_folds(source):
        return group_intervals.paired_difference(first, second, source.folds, METRICS[0])
    return bootstrap.paired_difference(first, second, METRICS[0])


def _described(interval: Interval) -> dict[str, Any]:
    return {**pooling.ends(interval), "is_positive": interval.is_positive}


def rows(curve: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row a count and predictor, for a table: metrics with their ends, the gain and what the model is above it."""
    table = []
    for point in curve["points"]:
        for predictor, metrics in point["metrics"].items():
            row = {"local stands": point["count"], "predictor": label(predictor)}
            for metric in METRICS:
                row |= {f"{metric}{_suffix(end)}": value for end, value in metrics[metric].items()}
            if predictor == MODEL:
                row |= {f"gain{_suffix(end)}": point["gain"].get(end) for end in ("value", "low", "high")}
            table.append(row)
    return table


def _suffix(end: str) -> str:
    return "" if end == "value" else f"_{end}"


def label(predictor: str) -> str:
    """What a predictor of the curve is called."""
    if predictor in (MODEL, LOCAL):
        return {MODEL: "the model", LOCAL: "majority of the local labels"}[predictor]
    return metric_names.without_image(predictor, "classification")


def text(curve: Mapping[str, Any], folder: str) -> str:
    """The block of text that the command ends with."""
    head = ["local stands", *(f"{metric_names.METRICS[name].label} [95 %]" for name in METRICS[:2])]
    table = [[*head, "more than none", "best without an image", "above it"]]
    for point in curve["points"]:
        own, best = point["metrics"][MODEL], point["best_without_image"]
        least = point["metrics"][best][METRICS[0]]
        cells = [str(point["count"]), *(pooling.cell(own[name], name) for name in METRICS[:2])]
        gain = _cell(point["gain"]) if point["gain"] else ""
        table.append([*cells, gain, f"{metric_names.text(least['value'])} ({label(best)})", _cell(point["above_it"])])
    over = "Intervals are over folds and draws."
    if curve["interval_over"] == "stands":
        over = f"Intervals are over the stands of these {curve['folds']} folds alone, too few to speak of other ground."
    return block(
        paragraph(
            f"{curve['folds']} folds, each held out: {curve['stands']} stands test, the same at every number of local "
            f"ones; share of need {metric_names.text(curve['prevalence'])}; draws of local stands: {curve['draws']}, "
            f"seeds: {curve['seeds']}."
        ),
        aligned(table),
        paragraph(over, _verdict(curve)),
        paragraph(*published_needs.sentences()),
        [f"folder:  {folder}"],
    )


def _verdict(curve: Mapping[str, Any]) -> str:
    """From which number of local stands on more are shown to help."""
    helping = [point["count"] for point in curve["points"] if point["gain"].get("is_positive")]
    if not helping:
        return "No number of local stands is shown to help."
    return f"{helping[0]} local stands are the fewest that are shown to help."


def _cell(difference: Mapping[str, Any]) -> str:
    return pooling.cell(difference, METRICS[0])
