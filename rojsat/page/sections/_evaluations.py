"""The table and the figure of the page's first look, from evaluations over folds: table J and figure C."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from rojsat.config import metric_names
from rojsat.figures import learning_curve
from rojsat.figures.learning_curve import LearningCurve
from rojsat.page import evaluation_columns
from rojsat.page.cells import head, number, picture
from rojsat.page.evaluation_columns import NOT_EVALUATED, TASK, Column
from rojsat.page.evaluation_report import Estimate, EvaluationReport
from rojsat.page.html import Cell, Item, Table
from rojsat.page.references import Number


def table(columns: Sequence[Column]) -> Item:
    """Every predictor on regions not trained on: R² by number of objects; IoU, gain and verdict with the most."""
    largest = evaluation_columns.largest_of(columns) or columns[-1]
    groups = {"no image": [*_blind_rows(columns, largest)], "image": [*_learner_rows(columns, largest)]}
    for sees, rows in groups.items():
        if rows:
            rows[0].insert(0, head(sees, len(rows)))
    titles = [f"R², {column.title}" for column in columns]
    more = [
        f"IoU, {largest.title}{_prevalence(largest)}",
        f"gain in R², {largest.title}",
        "better than without an image?",
    ]
    return Item(
        [Number("Table", "J")],
        "Degree of need on regions not trained on; below each number its 95 % interval.",
        [report.listed.command for column in columns for report in column.reports.values()],
        table=Table(["sees", "predictor", *titles, *more], [row for rows in groups.values() for row in rows]),
        note=" ".join(_notes(columns)),
    )


def _prevalence(column: Column) -> str:
    """The prevalence of need that the column's IoU stand beside: one, for all are of the same pixels."""
    values = sorted({f"{float(report.content['prevalence']):.2f}" for report in column.evaluated})
    return f", prevalence {' or '.join(values)}" if values else ""


def _notes(columns: Sequence[Column]) -> Iterator[str]:
    yield (
        "Green: better than the best predictor without an image; the interval of its gain lies above 0, and no "
        "predictor without an image has more in any frame. Need everywhere has the prevalence of need as its IoU."
    )
    labels = [report.listed.label for column in columns for report in column.evaluated if not report.is_kept]
    if labels:
        yield f"Made on this machine, no kept result: {', '.join(dict.fromkeys(labels))}."
    missing = [report for column in columns for report in column.reports.values() if not report.exists]
    if missing:
        yield f"Of its commands {len(missing)} did not run yet; a cell without a number shows its own."


def _blind_rows(columns: Sequence[Column], largest: Column) -> Iterator[list[Cell]]:
    """Mean of training, need everywhere, and position in each frame."""
    frames = list(dict.fromkeys(frame for column in columns for frame in column.frames))
    predictors = [("constant", frames[:1]), ("all_need", frames[:1]), *(("position", [frame]) for frame in frames)]
    for predictor, in_frame in predictors:
        for frame in in_frame:
            predictions = [column.blind(predictor, frame) for column in columns]
            labels = [prediction.label for prediction in predictions if prediction is not None]
            if labels:
                r2 = [_r2(None if prediction is None else prediction.r2) for prediction in predictions]
                iou = _iou(largest.blind_metric(predictor, frame, "iou"))
                yield [head(labels[0]), *r2, iou, Cell(""), Cell("")]


def _learner_rows(columns: Sequence[Column], largest: Column) -> Iterator[list[Cell]]:
    """Every learner of the list."""
    for label in dict.fromkeys(label for column in columns for label in column.reports):
        r2 = [_of(column, label, _learner_r2) for column in columns]
        yield [
            head(label),
            *r2,
            _of(largest, label, lambda _, report: _iou(report.metric("iou"))),
            _of(largest, label, _gain),
            _verdict(columns, label),
        ]


def _of(column: Column, label: str, cell: Callable[[Column, EvaluationReport], Cell]) -> Cell:
    """A cell of a learner; where it is not evaluated, what evaluates it."""
    report = column.reports.get(label)
    if report is None:
        return Cell("")
    return cell(column, report) if report.exists else Cell(NOT_EVALUATED, hint=report.listed.command)


def _learner_r2(column: Column, report: EvaluationReport) -> Cell:
    return _r2(report.metric("r2"), tone="good" if column.wins(report) else "")


