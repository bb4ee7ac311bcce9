"""Evaluations side by side: which is better, by how much, and where they fail. Knows sums over regions alone."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from rojsat.config import metric_names
from rojsat.evaluation import (
    bootstrap,
    gain,
    kept_evaluations,
    leak,
    pooling,
    region_errors,
    same_samples,
)
from rojsat.evaluation.bootstrap import Interval
from rojsat.evaluation.kept_evaluations import KeptEvaluation

METRICS = {"segmentation": ("r2", "rmse", "spearman", "iou", "f1"), "classification": ("accuracy", "f1_macro")}
"""What evaluations are compared by; prevalence stands beside them."""

ALL_PAIRS = 4
"""Up to so many evaluations each is compared with each; more are compared with the first."""


@dataclass(frozen=True)
class Difference:
    """How much better one evaluation is than another.

    Attributes:
        first: name of the one.
        second: name of the other.
        metric: that they are compared by.
        interval: of the improvement of the first over the second, positive where the first is better, whether large
            or small values of the metric are good.
        unlike: what they do not share: data, split; the difference is then that of the regions that both have.
        samples: how many both tested, where the difference is that of them; 0: all of the regions.
    """

    first: str
    second: str
    metric: str
    interval: Interval
    unlike: Sequence[str] = ()
    samples: int = 0

    @property
    def sentence(self) -> str:
        """`a is better than b by 0.040 [0.010, 0.070] in R², 27 regions`."""
        value, low, high = (
            metric_names.text(number) for number in (abs(self.interval.value), self.interval.low, self.interval.high)
        )
        label, count = metric_names.METRICS[self.metric].label, self.interval.regions
        regions = f"{count} region{'s' * (count != 1)}{self._marked}"
        if self.interval.is_positive is True:
            return f"{self.first} is better than {self.second} by {value} [{low}, {high}] in {label}, {regions}"
        if self.interval.is_positive is False:
            low, high = (metric_names.text(-number) for number in (self.interval.high, self.interval.low))
            return f"{self.second} is better than {self.first} by {value} [{low}, {high}] in {label}, {regions}"
        sign = metric_names.text(self.interval.value)
        if math.isnan(self.interval.low):
            reason = "not defined" if math.isnan(self.interval.value) else f"too few regions for an interval: {sign}"
            return f"{self.first} against {self.second} in {label}: {reason}, {regions}"
        return f"{self.first} against {self.second} in {label}: undecided, {sign} [{low}, {high}] holds 0, {regions}"

    @property
    def _marked(self) -> str:
        samples = f", on the {self.samples} samples that both tested" if self.samples else ""
        return f" that both have{samples}; NOT THE SAME {' AND '.join(self.unlike).upper()}" if self.unlike else ""


def pairs(evaluations: Sequence[KeptEvaluation]) -> list[tuple[KeptEvaluation, KeptEvaluation]]:
    """Which are compared: each with each, or with the first where they are many."""
    if len(evaluations) <= ALL_PAIRS:
        return list(itertools.combinations(evaluations, 2))
    return [(evaluations[0], other) for other in evaluations[1:]]


def metrics(evaluations: Sequence[KeptEvaluation]) -> list[str]:
    """The metrics that all have, the one that decides first."""
    names = [set(evaluation.content["metrics"]) for evaluation in evaluations]
    return [name for name in METRICS[evaluations[0].task] if all(name in each for each in names)]


def differences(first: KeptEvaluation, second: KeptEvaluation, names: Sequence[str]) -> list[Difference]:
    """Compare two evaluations by some metrics, the same regions drawn for both.

    Where only the split differs and the predictions of both are here, they are compared on the samples that both
    tested; of other data, or without predictions, on regions with as many known pixels.
    """
    unlike = kept_evaluations.unlike(first, second)
    samples = 0
    if unlike == ["split"] and not any(map(same_samples.missing, (first, second))):
        same = same_samples.choose(first, second)
        tables, other_tables, samples = same.first, same.second, len(same.chips)
    else:
        tables, other_tables = first.moments, second.moments
        if unlike:
            regions = kept_evaluations.shared_regions(first, second)
            tables, other_tables = ([table.loc[regions] for table in each] for each in (tables, other_tables))
    return [
        Difference(first.name, second.name, name, _improvement(tables, other_tables, name), unlike, samples)
        for name in names
    ]


def _improvement(tables: Sequence[pd.DataFrame], other_tables: Sequence[pd.DataFrame], metric: str) -> Interval:
    """How much better the first is than the second."""
    if not len(tables[0]):
        return Interval(math.nan, math.nan, math.nan, 0)
    if metric_names.METRICS[metric].higher_is_better:
        return bootstrap.paired_difference(tables, other_tables, metric)
    return bootstrap.paired_difference(other_tables, tables, metric)


def verdict(evaluation: KeptEvaluation) -> str:
    """Whether it beats the best predictor without an image, in words."""
    return gain.words(pooling.summary(evaluation.content)).replace("this run", "it", 1)


def row(evaluation: KeptEvaluation, names: Sequence[str]) -> dict[str, str]:
    """What a table says of an evaluation, by column."""
    content = evaluation.content
    return {
        "evaluation": evaluation.name,
        "regions": f"{content['regions']}{_trained_on(content)}",
        "seeds": str(len(content["seeds"])),
        **{metric_names.METRICS[name].label: cell(content["metrics"][name], name) for name in names},
        "prevalence": metric_names.text(content["prevalence"]),
    }


def _trained_on(content: Mapping[str, Any]) -> str:
    if "fitted" in content:
        return f", {content['fitted']}"
    return "" if content["claims_unseen"] else ", also trained on"


def beside(evaluation: KeptEvaluation) -> dict[str, str]:
    """What a table says of an evaluation and its best predictor without an image, by column."""
    content = evaluation.content
    summary = pooling.summary(content)
    predictor, _ = gain.best_of(summary)
    compared = content["gain"]["metric"]
    label = metric_names.METRICS[compared].label
    estimate = content["without_image"][content["best_without_image"]].get(compared, {})
    return {
        "evaluation": evaluation.name,
        label: pooling.cell(content["metrics"][compared], compared),
        "best predictor without an image": predictor,
        f"its {label}": pooling.cell(estimate, compared),
        "gain": gain.uncertainty(summary).removeprefix("gain "),
        "verdict": gain.verdict(summary),
    }


def cell(estimate: Mapping[str, float], metric: str) -> str:
    """A value with its interval and, with several seeds, their standard deviation: `0.204 [0.149, 0.246] ±0.012`."""
    spread = f" ±{estimate['seed_spread']:.3f}" if "seed_spread" in estimate else ""
    return f"{pooling.cell(estimate, metric)}{spread}"


def content(evaluations: Sequence[KeptEvaluation]) -> dict[str, Any]:
    """What `comparison.json` holds, but for errors by group.

    Raises:
        ValueError: if two that share data and split were not tested on the same pixels.
    """
    names = metrics(evaluations)
    compared = [each for first, second in pairs(evaluations) for each in differences(first, second, names)]
    regions = region_errors.by_region(evaluations)
    return {
        "task": evaluations[0].task,
        "metrics": names,
        "names": {evaluation.name: evaluation.content["name"] for evaluation in evaluations},
        "evaluations": [row(evaluation, names) for evaluation in evaluations],
        "beside_without_image": [beside(evaluation) for evaluation in evaluations],
        "values": {evaluation.name: dict(evaluation.content["metrics"]) for evaluation in evaluations},
        "without_image": {evaluation.name: _best_without_image(evaluation) for evaluation in evaluations},
        "verdicts": {evaluation.name: verdict(evaluation) for evaluation in evaluations},
        "differences": [_described(each) for each in compared],
        "unlike": sorted({subject for each in compared for subject in each.unlike}),
        **leak.contents(evaluations, names),
        "fitted_elsewhere": {each.name: each.content["fitted"] for each in evaluations if "fitted" in each.content},
        "regions": [
            {"region": region} | {name: value for name, value in values.items() if math.isfinite(value)}
            for region, values in regions.to_dict("index").items()
        ],
    }


def _best_without_image(evaluation: KeptEvaluation) -> dict[str, Any]:
    """The metrics of its best predictor without an image."""
    return dict(evaluation.content["without_image"][evaluation.content["best_without_image"]])


def _described(difference: Difference) -> dict[str, Any]:
    interval = difference.interval
    ends = {"value": interval.value, "low": interval.low, "high": interval.high}
    return {
        "first": difference.first,
        "second": difference.second,
        "metric": difference.metric,
        **{name: value for name, value in ends.items() if math.isfinite(value)},
        "regions": interval.regions,
        "is_better": interval.is_positive,
        "unlike": list(difference.unlike),
        "samples": difference.samples,
        "words": difference.sentence,
    }
