"""The numbers of segmentation that the study could not publish: table B."""

from collections.abc import Sequence

from rojsat.page import beside_metrics
from rojsat.page.cells import LABELS, METRICS, cells, head, number
from rojsat.page.html import Cell, Item, Table
from rojsat.page.needs import NeededFiles
from rojsat.page.page_inputs import PageInputs
from rojsat.page.plan import SectionPlan
from rojsat.page.references import Number
from rojsat.page.run_report import RunReport


def needs(inputs: PageInputs) -> list[NeededFiles]:
    """The files that it reads."""
    return [report.need() for report in inputs.segmenters()]


def items(inputs: PageInputs) -> list[Item]:
    """Table B: every segmenter, region by region, on its test part."""
    reports = inputs.segmenters()
    columns = ["experiment", "test region", *(LABELS[name] for name in METRICS), LABELS["false_positive_rate"]]
    columns += beside_metrics.COLUMNS
    return [
        Item(
            [Number("Table", "B")],
            "Every segmenter on its test part, all of it and region by region, and the share of the pixels of control "
            "areas without need that it predicts to be in need (false positive rate).",
            [report.command for report in reports],
            table=Table(columns, [row for report in reports for row in _rows(report)]),
            note="RMSE and MAE are in degrees from 0 to 1, over known pixels only. R² is 1 for a perfect prediction "
            "and 0 for the mean of the test part. Spearman is the rank correlation. IoU and F1 tell need from no "
            "need: a pixel is in need where its degree is above 0, and predicted so above "
            f"{inputs.experiment.metrics.threshold:g}; prevalence is what need everywhere has as IoU. "
            f"{_bounds(reports)} "
            f"{beside_metrics.NOTE} The study publishes no number for segmentation.",
        )
    ]


def _bounds(reports: Sequence[RunReport]) -> str:
    bounded = [report.name for report in reports if report.is_bounded]
    if not bounded:
        return "Predicted degrees are evaluated as they are, not bounded to 0 to 1; pictures clip them."
    if len(bounded) == len(reports):
        return "Predicted degrees are bounded to 0 to 1."
    return f"Only the degrees of {', '.join(bounded)} are bounded to 0 to 1 before they are evaluated."


def _rows(report: RunReport) -> list[list[Cell]]:
    """All regions of the test part, then each where there are several."""
    by_region = report.summary["regions"]
    regions = sorted(by_region, key=lambda region: (len(region), region))
    lines = [("all" if len(regions) != 1 else regions[0], report.summary["test"])]
    lines += [(region, by_region[region]) for region in regions if len(regions) > 1]
    rows: list[list[Cell]] = []
    for region, metrics in lines:
        is_first = not rows
        rate = number(report.false_positive_rate) if is_first else ""
        title = [head(_title(report, regions), len(lines))] if is_first else []
        beside = beside_metrics.cells(report.summary) if is_first else [Cell(""), Cell("")]
        rows.append([*title, head(region), *cells(metrics, METRICS), Cell(rate), *beside])
    return rows


def _title(report: RunReport, regions: list[str]) -> str:
    if report.summary["leak"]:
        return f"{report.name}: other dates of the regions trained on"
    return f"{report.name}: region {', '.join(regions)} held out"


SECTION = SectionPlan(
    "Numbers the study could not publish",
    ["The study shows predictions and evaluates them by eye. [Table B] has their errors."],
    items=items,
    needs=needs,
)