def _r2(estimate: Estimate | None, tone: str = "") -> Cell:
    """R² with its interval."""
    if estimate is None:
        return Cell(NOT_EVALUATED)
    value = evaluation_columns.two_digits(estimate.value)
    words = [metric_names.worse_than_the_mean("r2", float(value)), evaluation_columns.interval(estimate)]
    return Cell(value, "\n".join(filter(None, words)), tone=tone)


def _iou(estimate: Estimate | None) -> Cell:
    return Cell(NOT_EVALUATED if estimate is None else evaluation_columns.two_digits(estimate.value))


def _gain(column: Column, report: EvaluationReport) -> Cell:
    """The gain over the best predictor without an image in the learner's own frame, which is named."""
    words = [evaluation_columns.interval(report.gain), f"over {report.against}".removesuffix(" of training")]
    tone = "good" if column.wins(report) else "bad" if report.beats is False else ""
    return Cell(f"{report.gain.value:+.2f}", "\n".join(filter(None, words)), tone=tone)


def _verdict(columns: Sequence[Column], label: str) -> Cell:
    """With how many objects a learner beats the best predictor without an image, in words."""
    by_objects = {
        column.objects: (column, column.reports[label])
        for column in columns
        if label in column.reports and column.reports[label].exists
    }
    if not by_objects:
        return Cell(NOT_EVALUATED)
    better = [objects for objects, (column, report) in by_objects.items() if column.wins(report)]
    if better:
        is_steady = better == [objects for objects in by_objects if objects >= better[0]]
        since = f"from {better[0]} objects on" if len(better) > 1 and is_steady else f"with {_listed(better)} objects"
        return Cell("yes" if is_steady else "not always", since, tone="good" if is_steady else "")
    column, last = by_objects[max(by_objects)]
    if last.beats is False:
        return Cell("no, worse", tone="bad")
    if last.gain.low is None:
        return Cell("no", "too few regions to say more")
    if last.beats and column.best_blind is not None:
        return Cell("no", f"{column.best_blind.label} has more")
    return Cell("no", "the interval holds 0")


def _listed(counts: Sequence[int]) -> str:
    return evaluation_columns.joined(list(map(str, counts)))


def figure(columns: Sequence[Column]) -> Item:
    """R² by number of objects; a learner each, and position in each frame."""
    evaluated = [column for column in columns if column.evaluated]
    curves: list[LearningCurve] = []
    for frame in dict.fromkeys(frame for column in evaluated for frame in column.frames):
        blind = {column.objects: column.blind("position", frame) for column in evaluated}
        estimates = {objects: None if point is None else point.r2 for objects, point in blind.items()}
        label = f"{metric_names.without_image('position', TASK, frame)}, no image"
        curves += _curve(label, estimates, sees_image=False)
    for label in dict.fromkeys(label for column in evaluated for label in column.reports):
        reports = {column.objects: column.reports[label] for column in evaluated if label in column.reports}
        estimates = {objects: report.metric("r2") for objects, report in reports.items()}
        curves += _curve(label, estimates, sees_image=True)
    drawn = learning_curve.learning_curves(curves, "R² on regions not trained on", "clearing objects")
    return Item(
        [Number("Fig.", "C")],
        "What more objects are worth: R² of [Table J] with its intervals; at 0 no better than the mean.",
        [report.listed.command for column in evaluated for report in column.evaluated],
        [picture(drawn, f"A line a predictor: {'; '.join(map(_curve_words, curves))}.", 400)],
    )


def _curve_words(curve: LearningCurve) -> str:
    """Where a line begins and ends."""
    ends = [(curve.counts[end], curve.values[end]) for end in dict.fromkeys((0, len(curve.counts) - 1))]
    return f"{curve.label}, R² " + ", ".join(f"{number(value)} with {count} objects" for count, value in ends)


def _curve(label: str, estimates: Mapping[int, Estimate | None], *, sees_image: bool) -> list[LearningCurve]:
    """The curve through the points that are evaluated; none without any."""
    points = {objects: estimate for objects, estimate in sorted(estimates.items()) if estimate is not None}
    if not points:
        return []
    values = [point.value for point in points.values()]
    lows = [point.value if point.low is None else point.low for point in points.values()]
    highs = [point.value if point.high is None else point.high for point in points.values()]
    return [LearningCurve(label, list(points), values, lows, highs, sees_image)]
