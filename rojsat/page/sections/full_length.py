"""The same experiments at the length of the study: beside this page's own, and every section of theirs."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from rojsat.chips.reader import Chips
from rojsat.page.cells import LABELS, cells, number
from rojsat.page.html import NUMBER, Cell, Grid, Item, Section
from rojsat.page.inputs import Report, Study
from rojsat.page.sections import classification, data, discussion, segmentation

TABLES = {"segmentation": "Table H", "classification": "Table I"}

METRICS = {"classification": ("accuracy", "f1_macro"), "segmentation": ("rmse", "r2", "spearman", "iou", "f1")}

_HEADS = {"accuracy": "accuracy", "f1_macro": "F1 (macro)"} | LABELS

_WORDS = {
    "classification": "Classifiers of stands on their test part",
    "segmentation": "Segmenters on their test part",
}


def items(study: Study, long: Study) -> list[Item]:
    """Tables H and I: what length and data are worth; none of a task without such runs."""
    found = {
        name: [*([study.report(name)] if name in study.pipeline.experiments else []), long.report(name)]
        for name in long.pipeline.experiments
    }
    tasks = {str(reports[-1].experiment.task) for reports in found.values()}
    return [
        _table(task, {name: reports for name, reports in found.items() if reports[-1].experiment.task == task})
        for task in TABLES
        if task in tasks
    ]


def sections(long: Study, chips: Chips) -> list[Section]:
    """Figures and tables of the page made from the trainings of `long`; every number has an L behind.

    Args:
        long: the trainings at the length of the study.
        chips: of their data set.
    """
    text, spots = data.edges(long)
    made = {
        "Classification of true colour images": ([], classification.of(long, "tci")),
        "Classification of indices": ([], classification.of(long, "s2")),
        "Split by dates": ([], segmentation.dates(long, chips)),
        "Split by regions": ([], segmentation.regions(long, chips)),
        "Numbers of segmentation": ([], [segmentation.table(long)]),
        "Discussion": ([], [discussion.discrete(long), discussion.leak(long)]),
        "Odd spots near edges": (text, spots),
        "Future work": ([], [discussion.future(long)]),
    }
    return [
        Section(f"{title}, at the length of the study", [_lettered(one) for one in said], [*map(_renumbered, them)], 3)
        for title, (said, them) in made.items()
    ]


def _lettered(text: str) -> str:
    """Numbers of figures and tables in a text, with an L behind."""
    return NUMBER.sub(r"\1L", text)


def _renumbered(item: Item) -> Item:
    return dataclasses.replace(
        item,
        numbers=[_lettered(one) for one in item.numbers],
        caption=_lettered(item.caption),
        note=_lettered(item.note),
    )


def _table(task: str, found: Mapping[str, Sequence[Report]]) -> Item:
    rows = [row for name, reports in found.items() for row in _rows(task, name, reports)]
    controls = [LABELS["false_positive_rate"]] if task == "segmentation" else []
    columns = [
        "experiment",
        "length",
        "passes",
        "minutes",
        "machine",
        *(_HEADS[one] for one in METRICS[task]),
        *controls,
    ]
    return Item(
        [TABLES[task]],
        f"{_WORDS[task]}, at the length of this page and at that of the study: more scenes, more stands, more passes. "
        "The two lengths are other simulated scenes, so their test parts differ.",
        [reports[-1].command for reports in found.values()],
        grid=Grid(columns, rows),
        note="Passes: over the training part; the weights judged are those of the pass with the lowest validation "
        "loss. Minutes: of all passes, on the machine named, which may have had other work.",
    )


def _rows(task: str, name: str, reports: Sequence[Report]) -> Iterator[list[Cell]]:
    for place, report in enumerate(reports):
        head = [Cell(name, span=len(reports), heads=True)] if place == 0 else []
        size, made = str(report.experiment.size), report.made
        minutes = number(float(made["seconds"]) / 60, 1) if "seconds" in made else "n/a"
        where = [Cell(str(len(report.history))), Cell(minutes), Cell(str(made.get("machine", "n/a")))]
        controls = (
            [Cell(number(report.summary["controls"].get("false_positive_rate")))] if task == "segmentation" else []
        )
        yield [*head, Cell(size, heads=True), *where, *cells(report.summary["test"], METRICS[task]), *controls]
