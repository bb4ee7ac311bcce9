"""Table N: which model for what, each row beside what a predictor without an image reaches there."""

from collections.abc import Iterator, Sequence

from rojsat.config import metric_names
from rojsat.page import evaluation_columns
from rojsat.page.cells import head, number
from rojsat.page.evaluation_columns import Column
from rojsat.page.evaluation_report import Estimate, EvaluationReport
from rojsat.page.html import Cell, Item, Table
from rojsat.page.page_inputs import PageInputs
from rojsat.page.references import Number

COLUMNS = ("for", "best", "its number", "without an image", "gain", "use it?")


def table(inputs: PageInputs, columns: Sequence[Column]) -> Item:
    """The degree by number of objects, need or no need with the most, and the class of a stand.

    Args:
        inputs: of the page.
        columns: at least one of them evaluated.
    """
    evaluated = [column for column in columns if column.evaluated]
    rows = [_degree(column) for column in evaluated]
    rows += [row for column in evaluated[-1:] for row in _need(column)]
    classifiers = [report for report in inputs.evaluations if report.listed.task == "classification" and report.exists]
    rows += [row for is_unseen in (True, False) for row in _stands(classifiers, is_unseen)]
    commands = [report.listed.command for column in evaluated for report in column.evaluated]
    return Item(
        [Number("Table", "N")],
        "Which model for what, on regions or stands not trained on unless a row says otherwise; below each number its "
        "95 % interval.",
        [*commands, *(report.listed.command for report in classifiers)],
        table=Table(COLUMNS, rows),
        note="Best: the highest gain over the best predictor without an image. Others whose interval overlaps are as "
        "good a choice: [Table J] has all. Of IoU no interval of the gain is kept.",
    )


def _cell(estimate: Estimate | None, label: str, sign: str = "") -> Cell:
    """A number with its metric or predictor, and its interval below."""
    if estimate is None:
        return Cell(evaluation_columns.NOT_EVALUATED)
    value = f"{round(estimate.value, 2) + 0.0:{sign}.2f}"
    words = metric_names.worse_than_the_mean(label.partition(" ")[0].replace("R²", "r2"), float(value))
    return Cell(value, "\n".join(filter(None, [label, evaluation_columns.interval(estimate), words])))


def _row(subject: str, best: EvaluationReport, metric: str, words: str, verdict: Cell) -> list[Cell]:
    """A row: the best evaluation, the best predictor without an image beside it, the gain, and the verdict.

    Args:
        subject: what it is for.
        best: the evaluation.
        metric: `r2` or `accuracy`.
        words: the metric's name on the page.
        verdict: whether to use it.
    """
    return [
        head(subject),
        head(best.listed.label),
        _cell(best.metric(metric), words),
        _cell(best.without_image(best.content["best_without_image"], metric), best.against),
        _cell(best.gain, f"of {words}", "+"),
        verdict,
    ]


def _degree(column: Column) -> list[Cell]:
    best = column.winners[0] if column.winners else column.closest
    also = [report.listed.label for report in column.winners[1:]]
    words = f"so do {evaluation_columns.joined(also)}" if also else ""
    verdict = Cell("yes", words, tone="good") if column.winners else Cell("no", _why_not(column), tone="bad")
    return _row(f"degree of need, {column.title}", best, "r2", "R²", verdict)


def _why_not(column: Column) -> str:
    if column.closest.gain.low is None:
        return "too few regions to say more"
    return "a predictor without an image has more" if column.closest.beats else "the gain may be chance"


def _need(column: Column) -> Iterator[list[Cell]]:
    """Need or no need: the highest IoU, beside the highest without an image and need everywhere."""
    overlaps = {report.listed.label: report.metric("iou") for report in column.evaluated}
    known = {label: iou for label, iou in overlaps.items() if iou is not None}
    blinds = {
        metric_names.without_image(name, evaluation_columns.TASK, frame): column.blind_metric(name, frame, "iou")
        for frame in column.frames
        for name in metric_names.WITHOUT_IMAGE
    }
    without = {label: iou for label, iou in blinds.items() if iou is not None}
    if not known or not without:
        return
    best, blind = max(known, key=lambda label: known[label].value), max(without, key=lambda label: without[label].value)
    gain = known[best].value - without[blind].value
    is_apart = _apart(known[best], without[blind])
    everywhere = column.evaluated[0].content["prevalence"]
    yield [
        head(f"need or no need, {column.title}"),
        head(best),
        _cell(known[best], f"IoU, need everywhere {number(everywhere)}"),
        _cell(without[blind], blind),
        Cell(f"{gain:+.2f}", "of IoU"),
        Cell("yes", "the intervals lie apart", tone="good") if is_apart else Cell("not shown", "the intervals overlap"),
    ]


def _apart(above: Estimate, below: Estimate) -> bool:
    """Whether the interval of the first lies above that of the second."""
    return above.low is not None and below.high is not None and above.low > below.high


def _stands(reports: Sequence[EvaluationReport], is_unseen: bool) -> Iterator[list[Cell]]:
    """The class of a stand: the classifier with the largest gain."""
    compared = [report for report in reports if bool(report.content["claims_unseen"]) is is_unseen]
    if not compared:
        return
    best = max(compared, key=lambda report: report.gain.value)
    verdicts = {
        True: Cell("yes", tone="good"),
        False: Cell("no, worse", tone="bad"),
        None: Cell("no", "the gain may be chance", tone="bad"),
    }
    where = "stands not trained on" if is_unseen else "other dates of stands trained on"
    yield _row(f"class of a stand, {where}", best, "accuracy", "accuracy", verdicts[best.beats])
