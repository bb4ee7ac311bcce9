"""What is reached on regions not trained on, beside predictors without an image: for the page's first screen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rojsat.config import metric_names
from rojsat.figures.interval_bars import Bar
from rojsat.page import beside_metrics, evaluation_columns
from rojsat.page.evaluation_columns import TASK, Column
from rojsat.page.evaluation_report import Estimate
from rojsat.page.page_inputs import PageInputs
from rojsat.page.run_report import RunReport


@dataclass(frozen=True)
class NewGround:
    """The best that looks at images, where nothing of the region was trained on.

    Attributes:
        best: what it is called.
        r2: its R².
        blind: the best predictor without an image on the same pixels.
        blind_r2: its R².
        gain: of the best over `gain_over`; without an interval where there are fewer than five regions.
        gain_over: the best predictor without an image in the frame of the best.
        wins: whether the gain is decided, and no predictor without an image has more in any frame.
        tested_on: words, `81 clearing objects`.
        bars: IoU of every predictor, the highest first; the best predictor without an image behind them.
        prevalence: IoU of need everywhere on the same pixels.
        commands: what made it.
    """

    best: str
    r2: Estimate
    blind: str
    blind_r2: float
    gain: Estimate
    gain_over: str
    wins: bool
    tested_on: str
    bars: Sequence[Bar]
    prevalence: float
    commands: Sequence[str]


def of(inputs: PageInputs) -> NewGround | None:
    """From the evaluation with the most objects; without any from the page's own runs; None where no run says it."""
    column = evaluation_columns.largest_of(evaluation_columns.columns_of(inputs))
    return _of_runs(inputs) if column is None else _of_evaluations(column)


def _of_evaluations(column: Column) -> NewGround:
    best = column.winners[0] if column.winners else column.closest
    blind, r2 = column.best_blind, best.metric("r2")
    if blind is None or r2 is None:
        raise ValueError(
            f"{best.name} has no R² beside predictors without an image; {best.listed.command} evaluates it"
        )
    return NewGround(
        best=best.listed.label,
        r2=r2,
        blind=blind.label,
        blind_r2=blind.r2.value,
        gain=best.gain,
        gain_over=best.against,
        wins=bool(column.winners),
        tested_on=f"{column.objects} clearing objects",
        bars=[*_sorted(_evaluated_bars(column)), *_blind_bar(column)],
        prevalence=float(best.content["prevalence"]),
        commands=[report.listed.command for report in column.evaluated],
    )


def _evaluated_bars(column: Column) -> Iterator[Bar]:
    for report in column.evaluated:
        iou = report.metric("iou")
        if iou is not None:
            yield Bar(report.listed.label, iou.value, iou.low, iou.high)


def _blind_bar(column: Column) -> list[Bar]:
    """The predictor without an image with the highest IoU; need everywhere is the line beside it."""
    bars = []
    for frame in column.frames:
        for predictor in metric_names.WITHOUT_IMAGE:
            iou = column.blind_metric(predictor, frame, "iou")
            if iou is not None and predictor != "all_need":
                label = metric_names.without_image(predictor, TASK, frame)
                bars.append(Bar(f"{label}, no image", iou.value, iou.low, iou.high, sees_image=False))
    return _sorted(bars)[:1]


def _sorted(bars: Iterator[Bar] | Sequence[Bar]) -> list[Bar]:
    return sorted(bars, key=lambda bar: -bar.value)


def _of_runs(inputs: PageInputs) -> NewGround | None:
    """From the network that variants are applied to, and its variants: one region, no interval."""
    base = inputs.report(inputs.pipeline.base[0])
    reports = [base, *(inputs.report(inputs.pipeline.base[0], variant) for variant in inputs.pipeline.variants)]
    compared = [report for report in reports if report.summary.get("gain", {}).get("metric") == "r2"]
    if not compared:
        return None
    best = max(compared, key=lambda report: float(report.summary["gain"]["value"]))
    summary = best.summary
    blind = summary["best_without_image"]
    gain = summary["gain"]
    return NewGround(
        best=best.name,
        r2=Estimate(float(summary["test"]["r2"])),
        blind=_blind_label(best),
        blind_r2=float(summary["without_image"][blind]["r2"]),
        gain=Estimate(float(gain["value"]), gain.get("low"), gain.get("high")),
        gain_over=_blind_label(best),
        wins=summary["beats"] is True,
        tested_on=f"region {', '.join(best.test_regions)}",
        bars=[*_sorted([Bar(report.name, report.summary["test"]["iou"]) for report in reports]), *_run_blind_bar(best)],
        prevalence=beside_metrics.prevalence(summary["test"]),
        commands=[report.command for report in reports],
    )


def _blind_label(report: RunReport) -> str:
    summary = report.summary
    return metric_names.without_image(summary["best_without_image"], TASK, summary.get("frame", "box"))


def _run_blind_bar(report: RunReport) -> list[Bar]:
    iou = report.summary["without_image"][report.summary["best_without_image"]].get("iou")
    return [] if iou is None else [Bar(f"{_blind_label(report)}, no image", float(iou), sees_image=False)]
