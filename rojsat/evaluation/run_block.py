"""The block of text that a run ends with, on the terminal, in MLflow and beside its registered model.

Made from `summary.json` and `run.json` alone. Every metric stands beside those of predictors without an image.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rojsat.chips import degree_scale
from rojsat.config import metric_names
from rojsat.evaluation import bootstrap, gain, reading_table
from rojsat.evaluation.text_columns import aligned, block, paragraph

COLUMNS = {
    "segmentation": ("rmse", "spearman", "iou", "f1", "prevalence", "r2"),
    "classification": ("accuracy", "f1_macro", "precision_need", "recall_need", "prevalence"),
}
"""Metrics of the table; R² is the last: there is room for words beside it."""

NAMED = 5
"""Regions that are named; of more there is the number."""

MOST_REGIONS_LEFT_OUT_ALONE = 30
"""Up to so many regions each is a fold of its own in the evaluation that follows a run."""


def ended(
    summary: Mapping[str, Any], made_by: Mapping[str, Any], *, folder: str, about: Sequence[str] = (), then: str = ""
) -> str:
    """The block of a finished run: its first lines say where it was tested and whether it beats what sees no image.

    Args:
        summary: content of `summary.json`.
        made_by: content of `run.json`.
        folder: of the report, from the repository.
        about: sentences on the experiment.
        then: the command that helps most now; empty: none.
    """
    name = folder.rstrip("/").rpartition("/")[2]
    kept = f"seed {summary['seed']}, {kept_weights(summary)}"
    training = f"{kept}, {made_by['seconds']:.0f} s of training on {made_by['machine']}"
    places = [f"folder:  {folder} (metrics, predictions, figures)", *([f"next:    {then}"] if then else [])]
    return block(
        paragraph(f"{name}: {tested_on(summary)}", f"{gain.words(summary)}."),
        paragraph(training, *about),
        aligned(table(summary)),
        paragraph(*sentences(summary)),
        places,
    )


def kept_weights(summary: Mapping[str, Any]) -> str:
    """Which weights are evaluated, by `train.keep`: `epoch 8 of 30 kept`, `the last of 30 epochs kept`."""
    epoch, epochs = summary["best_epoch"], summary["epochs"]
    return {
        "best": f"epoch {epoch} of {epochs} kept",
        "last": f"the last of {epochs} epochs kept",
        "ema": f"the moving average of {epochs} epochs kept",
        "average": f"the mean of the last of {epochs} epochs kept",
    }[summary.get("kept", "best")]  # summaries of versions before have no other


def tested_on(summary: Mapping[str, Any]) -> str:
    """`tested on region 6 (5 images); split by regions, clean: …`: where, and how apart from training."""
    tested = summary["tested"]
    regions, images = tested["regions"], tested["images"]
    count = f"{images} image{'' if images == 1 else 's'}"
    named = ", ".join(regions) if len(regions) <= NAMED else str(len(regions))
    where = f"region{'' if len(regions) == 1 else 's'} {named}" if len(regions) <= NAMED else f"{named} regions"
    return f"tested on {where} ({count}); split by {summary['split']}, {tested['audit']}"


def table(summary: Mapping[str, Any]) -> list[list[str]]:
    """A head, the run, then the predictors without an image on the same pixels or chips, the best one first."""
    task, frame, compared = summary["task"], summary.get("frame", "box"), summary["gain"]["metric"]
    others = summary["without_image"]
    ranked = sorted(others, key=lambda name: -_number(others[name], compared))
    rows = {"this run": summary["test"]}
    rows |= {metric_names.without_image(name, task, frame): others[name] for name in ranked}
    names = [name for name in COLUMNS[task] if name in summary["test"]]
    head = ["", *(metric_names.METRICS[name].label for name in names)]
    return [head, *([label, *(cell(name, values) for name in names)] for label, values in rows.items())]


def _number(values: Mapping[str, float], name: str) -> float:
    """A metric to sort by; one that is not defined comes last."""
    value = values.get(name, math.nan)
    return -math.inf if math.isnan(value) else value


def cell(name: str, values: Mapping[str, float]) -> str:
    """A value of the table; an R² below 0 with what that means."""
    value = values.get(name, math.nan)
    return f"{metric_names.text(value)} {metric_names.worse_than_the_mean(name, value)}".strip()


def sentences(summary: Mapping[str, Any]) -> list[str]:
    """What a reader must know of the table."""
    words = [f"{degree_scale.words(summary['degree_scale'])}."] if "degree_scale" in summary else []
    if summary["leak"]:
        words.append("It leaks: its metrics say little of regions that are not trained on.")
    if few := too_few(summary["gain"]["regions"], summary["tested"]["images"]):
        words.append(few)
    if positives := false_positives(summary):
        words.append(positives)
    if "reads" in summary:
        words.append(f"What the model reads. {reading_table.sentence(summary['reads'], summary['task'])}")
    return [*words, *(f"Mind that {warning}." for warning in summary["tested"]["warnings"])]


def too_few(regions: int, images: int) -> str:
    """That a test on few regions decides nothing; empty where there are enough for an interval."""
    if regions >= bootstrap.MINIMUM:
        return ""
    where = "One test region" if regions == 1 else f"{regions} test regions"
    count = f"{images} image{'' if images == 1 else 's'}"
    return f"{where}, {count}: too few to say that one run is better than another."


def has_clear_controls(summary: Mapping[str, Any]) -> bool:
    """Whether the data set has control areas without need, of which something is seen."""
    return math.isfinite(summary.get("controls", {}).get("false_positive_rate", math.nan))


def false_positives(summary: Mapping[str, Any]) -> str:
    """How much ground without need is predicted as need, on test pixels and on control areas; empty where unknown."""
    name, parts = "false_positive_rate", []
    rate = summary["test"].get(name, math.nan)
    if math.isfinite(rate):
        best, _ = gain.best_of(summary)
        least = summary["without_image"][summary["best_without_image"]].get(name, math.nan)
        parts.append(f"{rate:.0%} of the test pixels without need ({best}: {_percent(least)})")
    if has_clear_controls(summary):
        parts.append(f"{summary['controls'][name]:.0%} of the control areas without need")
    return f"False positives: {' and '.join(parts)}; need everywhere has 100%." if parts else ""


def _percent(value: float) -> str:
    return "n/a" if math.isnan(value) else f"{value:.0%}"


def next_command(summary: Mapping[str, Any], words: Sequence[str]) -> str:
    """What helps most after a run.

    Args:
        summary: content of `summary.json`.
        words: of the experiment, `exp=unet_roi6`, without its split and seed.

    Returns:
        `rojsat promote …` of a run without a leak that beats the best predictor without an image; else its evaluation
        over folds of regions that are not trained on.
    """
    if summary["beats"] and not summary["leak"]:
        return " ".join(["rojsat promote", *words])
    regions = summary["tested"]["all_regions"]
    folds = "leave_one_region_out" if regions <= MOST_REGIONS_LEFT_OUT_ALONE else "k_fold_regions"
    return " ".join(["rojsat evaluate", *words, f"folds={folds}", "seeds=0,1,2"])
