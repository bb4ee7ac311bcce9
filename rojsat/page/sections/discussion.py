"""Discussion: the discrete variant (table C), and what a split by dates hides (table D)."""

from dataclasses import dataclass

import numpy as np

from rojsat.config.pipeline import DISCRETE
from rojsat.evaluation.metrics import Segmentation
from rojsat.evaluation.report_files import Predictions
from rojsat.page import beside_metrics
from rojsat.page.cells import LABELS, METRICS, cells, head, number, plural
from rojsat.page.html import Cell, Item, Table
from rojsat.page.needs import NeededFiles
from rojsat.page.page_inputs import PageInputs
from rojsat.page.plan import SectionPlan
from rojsat.page.references import Number
from rojsat.page.run_report import RunReport


def findings(inputs: PageInputs) -> list[str]:
    """Where the leak can be seen, on a page of short trainings."""
    if inputs.full is None:
        return []
    return [
        "After so few epochs and on so few chips the leak may not show; [Table DL] shows it at full length.",
    ]


def needs(inputs: PageInputs) -> list[NeededFiles]:
    """The files that it reads."""
    bases = inputs.pipeline.base
    compared = [name for names in inputs.pipeline.leak.items() for name in (names[0], *names[1])]
    return [
        *(inputs.report(name).need() for name in bases),
        *(inputs.report(name, DISCRETE).need() for name in bases),
        *(inputs.report(name).need("test") for name in compared),
    ]


def items(inputs: PageInputs) -> list[Item]:
    """Tables C and D."""
    return [_discrete(inputs), _leak(inputs)]


def _discrete(inputs: PageInputs) -> Item:
    """Two outputs and cross entropy on zero and non-zero, beside the degree."""
    rows, commands = [], []
    for name in inputs.pipeline.base:
        continuous, discrete = inputs.report(name), inputs.report(name, DISCRETE)
        rows.append([head(name, 2), head("degree"), *_metrics(continuous)])
        rows.append([head("zero or non-zero"), *_metrics(discrete)])
        commands += [continuous.command, discrete.command]
    base = inputs.pipeline.base[0]
    return Item(
        [Number("Table", "C")],
        "The discrete variant, two outputs trained with cross entropy on zero and non-zero masks, beside the "
        "continuous one, on the same test part.",
        commands,
        table=Table(
            [
                "experiment",
                "trained on",
                *(LABELS[name] for name in METRICS),
                LABELS["false_positive_rate"],
                *beside_metrics.COLUMNS,
            ],
            rows,
        ),
        note="The discrete variant predicts the probability of need, no degree: RMSE, MAE and R² are not defined "
        f"(n/a). A pixel counts as predicted in need above {inputs.report(base).threshold:g} of a degree and above "
        f"{inputs.report(base, DISCRETE).threshold:g} of a probability. The study found this variant worse, and gives "
        f"no number. {beside_metrics.NOTE}",
    )


def _metrics(report: RunReport) -> list[Cell]:
    rate = Cell(number(report.false_positive_rate))
    return [*cells(report.summary["test"], METRICS), rate, *beside_metrics.cells(report.summary)]


@dataclass(frozen=True)
class SharedChips:
    """The chips of a region that are in the test part of two reports.

    Attributes:
        date_rows: (M,) their rows in the predictions of the split by dates.
        region_rows: (M,) their rows in those of the split by regions, in the same order.
    """

    date_rows: np.ndarray
    region_rows: np.ndarray


def shared_chips(date_split: Predictions, region_split: Predictions, region: str) -> SharedChips:
    """Find the chips of a region that both predict.

    Raises:
        ValueError: if their targets or what is known of them differ.
    """
    date_rows, region_rows = (_rows_by_chip(split, region) for split in (date_split, region_split))
    chips = sorted(date_rows.keys() & region_rows.keys())
    shared = SharedChips(*(np.array([rows[chip] for chip in chips], np.int64) for rows in (date_rows, region_rows)))
    known = date_split.known[shared.date_rows]
    if not np.array_equal(known, region_split.known[shared.region_rows]) or not np.array_equal(
        date_split.target[shared.date_rows][known], region_split.target[shared.region_rows][known]
    ):
        raise ValueError(
            f"two reports have different masks of region {region}; train both again on one data set: "
            "python -m rojsat.run exp=NAME data=NAME"
        )
    return shared


