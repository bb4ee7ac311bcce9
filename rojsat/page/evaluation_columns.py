"""Evaluations of segmenters as columns of a table: one a data set, the one with the fewest objects first."""

from collections.abc import Sequence
from dataclasses import dataclass

from rojsat.config import metric_names
from rojsat.page.evaluation_report import Estimate, EvaluationReport
from rojsat.page.page_inputs import PageInputs

NOT_EVALUATED = "not evaluated"

TASK = "segmentation"


@dataclass(frozen=True)
class BlindPrediction:
    """A predictor without an image on one data set.

    Attributes:
        label: what it is called, `position in the box`.
        r2: its R² on regions not trained on.
    """

    label: str
    r2: Estimate


@dataclass(frozen=True)
class Column:
    """The evaluations on one data set.

    Attributes:
        data: its name.
        reports: by the labels of their rows, those that do not exist among them.
    """

    data: str
    reports: dict[str, EvaluationReport]

    @property
    def evaluated(self) -> list[EvaluationReport]:
        """Those that exist."""
        return [report for report in self.reports.values() if report.exists]

    @property
    def objects(self) -> int:
        """Clearing objects that are evaluated on; 0 where nothing is evaluated."""
        return self.evaluated[0].regions if self.evaluated else 0

    @property
    def title(self) -> str:
        """`27 objects`, or the name of the data set where nothing is evaluated."""
        return f"{self.objects} objects" if self.evaluated else self.data

    @property
    def frames(self) -> dict[str, EvaluationReport]:
        """One evaluation a frame, whose predictors without an image stand for all of that frame."""
        frames: dict[str, EvaluationReport] = {}
        for report in self.evaluated:
            frames.setdefault(str(report.content["frame"]), report)
        return frames

    def blind_metric(self, predictor: str, frame: str, name: str) -> Estimate | None:
        """A metric of a predictor without an image in a frame; None where it is not evaluated.

        Evaluations in the frame `window` have the position in the box too, on the same pixels.
        """
        if frame in self.frames:
            return self.frames[frame].without_image(predictor, name)
        beside = self.frames.get("window") if (predictor, frame) == ("position", "box") else None
        return None if beside is None else beside.without_image("box_position", name)

    def blind(self, predictor: str, frame: str) -> BlindPrediction | None:
        """A predictor without an image in a frame; None where it is not evaluated."""
        estimate = self.blind_metric(predictor, frame, "r2")
        label = metric_names.without_image(predictor, TASK, frame)
        return None if estimate is None else BlindPrediction(label, estimate)

    @property
    def best_blind(self) -> BlindPrediction | None:
        """The predictor without an image that has the highest R² in any frame; None where nothing is evaluated."""
        names = [name for name, labels in metric_names.WITHOUT_IMAGE.items() if TASK in labels]
        predictions = [self.blind(name, frame) for name in names for frame in self.frames]
        evaluated = [prediction for prediction in predictions if prediction is not None]
        return max(evaluated, key=lambda prediction: prediction.r2.value) if evaluated else None

    def wins(self, report: EvaluationReport) -> bool:
        """Whether it beats the best predictor without an image of its frame, and none of another frame has more."""
        r2, best = report.metric("r2"), self.best_blind
        return report.beats is True and (best is None or r2 is None or r2.value > best.r2.value)

    @property
    def winners(self) -> list[EvaluationReport]:
        """Those that win, the one with the largest gain first."""
        return sorted(filter(self.wins, self.evaluated), key=lambda report: -report.gain.value)

    @property
    def closest(self) -> EvaluationReport:
        """The one with the largest gain, whatever its interval."""
        return max(self.evaluated, key=lambda report: report.gain.value)


def columns_of(inputs: PageInputs) -> list[Column]:
    """The data sets of the learning curve, as the list has them: the smallest first."""
    columns: dict[str, dict[str, EvaluationReport]] = {}
    for report in inputs.evaluations:
        if report.listed.task == TASK:
            columns.setdefault(report.listed.data, {})[report.listed.label] = report
    return [Column(data, reports) for data, reports in columns.items()]


def largest_of(columns: Sequence[Column]) -> Column | None:
    """The column with the most objects of those that are evaluated."""
    return max((column for column in columns if column.evaluated), key=lambda column: column.objects, default=None)


def two_digits(value: float) -> str:
    """A metric as the first look shows it; no minus before 0.00."""
    return f"{round(value, 2) + 0.0:.2f}"


def joined(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def interval(estimate: Estimate) -> str:
    """`0.01 to 0.09`; empty where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{two_digits(estimate.low)} to {two_digits(estimate.high)}"


def with_interval(estimate: Estimate, sign: str = "") -> str:
    """`0.05 (0.01 to 0.09)`."""
    value = f"{estimate.value:{sign}.2f}"
    return f"{value} ({interval(estimate)})" if interval(estimate) else value
