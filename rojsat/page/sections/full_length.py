"""The same experiments at full length, beside the page's own: tables H and I."""

from collections.abc import Iterator, Mapping, Sequence

from rojsat.page import beside_metrics
from rojsat.page.cells import LABELS, cells, head, number, plural
from rojsat.page.html import Cell, Item, Table
from rojsat.page.needs import NeededFiles
from rojsat.page.page_inputs import PageInputs
from rojsat.page.plan import SectionPlan
from rojsat.page.references import Number
from rojsat.page.run_report import PROVENANCE, RESULTS, RunReport
from rojsat.page.saved import FILE
from rojsat.page.sections import lead

TABLES = {"segmentation": Number("Table", "H"), "classification": Number("Table", "I")}

METRICS = {
    "classification": ("accuracy", "f1_macro", "prevalence"),
    "segmentation": ("rmse", "r2", "spearman", "iou", "f1", "prevalence"),
}

WORDS = {
    "classification": "Classifiers of stands on their test part",
    "segmentation": "Segmenters on their test part",
}


def _kept(inputs: PageInputs) -> PageInputs:
    """The results at full length of a page that has such.

    Raises:
        ValueError: if it has none.
    """
    if inputs.full is None:
        raise ValueError(f"a page of size {inputs.size} has no results at full length beside it")
    return inputs.full


def needs(inputs: PageInputs) -> list[NeededFiles]:
    """The files that it reads."""
    full = _kept(inputs)
    kept = [report.output.need(*RESULTS, PROVENANCE) for report in (*full.reports(), *full.variant_reports())]
    return [inputs.full_sections.need(FILE), *(report.need() for report in inputs.reports()), *kept]


def findings(inputs: PageInputs) -> list[str]:
    """How long, where and with what code was trained."""
    full = _kept(inputs)
    reports = full.reports()
    trained = [*reports, *full.variant_reports()]
    minutes = sum(float(report.provenance.get("seconds", 0)) for report in trained) / 60
    epochs = lead.epochs(reports)
    return [
        f"{epochs[0].upper()}{epochs[1:]}. {_machines(trained)} The epochs of the {plural(len(trained), 'training')} "
        f"took {minutes:.0f} minutes in all.{_commits(trained)}",
    ]


def _machines(reports: Sequence[RunReport]) -> str:
    """On what the experiments were trained."""
    names: dict[str, list[str]] = {}
    for report in reports:
        machine = str(report.provenance.get("machine", "a machine that its report does not name"))
        names.setdefault(machine, []).append(report.name)
    if len(names) == 1:
        return f"All were trained on {next(iter(names))}."
    clauses = [f"{', '.join(trained)} on {machine}" for machine, trained in names.items()]
    return f"Trained were {'; '.join(clauses)}."


def _commits(reports: Sequence[RunReport]) -> str:
    """With what code they were trained, where that is recorded."""
    commits = sorted({str(report.provenance["commit"])[:10] for report in reports if "commit" in report.provenance})
    return f" Code: commit {', '.join(commits)}." if commits else ""


def items(inputs: PageInputs) -> list[Item]:
    """Tables H and I; none of a task without results at full length."""
    full = _kept(inputs)
    compared = {
        name: [full.report(name), *([inputs.report(name)] if name in inputs.pipeline.experiments else [])]
        for name in full.pipeline.experiments
    }
    by_task = {
        task: {name: reports for name, reports in compared.items() if reports[0].experiment.task == task}
        for task in TABLES
    }
    return [_table(task, reports) for task, reports in by_task.items() if reports]


def _table(task: str, compared: Mapping[str, Sequence[RunReport]]) -> Item:
    """One table.

    Args:
        task: classification or segmentation.
        compared: the reports of each experiment, the one at full length first.
    """
    names = (*METRICS[task], *(["false_positive_rate"] if task == "segmentation" else []))
    columns = ["experiment", "size", "epochs", "minutes", *(LABELS[name] for name in names)]
    columns += beside_metrics.COLUMNS
    return Item(
        [TABLES[task]],
        f"{WORDS[task]}, at full length and at the size of this page. At full length there are more scenes, more "
        "stands and more epochs; the two sizes are other simulated scenes, so their test parts differ: "
        "compare each row with the predictors beside it alone.",
        [reports[0].command for reports in compared.values()],
        table=Table(columns, [row for name, reports in compared.items() for row in _rows(name, reports, names)]),
        note="The weights that are evaluated are those of the best epoch, the one with the lowest validation loss. "
        "Minutes: of all epochs, on a machine that may have had other work; recorded at full length only. "
        f"{beside_metrics.NOTE}",
    )


def _rows(name: str, reports: Sequence[RunReport], metrics: Sequence[str]) -> Iterator[list[Cell]]:
    for position, report in enumerate(reports):
        title = [head(name, len(reports))] if position == 0 else []
        is_full = report is reports[0]
        minutes = _minutes(report) if is_full else ""
        values = dict(report.summary["test"])
        if "false_positive_rate" in metrics:
            rate = report.false_positive_rate
            values["false_positive_rate"] = float("nan") if rate is None else rate
        size = head(report.experiment.size)
        cost = [Cell(str(len(report.history))), Cell(minutes)]
        yield [*title, size, *cost, *cells(values, metrics), *beside_metrics.cells(report.summary)]


def _minutes(report: RunReport) -> str:
    """Minutes of a training."""
    seconds = report.provenance.get("seconds")
    return number(None if seconds is None else float(seconds) / 60, 1)


SECTION = SectionPlan(
    "Every training, at full length and in minutes",
    [
        "What an hour or two on a CPU allows is also trained at full length (size=full): for more epochs, on about as "
        "many images as the study had, from random initialisation. These trainings are not repeated with the page: "
        "their results are kept in the repository (results/full).",
    ],
    findings=findings,
    items=items,
    needs=needs,
)
