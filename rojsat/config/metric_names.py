"""What metrics and losses are called, their units, and which are looked at first: for tables, axes and MLflow."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """What a reader must know of a metric or a loss.

    Attributes:
        label: what a column calls it.
        unit: of its values; empty where they have none.
        higher_is_better: whether the best value is the largest.
    """

    label: str
    unit: str = ""
    higher_is_better: bool = True


METRICS = {
    "accuracy": Metric("accuracy"),
    "f1_macro": Metric("F1 (macro)"),
    "kappa": Metric("kappa"),
    "precision_need": Metric("precision of need"),
    "recall_need": Metric("recall of need"),
    "mse": Metric("MSE", "degree²", higher_is_better=False),
    "rmse": Metric("RMSE", "degree", higher_is_better=False),
    "mae": Metric("MAE", "degree", higher_is_better=False),
    "r2": Metric("R²"),
    "spearman": Metric("Spearman"),
    "iou": Metric("IoU"),
    "f1": Metric("F1"),
    "precision": Metric("precision"),
    "recall": Metric("recall"),
    "false_positive_rate": Metric("false positive rate", higher_is_better=False),
    "prevalence": Metric("prevalence"),
    "masked_mse": Metric("masked MSE", "degree²", higher_is_better=False),
    "cross_entropy": Metric("cross entropy", "nat", higher_is_better=False),
}
"""Metrics and losses with a name or a unit of their own; others are called by their key."""

HEADLINE = {
    "classification": ("accuracy", "f1_macro", "prevalence"),
    "segmentation": ("rmse", "mae", "r2", "spearman", "iou", "f1", "prevalence"),
}
"""The test metrics of a task that `metrics.json` and tables hold; prevalence: what need everywhere has as IoU."""

DETAILS = {"classification": ("precision_need", "recall_need"), "segmentation": ()}
"""What a comparison of reports shows beside the headline."""

FEW = {"classification": ("accuracy", "f1_macro", "prevalence"), "segmentation": ("r2", "rmse", "iou", "prevalence")}
"""Those that a narrow place has room for; the first alone where there is room for one."""


def axis(name: str) -> str:
    """A metric or loss as an axis calls it, with its unit."""
    metric = METRICS.get(name, Metric(name))
    return f"{metric.label} ({metric.unit})" if metric.unit else metric.label


def text(value: float) -> str:
    """A value as a table shows it, three digits; `n/a` where it is not defined."""
    return "n/a" if math.isnan(value) else f"{value:.3f}"


WITHOUT_IMAGE = {
    "constant": {"segmentation": "the mean of training", "classification": "the majority"},
    "all_need": {"segmentation": "need everywhere", "classification": "need everywhere"},
    "position": {"segmentation": "position in the {frame}"},
    "box_position": {"segmentation": "position in the box"},
    "year": {"segmentation": "the year", "classification": "the year"},
    "box_size": {"segmentation": "size of the {frame}", "classification": "size of the box"},
    "years_since_harvest": {"segmentation": "years since harvest", "classification": "years since harvest"},
}
"""What predictors without an image are called, by task; `{frame}` is box or window."""


def without_image(name: str, task: str, frame: str = "box") -> str:
    """What a predictor without an image is called."""
    return WITHOUT_IMAGE[name][task].format(frame=frame)


def worse_than_the_mean(name: str, value: float) -> str:
    """The words that stand beside an R² below 0: the mean of the part itself has 0. Empty for all else."""
    return "worse than the mean" if name == "r2" and value < 0 else ""


def cell(name: str, value: float) -> str:
    """A value as a table shows it, with the words that it needs beside it."""
    words = worse_than_the_mean(name, value)
    return f"{text(value)} ({words})" if words else text(value)
