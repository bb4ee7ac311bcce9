"""What a network reads, as a table and a sentence. Knows only the metrics of a test part and its perturbations."""

import math
from collections.abc import Mapping
from typing import Any

from rojsat.config import metric_names

KEPT = 0.5
"""Share of the gain over a predictor without an image from which on a network is reported to keep it."""

TITLES = {
    "intact": "as it is",
    "shuffled": "pixels shuffled within each chip",
    "constant": "all channels constant",
    "moved": "frame moved",
}
"""What the table calls each perturbation; groups of channels follow by their names."""

PERMUTED = "permuted"


def by_name(reads: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """The metrics of every perturbation; those of a permuted group of channels under `permuted_<group>`."""
    groups = {f"{PERMUTED}_{group}": dict(values) for group, values in reads.get(PERMUTED, {}).items()}
    return {name: dict(reads[name]) for name in TITLES if name in reads} | groups


def title(name: str) -> str:
    """What a table or figure calls a perturbation, a name of `by_name`."""
    return TITLES.get(name, f"{name.removeprefix(f'{PERMUTED}_')} permuted")


def first_metric(reads: Mapping[str, Any], task: str) -> str:
    """The metric that the sentence is about: the first of a task that the test part has.

    Raises:
        ValueError: if it has none of them.
    """
    for name in (*metric_names.FEW[task], *metric_names.HEADLINE[task]):
        if name in reads["intact"]:
            return name
    raise ValueError(f"what a network reads needs one of {metric_names.HEADLINE[task]}, not {sorted(reads['intact'])}")


def markdown(reads: Mapping[str, Any], task: str) -> list[str]:
    """The lines of the table, a row a perturbation, with the few metrics of the task."""
    names = [name for name in metric_names.FEW[task] if name in reads["intact"]] or [first_metric(reads, task)]
    head = ["test part", *(metric_names.METRICS[name].label for name in names)]
    rows = [
        [title(key), *(text(name, values.get(name, math.nan)) for name in names)]
        for key, values in by_name(reads).items()
    ]
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]


def text(name: str, value: float) -> str:
    """A value of a metric as table and figure show it; an R² below 0 with what that means."""
    digits = metric_names.text(value)
    return f"{digits} (worse than the mean)" if name == "r2" and value < 0 else digits


def without_image(values: Mapping[str, float], metric: str) -> float:
    """What a predictor without an image reaches in a metric on the same pixels or chips; NaN where that is not known.

    R²: 0, the mean of these pixels. Accuracy: the share of the most frequent class. IoU of need: its share of the
    pixels, which is what "every pixel is in need" reaches.
    """
    if metric == "r2":
        return 0.0
    if metric == "accuracy":
        counts = [value for name, value in values.items() if name.startswith("support_")]
        return max(counts) / sum(counts) if sum(counts) else math.nan
    return values.get("prevalence", math.nan) if metric == "iou" else math.nan


def sentence(reads: Mapping[str, Any], task: str) -> str:
    """What the numbers show, one sentence; it says so where they show nothing.

    Compared are gains over a predictor without an image, see `without_image`; `KEPT` of it counts as kept. A model that
    keeps it with constant channels can read the frame alone. One that keeps it with shuffled pixels may read the frame
    or the mean spectrum of a chip, which these two do not tell apart.
    """
    metric = first_metric(reads, task)
    values = {name: metrics.get(metric, math.nan) for name, metrics in by_name(reads).items()}
    label, least = metric_names.METRICS[metric].label, without_image(reads["intact"], metric)
    intact = values["intact"]
    if math.isnan(least) or math.isnan(intact):
        return f"{label} says nothing of what the network reads: it is not defined here, or has no known lower bound."
    if intact <= least:
        what = "worse than the mean" if metric == "r2" and intact < 0 else "no better than a predictor without an image"
        return f"{label} is {intact:.2f}, {what}: there is nothing of which to ask where the network reads it."

    def keeps(name: str) -> bool:
        return bool(values[name] - least >= KEPT * (intact - least))

    def value(name: str) -> str:
        worse = " (worse than the mean)" if metric == "r2" and values[name] < 0 else ""
        return f"{values[name]:.2f}{worse}"

    if keeps("constant"):
        kept = f"Keeps {value('constant')} of {label} {intact:.2f} with all channels constant"
        return f"{kept}: it reads the frame, not the forest."
    rest = f"{value('shuffled')} with the pixels of each chip shuffled, {value('constant')} with all channels constant"
    if keeps("shuffled"):
        read = "the frame or the mean spectrum of a chip, not where a spectrum stands"
        return f"Of {label} {intact:.2f} it keeps {rest}: it reads {read}."
    if not keeps("moved"):
        fall = f"{label} falls from {intact:.2f} to {value('moved')} when the frame is moved"
        return f"{fall}: it reads the place in the frame."
    return f"{label} is {intact:.2f}, {value('moved')} with the frame moved, {rest}: it reads the image."
