"""The same experiments at the length of the study, beside this page's own."""

from collections.abc import Iterator

from rojsat.report.page import Cell, Grid, Item
from rojsat.study.drawing import LABELS, cells, number
from rojsat.study.reports import Report, Study

TABLES = {"segmentation": "Table H", "classification": "Table I"}

METRICS = {"classification": ("accuracy", "f1_macro"), "segmentation": ("rmse", "r2", "spearman", "iou", "f1")}

_HEADS = {"accuracy": "accuracy", "f1_macro": "F1 (macro)"} | LABELS

_WORDS = {
    "classification": "Classifiers of stands on their test part",
    "segmentation": "Segmenters on their test part",
}


def items(study: Study) -> list[Item]:
    """Tables H and I: what length and data are worth; none of a task without such runs."""
    pairs = {name: (study.report(name), study.long(name)) for name in study.matrix.long}
    tasks = {str(long.experiment.task) for _, long in pairs.values()}
    return [
        _table(task, {name: pair for name, pair in pairs.items() if pair[1].experiment.task == task})
        for task in TABLES
        if task in tasks
    ]


def _table(task: str, pairs: dict[str, tuple[Report, Report]]) -> Item:
    rows = [row for name, pair in pairs.items() for row in _rows(task, name, pair)]
    probes = [LABELS["false_alarm"]] if task == "segmentation" else []
    columns = ["experiment", "length", "passes", "minutes", "machine", *(_HEADS[one] for one in METRICS[task]), *probes]
    return Item(
        [TABLES[task]],
        f"{_WORDS[task]}, at the length of this page and at that of the study: more scenes, more stands, more passes. "
        "The two lengths are other simulated scenes, so their test parts differ.",
        [long.command for _, long in pairs.values()],
        grid=Grid(columns, rows),
        note="Passes: over the training part; the weights judged are those of the pass with the lowest validation "
        "loss. Minutes: of all passes, on the machine named, which may have had other work.",
    )


def _rows(task: str, name: str, pair: tuple[Report, Report]) -> Iterator[list[Cell]]:
    for place, report in enumerate(pair):
        head = [Cell(name, span=len(pair), heads=True)] if place == 0 else []
        size, made = str(report.experiment.size), report.made
        minutes = number(float(made["seconds"]) / 60, 1) if "seconds" in made else "n/a"
        where = [Cell(str(len(report.history))), Cell(minutes), Cell(str(made.get("machine", "n/a")))]
        probes = [Cell(number(report.summary["probes"].get("false_alarm")))] if task == "segmentation" else []
        yield [*head, Cell(size, heads=True), *where, *cells(report.summary["test"], METRICS[task]), *probes]
