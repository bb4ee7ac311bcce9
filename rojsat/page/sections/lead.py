"""What a reader must know first, and how the page was made."""

from collections.abc import Iterable

from rojsat.page import published
from rojsat.page.cells import plural
from rojsat.page.needs import NeededFiles
from rojsat.page.page_inputs import PageInputs
from rojsat.page.run_report import RunReport

TITLE = "Need for clearing of young forest from Sentinel-2 images: the study of 2020, made again"

FULL_LENGTH = (
    "Every figure of a training is of the results at full length, which are kept in the repository; [Table H] and "
    "[Table I] have beside them what was trained with this page. A page of its own shows that: reports/{minutes}.html."
)


def needs(inputs: PageInputs) -> list[NeededFiles]:
    """The files that it reads."""
    return [inputs.drawings.need("facts.json"), *(report.need() for report in inputs.reports())]


def lead(inputs: PageInputs) -> list[str]:
    """Where the data come from, and how much was trained on them."""
    facts = inputs.facts
    return [
        _data(inputs),
        f"This page makes every figure and table of {published.study()}, numbered as there, and some of its own "
        "(lettered). Behind each is a button that copies the command that made it. Where the study publishes a number, "
        "it stands beside ours.",
        *([] if inputs.full is None else [FULL_LENGTH.format(minutes=inputs.minutes_name)]),
        f"Size {inputs.size}, trained with this page: {epochs(inputs.reports())}, on {facts['samples']} samples for "
        f"segmentation and {facts['chips']['stand']} images of stands.",
    ]


def _data(inputs: PageInputs) -> str:
    data = inputs.experiment.data
    if data.source != "simulated":
        return f"The data of this page are the data set {data.name} (source {data.source})."
    return (
        "The data of this page are simulated. No satellite image and no worker's track is behind it: the "
        "forest, the clouds, the sensor and the GPS points come from a model of a landscape like that around "
        f"Linköping (data set {data.name}). A number that agrees with the study's says that the "
        "method behaves alike on alike data, not that the study was repeated on its own."
    )


def epochs(reports: Iterable[RunReport]) -> str:
    """How long was trained, by task."""
    lengths: dict[str, set[int]] = {}
    for report in reports:
        lengths.setdefault(report.experiment.task, set()).add(len(report.history))
    clauses: list[str] = []
    for task, networks in (("classification", "classifiers"), ("segmentation", "segmenters")):
        if task in lengths:
            low, high = min(lengths[task]), max(lengths[task])
            span = plural(high, "epoch") if low == high else f"{low} to {high} epochs"
            clauses.append(f"{networks} {'' if clauses else 'are trained '}for {span}")
    return ", ".join(clauses)


def foot(inputs: PageInputs) -> list[str]:
    """How the page was made."""
    chips = inputs.chips
    digest = f"Chips of the data set {inputs.experiment.data.name}: {len(chips.index)}, digest {chips.digest[:12]}."
    return [f"Made by {inputs.command}.", digest]
