"""The leak of stands: other dates of the same stands against stands not trained on (table M)."""

from rojsat.page import evaluation_columns
from rojsat.page.cells import head
from rojsat.page.evaluation_columns import NOT_EVALUATED
from rojsat.page.evaluation_report import EvaluationReport
from rojsat.page.html import Cell, Item, Table
from rojsat.page.page_inputs import PageInputs
from rojsat.page.plan import SectionPlan
from rojsat.page.references import Number

TESTED_ON = {True: "stands not trained on", False: "other dates of the same stands"}
"""By whether the split claims that its test regions are not trained on."""


def _reports(inputs: PageInputs) -> list[EvaluationReport]:
    return [report for report in inputs.evaluations if report.listed.task == "classification"]


def findings(inputs: PageInputs) -> list[str]:
    """What each classifier has on either side."""
    sentences = []
    for label in dict.fromkeys(report.listed.label for report in _reports(inputs)):
        evaluated = [report for report in _reports(inputs) if report.listed.label == label and report.exists]
        values = {bool(report.content["claims_unseen"]): report.metric("accuracy") for report in evaluated}
        seen, unseen = values.get(False), values.get(True)
        if seen is not None and unseen is not None:
            sentences.append(
                f"{label}: accuracy {evaluation_columns.with_interval(seen)} on {TESTED_ON[False]}, "
                f"{evaluation_columns.with_interval(unseen)} on {TESTED_ON[True]}."
            )
    return sentences


def items(inputs: PageInputs) -> list[Item]:
    """Table M; none on a page without such evaluations."""
    reports = _reports(inputs)
    if not reports:
        return []
    columns = [
        "classifier",
        "tested on",
        "accuracy",
        "F1 (macro)",
        "prevalence",
        "best without an image",
        "gain over it",
    ]
    return [
        Item(
            [Number("Table", "M")],
            "The leak of stands: the same classifier tested on other dates of the stands that it was trained on, as in "
            "the study, and on stands that it was not trained on.",
            [report.listed.command for report in reports],
            table=Table(columns, [_row(report) for report in reports]),
            note="Below each number its 95 % interval, over stands. Best without an image: the majority, or the label "
            "of the training stand whose box is nearest in height and width.",
        )
    ]


def _row(report: EvaluationReport) -> list[Cell]:
    if not report.exists:
        missing = Cell(NOT_EVALUATED, hint=report.listed.command)
        return [head(report.listed.label), head(""), missing, *(Cell("") for _ in range(4))]
    content, gain = report.content, report.gain
    best = report.without_image(content["best_without_image"], "accuracy")
    tone = "" if report.beats is None else "good" if report.beats else "bad"
    metrics = [report.metric(name) for name in ("accuracy", "f1_macro")]
    return [
        head(report.listed.label),
        head(TESTED_ON[bool(content["claims_unseen"])]),
        *(
            Cell("n/a") if metric is None else Cell(f"{metric.value:.2f}", evaluation_columns.interval(metric))
            for metric in metrics
        ),
        Cell(f"{float(content['prevalence']):.2f}"),
        Cell(NOT_EVALUATED if best is None else f"{best.value:.2f}", report.against),
        Cell(f"{gain.value:+.2f}", evaluation_columns.interval(gain), tone=tone),
    ]


SECTION = SectionPlan(
    "The leak of stands",
    [
        "The study splits stands by dates: the same stand stands in training and test. [Table M] asks the same "
        "classifiers for stands that they were not trained on.",
    ],
    findings=findings,
    items=items,
)