def _rows_by_chip(predictions: Predictions, region: str) -> dict[str, int]:
    """Rows of the chips of a region, by the chips' names."""
    table = predictions.rows.reset_index(drop=True)
    table = table[table["region"].astype(str) == region]
    return dict(zip(table["chip"], table.index, strict=True))


def evaluated(predictions: Predictions, rows: np.ndarray, threshold: float) -> dict[str, float]:
    """Metrics over the known pixels of some chips."""
    metrics = Segmentation(threshold)
    metrics.update(predictions.prediction[rows], predictions.target[rows], predictions.known[rows])
    return metrics.compute()


@dataclass(frozen=True)
class SplitComparison:
    """The same network split by dates and split by regions, on the same pixels of a region.

    Attributes:
        region: its id.
        chips: how many are in both test parts.
        pixels: how many of them are known.
        by_dates: metrics of the network trained on other dates of the region.
        by_regions: metrics of the network trained without the region.
    """

    region: str
    chips: int
    pixels: int
    by_dates: dict[str, float]
    by_regions: dict[str, float]


def compare_splits(date_report: RunReport, region_report: RunReport) -> SplitComparison:
    """Evaluate both on the chips that they share of the region that the second holds out."""
    region = "".join(region_report.test_regions)
    date_split, region_split = date_report.predictions("test"), region_report.predictions("test")
    shared = shared_chips(date_split, region_split, region)
    return SplitComparison(
        region,
        len(shared.date_rows),
        int(date_split.known[shared.date_rows].sum()),
        evaluated(date_split, shared.date_rows, date_report.threshold),
        evaluated(region_split, shared.region_rows, region_report.threshold),
    )


def _leak(inputs: PageInputs) -> Item:
    """The same network, date split against region split, on exactly the same test pixels."""
    rows, commands, worse, comparable = [], [], 0, 0
    for date_name, region_names in inputs.pipeline.leak.items():
        date_report = inputs.report(date_name)
        region_reports = [inputs.report(name) for name in region_names]
        commands += [date_report.command, *(report.command for report in region_reports)]
        network = [head(date_report.title, 2 * len(region_reports))]
        for region_report in region_reports:
            comparison = compare_splits(date_report, region_report)
            where = f"{comparison.region}: {plural(comparison.chips, 'chip')}, {comparison.pixels} pixels"
            rows.append([*network, head(where, 2), head("dates"), *cells(comparison.by_dates, METRICS)])
            rows.append([head("regions"), *cells(comparison.by_regions, METRICS)])
            network = []
            comparable += comparison.pixels > 0
            worse += comparison.by_regions["rmse"] > comparison.by_dates["rmse"]
    return Item(
        [Number("Table", "D")],
        "What the split by dates hides: the same network trained on other dates of the region (dates) and without "
        "the region (regions), evaluated on exactly the same pixels: those chips of the region that are in the test "
        "part of both.",
        list(dict.fromkeys(commands)),
        table=Table(["network", "region", "split by", *(LABELS[name] for name in METRICS)], rows),
        note=f"In {worse} of {comparable} comparisons the RMSE is larger once the region is new to the network. "
        "Predictors without an image stand beside these networks in [Table B], on their complete test parts.",
    )


SECTION = SectionPlan(
    "Discussion",
    [
        "The study tried masks of zero and non-zero and left them out as worse ([Table C]). It suspects that splitting "
        "by dates flatters the network, because test and training images are alike; [Table D] shows by how much.",
    ],
    findings=findings,
    items=items,
    needs=needs,
)
