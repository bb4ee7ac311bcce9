"""What the networks read: the image, or the frame that an image stands in (table K)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from rojsat.config import metric_names
from rojsat.evaluation import reading_table
from rojsat.page import evaluation_columns
from rojsat.page.cells import cells, head, number, two_decimals
from rojsat.page.html import Cell, Item, Table
from rojsat.page.needs import NeededFiles
from rojsat.page.page_inputs import PageInputs
from rojsat.page.plan import SectionPlan
from rojsat.page.references import Number


@dataclass(frozen=True)
class _Reading:
    """What one network reads.

    Attributes:
        label: what it is called.
        command: what evaluated it.
        task: segmentation or classification.
        reads: metrics of its test part as it is and perturbed.
    """

    label: str
    command: str
    task: str
    reads: Mapping[str, Any]

    @property
    def metric(self) -> str:
        """The metric that is shown."""
        return reading_table.first_metric(self.reads, self.task)

    @property
    def values(self) -> dict[str, float]:
        """That metric by the name of the perturbation."""
        by_name = reading_table.by_name(self.reads).items()
        return {name: values[self.metric] for name, values in by_name if self.metric in values}


def _of_evaluations(inputs: PageInputs) -> Iterator[_Reading]:
    """Of the evaluations with the most objects, in every frame."""
    largest = evaluation_columns.largest_of(evaluation_columns.columns_of(inputs))
    for report in largest.evaluated if largest else []:
        if "reads" in report.content:
            label = f"{report.listed.label}, {report.regions} objects"
            yield _Reading(label, report.listed.command, report.listed.task, report.content["reads"])


def _of_runs(inputs: PageInputs) -> Iterator[_Reading]:
    """Of the runs of the page."""
    for run in inputs.reports():
        if "reads" in run.summary:
            yield _Reading(run.name, run.command, run.experiment.task, run.summary["reads"])


_Readings = Callable[[PageInputs], Iterator[_Reading]]


def needs(inputs: PageInputs) -> list[NeededFiles]:
    """The files that the readings of runs are of; an evaluation that does not exist is left out."""
    return [report.need() for report in inputs.reports()]


def _findings(inputs: PageInputs, readings: _Readings) -> list[str]:
    """A sentence a network; where nothing was asked, that."""
    sentences = [
        two_decimals(f"{reading.label}: {reading_table.sentence(reading.reads, reading.task)}")
        for reading in readings(inputs)
    ]
    return sentences or ["Nothing here says yet what its network reads; making it again does."]


def _items(inputs: PageInputs, of: _Readings) -> list[Item]:
    """Table K, where any network was asked."""
    readings = list(of(inputs))
    if not readings:
        return []
    names = list(dict.fromkeys(name for reading in readings for name in reading.values))
    columns = ["network", "metric", *map(reading_table.title, names), "without an image"]
    return [
        Item(
            [Number("Table", "K")],
            "What the networks read: a metric of the test part as it is, and where something is taken from the images.",
            list(dict.fromkeys(reading.command for reading in readings)),
            table=Table(columns, [_row(reading, names) for reading in readings]),
            note="Where shuffled pixels or constant channels keep the number, the network reads the frame and not the "
            "forest. Frame moved: image and mask are shifted inside a larger window. Permuted: a group of channels "
            "comes from another chip. Without an image: 0 of R² is the mean, of accuracy the majority's.",
        )
    ]


def _row(reading: _Reading, names: list[str]) -> list[Cell]:
    values = [reading.values.get(name) for name in names]
    shown = [Cell("") if value is None else cells({reading.metric: value}, [reading.metric])[0] for value in values]
    least = reading_table.without_image(reading.reads["intact"], reading.metric)
    return [head(reading.label), head(metric_names.METRICS[reading.metric].label), *shown, Cell(number(least))]


_TITLE = "What the networks read"
_PROSE = [
    "Does a number come from the forest, or from where in its box a pixel lies? One thing at a time is taken away."
]

SECTION = SectionPlan(
    _TITLE,
    _PROSE,
    findings=partial(_findings, readings=_of_evaluations),
    items=partial(_items, of=_of_evaluations),
)
"""Of evaluations over folds."""

OF_RUNS = SectionPlan(
    _TITLE, _PROSE, findings=partial(_findings, readings=_of_runs), items=partial(_items, of=_of_runs), needs=needs
)
"""Of the runs of the page."""
