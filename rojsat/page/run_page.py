"""The page of one run: what came of it beside predictors without an image, and its figures. Knows its report alone."""

import math
from collections.abc import Mapping
from typing import Any

from rojsat.config import metric_names
from rojsat.evaluation import gain, reading_table
from rojsat.page.cells import cells, head, plural, stored
from rojsat.page.html import Item, Page, Section, Table
from rojsat.page.needs import NeededFiles
from rojsat.page.references import Number
from rojsat.page.run_report import RunReport

SIMULATED = "simulated"
"""The source whose landscapes are no real places."""

_FIGURES = {
    "predictions_test": (
        "Images of the test part, the target and the prediction, from the best to the worst.",
        "Rows of an image in true colour, its mask and its prediction: the best predicted "
        "above, the worst below; masks are hatched where no worker walked",
    ),
    "confusion_test": (
        "Targets and predictions of the test part, counted.",
        "A matrix of counts: target classes by predicted classes",
    ),
    "reads": (
        "The metric of the test part where something is taken from the images.",
        "Bars: the metric of the images as they are and of images that were perturbed",
    ),
    "loss": (
        "Losses of training and validation by epoch.",
        "Two curves by epoch: the loss of training and that of validation",
    ),
}
"""Figures of a run: what one sees, and the alternative text."""


def needs(report: RunReport) -> list[NeededFiles]:
    """The files that the page is made of."""
    return [report.output.need("summary.json", *(f"figures/{name}.png" for name in _first_figure(report)))]


def _first_figure(report: RunReport) -> list[str]:
    """The figure that every run of a task has."""
    return ["confusion_test" if report.experiment.task == "classification" else "predictions_test"]


def page(report: RunReport) -> Page:
    """The page; everything that `needs` names must exist."""
    summary, experiment = report.summary, report.experiment
    lead = [f"{gain.words(summary)}.", *_marks(report)]
    sections = [
        Section("Beside predictors without an image", [_METRICS], [_table(report)]),
        Section("Figures", _reading(summary), _figures(report)),
    ]
    foot = [f"Data set {experiment.data.name}, split {experiment.split.name}, seed {experiment.seed}."]
    return Page(f"{report.name}: {report.title} on {_tested(summary)}", lead, sections, foot)


_METRICS = (
    "On the same pixels of the test part. R² below 0 is worse than the mean of the tested pixels. The IoU of "
    "predicting need everywhere is the prevalence."
)


def _tested(summary: Mapping[str, Any]) -> str:
    """`2 regions not trained on`."""
    regions = plural(summary["gain"]["regions"], "region")
    return f"other dates of {regions} trained on" if summary["leak"] else f"{regions} not trained on"


def _marks(report: RunReport) -> list[str]:
    """What must be known with the result."""
    marks = []
    if report.summary["leak"]:
        marks.append("The test part leaks: its regions were trained on, on other dates. It says nothing of new ground.")
    if report.experiment.data.source == SIMULATED:
        marks.append("The landscape is simulated: the numbers say that everything works, and nothing of real forests.")
    return marks


def _table(report: RunReport) -> Item:
    """This run and every predictor without an image."""
    summary, task = report.summary, report.experiment.task
    names = [name for name in (*metric_names.HEADLINE[task], "false_positive_rate") if name in summary["test"]]
    rows = [[head(f"this run ({report.title})"), *cells(summary["test"], names)]]
    for predictor, values in summary["without_image"].items():
        label = metric_names.without_image(predictor, task, summary.get("frame", "box"))
        rows.append([head(label), *cells({name: values.get(name, math.nan) for name in names}, names)])
    columns = ["", *(metric_names.METRICS[name].label for name in names)]
    return Item([Number("Table", "1")], "Metrics of the test part.", [report.command], table=Table(columns, rows))


def _reading(summary: Mapping[str, Any]) -> list[str]:
    """What the model reads, in a sentence; nothing where it was not asked."""
    return [reading_table.sentence(summary["reads"], summary["task"])] if "reads" in summary else []


def _figures(report: RunReport) -> list[Item]:
    """The figures that the run has."""
    folder = report.output.path / "figures"
    files = [(folder / f"{name}.png", texts) for name, texts in _FIGURES.items()]
    shown = [(file, texts) for file, texts in files if file.exists()]
    return [
        Item([Number("Fig.", str(number))], caption, [report.command], [stored(file, alternative)])
        for number, (file, (caption, alternative)) in enumerate(shown, 1)
    ]
