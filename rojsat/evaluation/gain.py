"""Does a model beat the best predictor without an image on the same pixels? numpy only; knows no files."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rojsat.config import metric_names
from rojsat.evaluation import bootstrap
from rojsat.evaluation.report_files import Predictions

METRICS = {"segmentation": ("r2", "iou"), "classification": ("accuracy",)}
"""What is compared: the first metric that the model has; a probability has no R²."""


@dataclass(frozen=True)
class Gain:
    """By how much a model is better than the best predictor without an image.

    Attributes:
        metric: that is compared; the higher the better.
        against: the predictor with the best value of it on the same part.
        value: of the model less that of the predictor.
        low: lower end of the 95 % interval of `value` over regions; None below `bootstrap.MINIMUM` regions.
        high: its upper end.
        regions: of the part.
    """

    metric: str
    against: str
    value: float
    regions: int
    low: float | None = None
    high: float | None = None

    @property
    def beats(self) -> bool | None:
        """Whether the model is better; None where the interval holds 0, or there is none."""
        if self.low is None or self.high is None or self.low <= 0 <= self.high:
            return None
        return self.low > 0

    def content(self) -> dict[str, Any]:
        """What `summary.json` holds of it."""
        return {key: value for key, value in asdict(self).items() if value is not None}


def metric(task: str, values: Mapping[str, float]) -> str:
    """The metric that a model with these metrics is compared by."""
    return next(name for name in METRICS[task] if name in values)


def best(without_image: Mapping[str, Mapping[str, float]], name: str) -> str:
    """The predictor with the highest value of a metric; of equal ones the first, and never one that has none."""
    values = {predictor: metrics[name] for predictor, metrics in without_image.items()}
    return max(values, key=lambda predictor: -math.inf if math.isnan(values[predictor]) else values[predictor])


def gain(
    model: Predictions, other: Predictions, values: Mapping[str, float], other_values: Mapping[str, float], against: str
) -> Gain:
    """Compare a model with a predictor without an image, the same regions drawn for both.

    Args:
        model: predictions of the model.
        other: of the predictor, on the same samples.
        values: metrics of the model.
        other_values: metrics of the predictor.
        against: its name.
    """
    task = "classification" if model.prediction.ndim == 2 else "segmentation"
    name = metric(task, values)
    difference, lost = values[name] - other_values[name], bootstrap.losses(model)
    regions = len(lost.regions)
    if name == "iou" or regions < bootstrap.MINIMUM:
        return Gain(name, against, difference, regions)
    unit = float(np.var(model.target[model.known].astype(np.float64))) if name == "r2" else 1.0
    verdict = bootstrap.paired(lost, bootstrap.losses(other))
    return Gain(name, against, difference, regions, verdict.low / unit, verdict.high / unit)


def words(summary: Mapping[str, Any]) -> str:
    """Whether the run of a `summary.json` beats the best predictor without an image on its test part; empty if unknown.

    `R² 0.181; the best predictor without an image (position in the box) has 0.245: this run does not beat it (1 region,
    too few for an interval)`.
    """
    if "gain" not in summary:
        return ""
    compared = summary["gain"]["metric"]
    label, value = metric_names.METRICS[compared].label, summary["test"].get(compared, math.nan)
    predictor, least = best_of(summary)
    return (
        f"{label} {metric_names.cell(compared, value)}; the best predictor without an image ({predictor}) has "
        f"{metric_names.cell(compared, least)}: this run {verdict(summary, 'it')} ({uncertainty(summary)})"
    )


def best_of(summary: Mapping[str, Any]) -> tuple[str, float]:
    """What the best predictor without an image is called, and its value of the metric that is compared."""
    name = summary["best_without_image"]
    label = metric_names.without_image(name, summary["task"], summary.get("frame", "box"))
    return label, summary["without_image"][name].get(summary["gain"]["metric"], math.nan)


def verdict(summary: Mapping[str, Any], other: str = "the best predictor without an image") -> str:
    """`beats`, `does not beat` or `is not shown to beat` (better, but not beyond doubt) the other."""
    if summary["beats"]:
        return f"beats {other}"
    is_open = summary["beats"] is None and _value(summary) > 0
    return f"is not shown to beat {other}" if is_open else f"does not beat {other}"


def uncertainty(summary: Mapping[str, Any]) -> str:
    """`gain -0.064, 95 % interval -0.101 to 0.003 over 9 regions`, or why there is none."""
    content = summary["gain"]
    value, regions = f"gain {metric_names.text(_value(summary))}", content["regions"]
    count = f"{regions} region{'' if regions == 1 else 's'}"
    if "low" in content:
        low, high = (metric_names.text(content[end]) for end in ("low", "high"))
        return f"{value}, 95 % interval {low} to {high} over {count}"
    if regions < bootstrap.MINIMUM:
        return f"{value}, {count}, too few for an interval"
    return f"{value}, no interval of {metric_names.METRICS[content['metric']].label}"


def _value(summary: Mapping[str, Any]) -> float:
    return float(summary["gain"].get("value", math.nan))
