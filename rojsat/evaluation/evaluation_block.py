"""The blocks of text that an evaluation over folds and a comparison of several end with, see `run_block`.

Every value has its 95 % interval over regions where there is one, and stands beside predictors without an image.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rojsat.config import metric_names
from rojsat.evaluation import bootstrap, gain, pooling, reading_table, run_block
from rojsat.evaluation.text_columns import aligned, block, paragraph

COLUMNS = {
    "segmentation": ("iou", "prevalence", "r2"),
    "classification": ("accuracy", "f1_macro", "kappa", "prevalence"),
}
"""Metrics of the table, as wide as a screen with their intervals; F1 follows from the IoU, RMSE from R²."""

INTERVAL = "[95 % interval]"
"""Head of the first column: what brackets hold; over regions."""


def evaluated(
    evaluation: Mapping[str, Any],
    made_by: Mapping[str, Any],
    *,
    folder: str,
    about: Sequence[str] = (),
    then: str = "",
) -> str:
    """The block of a finished evaluation.

    Args:
        evaluation: content of `evaluation.json`.
        made_by: content of its `run.json`.
        folder: of the report, from the repository.
        about: sentences on the experiment.
        then: the command that helps most now; empty: none.
    """
    machines, compared = ", ".join(made_by["machines"]), evaluation["gain"]["metric"]
    sentences = []
    if "degree_scale" in evaluation:
        sentences.append(scales(evaluation["degree_scale"]))
    if evaluation["leak"]:
        sentences.append("It leaks: its metrics say little of regions that are not trained on.")
    if evaluation["regions"] < bootstrap.MINIMUM:
        sentences.append(f"{_regions(evaluation)}: too few to say that one evaluation is better than another.")
    sentences.append(seeds(evaluation, compared))
    if positives := run_block.false_positives(pooling.summary(evaluation)):
        sentences.append(positives)
    if "reads" in evaluation:
        sentences.append(f"What the model reads. {reading_table.sentence(evaluation['reads'], evaluation['task'])}")
    if "intervals" in evaluation:
        sentences.append(evaluation["intervals"]["text"])
    verdict = f"{gain.words(pooling.summary(evaluation))}."
    training = f"{made_by['seconds']:.0f} s of training on {machines}"
    return block(
        paragraph(f"{evaluation['name']}: {evaluated_on(evaluation)}", verdict),
        paragraph(training, *about),
        aligned(table(evaluation)),
        paragraph(*sentences),
        [f"folder:  {folder}", *([f"next:    {then}"] if then else [])],
    )


def evaluated_on(evaluation: Mapping[str, Any]) -> str:
    """`On 27 regions that were not trained on (k_fold_regions, 5 folds, 3 seeds), no leak`."""
    ground = "that were not trained on" if evaluation["claims_unseen"] else "that were trained on too"
    if "fitted" in evaluation:
        address = evaluation["evaluated_model"]["address"]
        return f"{address} on {_regions(evaluation)} ({evaluation['folds']}), {evaluation['fitted']}"
    folds, count = evaluation["fold_count"], len(evaluation["seeds"])
    how = f"{evaluation['folds']}, {folds} fold{'s' * (folds > 1)}, {count} seed{'s' * (count > 1)}"
    metres = evaluation.get("distance")  # 0 where the same ground is in both
    apart = "" if not metres else f", training and test at least {metres:.0f} m apart"
    return f"On {_regions(evaluation)} {ground} ({how}), {'leak' if evaluation['leak'] else 'no leak'}{apart}"


def scales(ends: Mapping[str, Any]) -> str:
    """What degree 1 is in the folds, where each scales the degree by its own training regions."""
    low, high = ends["threshold"]
    return (
        f"Every fold scales the degree by its own training regions: degree 1 is {low:.3g} to {high:.3g} {ends['unit']}."
    )


def _regions(evaluation: Mapping[str, Any]) -> str:
    return f"{evaluation['regions']} region{'' if evaluation['regions'] == 1 else 's'}"


def seeds(evaluation: Mapping[str, Any], metric: str) -> str:
    """By how much seeds differ in a metric, or that there is one alone."""
    label, estimate = metric_names.METRICS[metric].label, evaluation["metrics"][metric]
    if "seed_spread" not in estimate:
        return "One seed: how much another one would change is not known."
    count = len(evaluation["seeds"])
    return f"Standard deviation of {label} over {count} seeds: {metric_names.text(estimate['seed_spread'])}."


def table(evaluation: Mapping[str, Any]) -> list[list[str]]:
    """A head, the evaluated model, then the predictors without an image on the same pixels, the best one first."""
    task, frame, compared = evaluation["task"], evaluation.get("frame", "box"), evaluation["gain"]["metric"]
    others = evaluation["without_image"]
    ranked = sorted(others, key=lambda name: -others[name].get(compared, {}).get("value", -math.inf))
    rows = {evaluation["model"]: evaluation["metrics"]}
    rows |= {metric_names.without_image(name, task, frame): others[name] for name in ranked}
    names = [name for name in COLUMNS[task] if name in evaluation["metrics"]]
    head = [INTERVAL, *(metric_names.METRICS[name].label for name in names)]
    return [head, *([label, *(cell(name, values.get(name, {})) for name in names)] for label, values in rows.items())]


def cell(name: str, estimate: Mapping[str, float]) -> str:
    """A value with its interval and what must be known of it: `-0.019 [-0.100, 0.060] worse than the mean`."""
    value = estimate.get("value", math.nan)
    ends = [estimate[end] for end in ("low", "high") if end in estimate and name != "prevalence"]
    interval = f" [{', '.join(map(metric_names.text, ends))}]" if ends else ""
    return f"{metric_names.text(value)}{interval} {metric_names.worse_than_the_mean(name, value)}".rstrip()


def compared(content: Mapping[str, Any], marks: Sequence[str], *, page: str, then: str = "") -> str:
    """The block of a comparison.

    Args:
        content: of `comparison.json`.
        marks: sentences that come first.
        page: its path, from the repository.
        then: the command that helps most now; empty: none.
    """
    decides = content["metrics"][0]
    words = [f"{each['words']}." for each in content["differences"] if each["metric"] == decides]
    words += [f"{name}: {verdict}." for name, verdict in content["verdicts"].items()]
    return block(
        paragraph(*marks),
        aligned(_evaluations(content)),
        paragraph(*words),
        paragraph(*(f"{each['words']}." for each in content["differences"] if each["metric"] != decides)),
        [f"page:    {page}", *([f"next:    {then}"] if then else [])],
    )


def _evaluations(content: Mapping[str, Any]) -> list[list[str]]:
    """A row an evaluation, followed by the best predictor without an image in the metric that it is compared by."""
    names = [name for name in COLUMNS[content["task"]] if all(name in each for each in content["values"].values())]
    rows = [[INTERVAL, *(metric_names.METRICS[name].label for name in names)]]
    for beside in content["beside_without_image"]:
        name = beside["evaluation"]
        least = content["without_image"][name]
        labels = {name: content["values"][name], f"  {beside['best predictor without an image']}": least}
        rows += [[label, *(cell(each, values.get(each, {})) for each in names)] for label, values in labels.items()]
    return rows


def next_command(evaluation: Mapping[str, Any], words: Sequence[str], others: Sequence[str]) -> str:
    """What helps most after an evaluation: a comparison with another one, or a yardstick to compare with.

    Args:
        evaluation: content of `evaluation.json`.
        words: of the command line that asks for it.
        others: names of evaluations of the same data and split.
    """
    if others:
        return f"rojsat compare exp={evaluation['name']},{others[0]}"
    chosen = [word for word in words if word.startswith("variant=")]
    yardstick = "boosting" if any("ridge" in word for word in chosen) else "ridge"
    own = [word for word in words if not word.startswith(("variant=", "model."))]
    return " ".join(["rojsat evaluate", *own, f"variant={yardstick}"])
