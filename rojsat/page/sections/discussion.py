"""Discussion: the discrete variant (table C), and what a split by dates hides (table D)."""

from rojsat.config.pipeline import DISCRETE
from rojsat.page import beside_metrics, split_comparisons
from rojsat.page.cells import LABELS, METRICS, cells, head, number, plural
from rojsat.page.html import Cell, Item, Table
from rojsat.page.needs import NeededFiles
from rojsat.page.page_inputs import PageInputs
from rojsat.page.plan import SectionPlan
from rojsat.page.references import Number
from rojsat.page.run_report import RunReport
from rojsat.page.split_comparisons import SplitComparison


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


def _leak(inputs: PageInputs) -> Item:
    """The same network, date split against region split, on exactly the same test pixels."""
    comparisons = split_comparisons.of(inputs)
    rows: list[list[Cell]] = []
    for network in dict.fromkeys(comparison.network for comparison in comparisons):
        lines = [row for comparison in comparisons if comparison.network == network for row in two_rows(comparison)]
        lines[0].insert(0, head(network, len(lines)))
        rows += lines
    comparable = split_comparisons.comparable(comparisons)
    worse = sum(comparison.is_worse for comparison in comparable)
    compared = [name for names in inputs.pipeline.leak.items() for name in (names[0], *names[1])]
    return Item(
        [Number("Table", "D")],
        "What the split by dates hides: the same network trained on other dates of the region (dates) and without "
        "the region (regions), evaluated on exactly the same pixels: those chips of the region that are in the test "
        "part of both.",
        [inputs.report(name).command for name in dict.fromkeys(compared)],
        table=Table(["network", "region", "split by", *(LABELS[name] for name in METRICS)], rows),
        note=f"In {worse} of {len(comparable)} comparisons the RMSE is larger once the region is new to the network. "
        "Predictors without an image stand beside these networks in [Table B], on their complete test parts.",
    )


def two_rows(comparison: SplitComparison) -> list[list[Cell]]:
    """The rows of table D of a region: split by dates, split by regions."""
    where = f"{comparison.region}: {plural(comparison.chips, 'chip')}, {comparison.pixels} pixels"
    return [
        [head(where, 2), head("dates"), *cells(comparison.by_dates, METRICS)],
        [head("regions"), *cells(comparison.by_regions, METRICS)],
    ]


SECTION = SectionPlan(
    "Discussion",
    [
        "The study tried masks of zero and non-zero and left them out as worse ([Table C]). It suspects that splitting "
        "by dates flatters the network, because test and training images are alike; [Table D] shows by how much.",
    ],
    items=items,
    needs=needs,
)
