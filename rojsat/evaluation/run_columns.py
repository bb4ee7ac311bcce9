"""What the table of runs shows first: where a run was tested, and how far it is above predictors without an image."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rojsat.config import metric_names
from rojsat.evaluation import gain

NAMED = 3
"""Up to so many test regions are named; of more there is the number."""

DIGITS = 4
"""Digits that a value keeps in the table of runs; all of them are in `summary.json`."""


def tested_on(regions: Sequence[str], task: str) -> str:
    """`region 6`, `regions 6, 7, 8`, `9 regions`, `40 stands`.

    Args:
        regions: of the test part, each once.
        task: of the experiment; classification tests on stands.
    """
    word = "stand" if task == "classification" else "region"
    if len(regions) > NAMED:
        return f"{len(regions)} {word}s"
    return f"{word}{'s' * (len(regions) != 1)} {', '.join(regions)}"


def above_baselines(summary: Mapping[str, Any]) -> dict[str, float]:
    """How far a run is above predictors without an image on the same test pixels or stands; 0 is no better than they.

    * `skill`: of a degree 1 − MSE / MSE of the mean of training, the skill score of Murphy 1988 with that mean as the
      reference; R² has the mean of the test part itself in its place. Of stands 1 − share of wrong classes / that of
      the majority of training. At most 1.
    * `iou_above_prevalence`: of pixels, the IoU less the prevalence, which is the IoU of predicting need everywhere.

    Args:
        summary: content of `summary.json`.

    Returns:
        those that the run has: a probability of need has no error, so no skill.
    """
    test, mean = summary["test"], summary["without_image"]["constant"]
    values = {}
    if "mse" in test:
        values["skill"] = _less(test["mse"], mean["mse"])
    if "accuracy" in test:
        values["skill"] = _less(1 - test["accuracy"], 1 - mean["accuracy"])
    if "iou" in test:
        values["iou_above_prevalence"] = test["iou"] - test["prevalence"]
    return values


def _less(error: float, reference: float) -> float:
    """1 − error / reference; NaN where the reference makes no error."""
    return 1 - error / reference if reference else math.nan


def of_version(summary: Mapping[str, Any]) -> dict[str, str]:
    """Tags of a registered version: its test metrics, those of predictors without an image, and whether it beats them.

    Few and long: the list of versions shows each on a line.

    Args:
        summary: content of `summary.json`.
    """
    names = [name for name in metric_names.HEADLINE[summary["task"]] if name in summary["test"]]
    own = {_label(name): value for name, value in above_baselines(summary).items()}
    own |= {_label(name): summary["test"][name] for name in names}
    own["false positives on control areas"] = summary.get("controls", {}).get("false_positive_rate", math.nan)
    others = {
        metric_names.without_image(predictor, summary["task"], summary.get("frame", "box")): {
            _label(name): values.get(name, math.nan) for name in names if name != "prevalence"
        }
        for predictor, values in summary["without_image"].items()
    }
    return {
        "test": _listed(own),
        "beats": gain.verdict(summary),
        "without image": "; ".join(f"{label}: {_listed(values)}" for label, values in others.items()),
    }


def _label(name: str) -> str:
    """What a reader calls a metric."""
    return metric_names.METRICS[name].label if name in metric_names.METRICS else name.replace("_", " ")


def _listed(values: Mapping[str, float]) -> str:
    """`RMSE 0.193, R² 0.8508`, with `DIGITS` digits that count; without what is not defined."""
    defined = {name: value for name, value in values.items() if math.isfinite(value)}
    return ", ".join(f"{name} {value:.{DIGITS}g}" for name, value in defined.items())


def rounded(values: Mapping[str, float]) -> dict[str, float]:
    """Values with `DIGITS` digits that count."""
    return {name: float(f"{value:.{DIGITS}g}") for name, value in values.items()}
