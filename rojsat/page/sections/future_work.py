"""Future work: every variant that the study proposes (table F)."""

from collections.abc import Mapping, Sequence

import pandas as pd

from rojsat.config.pipeline import OF_DATA
from rojsat.page import beside_metrics
from rojsat.page.cells import LABELS, METRICS, cells, head
from rojsat.page.html import Cell, Item, Table
from rojsat.page.needs import NeededFiles
from rojsat.page.page_inputs import PageInputs
from rojsat.page.plan import SectionPlan
from rojsat.page.references import Number
from rojsat.page.run_report import RunReport

VARIANTS = {
    "bands": "raw bands BOA and TOA as added channels",
    "unet": "another network: U-Net",
    "boosting": "no network: boosted trees on single pixels",
    "iou": "soft IoU of continuous degrees as loss",
    "no_need": "chips of stands known to be clear join training",
    "augmentation": "more augmentation than horizontal flips",
    "year": "dates all year",
    "objects": "a larger set of clearing objects",
}
"""What the study's future work proposes, by the name of the variant."""

STUDY_NETWORK = "deeplab_roi6"
"""The study's own network on the region that variants are tested on; too large for a page of minutes."""

SHOWN = (*(name for name in METRICS if name != "mae"), "false_positive_rate")
"""Metrics of the table."""


def _settings(inputs: PageInputs) -> dict[str, list[RunReport]]:
    """The reports of every row, by its title: the setting compared with first."""
    bases = inputs.pipeline.base
    base = [inputs.report(name) for name in bases]
    settings = {"the study's own setting": base}
    if bases[0].startswith("unet"):
        settings = {"the setting compared with: U-Net": base}
        if STUDY_NETWORK in inputs.pipeline.experiments:
            settings["the study's own network: DeepLabV3-ResNet101"] = [inputs.report(STUDY_NETWORK)]
    variants = {words: variant for variant, words in VARIANTS.items() if variant in inputs.pipeline.variants}
    return settings | {words: [inputs.report(name, variant) for name in bases] for words, variant in variants.items()}


def needs(inputs: PageInputs) -> list[NeededFiles]:
    """The files that it reads."""
    return [report.need() for reports in _settings(inputs).values() for report in reports]


def items(inputs: PageInputs) -> list[Item]:
    """Table F."""
    settings = _settings(inputs)
    rows = [row for words, reports in settings.items() for row in _rows(words, reports)]
    of_data = " and ".join(VARIANTS[variant] for variant in OF_DATA).capitalize()
    left_out = "" if inputs.is_embedded else f" {of_data} need another data set and are left out."
    return [
        Item(
            [Number("Table", "F")],
            "What the study proposes as future work, one variant at a time, each on held-out test regions.",
            [report.command for reports in settings.values() for report in reports],
            table=Table(["setting", "test region", *(LABELS[name] for name in SHOWN), *beside_metrics.COLUMNS], rows),
            note="Every row differs from the first in the named variant and what belongs to it, as the learning rate "
            "of another network (experiments/variant). All are evaluated on the same images of held-out regions; with "
            "more objects the 97th percentile of the heat is another, and so the masks differ a little. A pixel counts "
            f"as predicted in need above {inputs.experiment.metrics.threshold:g}. {beside_metrics.NOTE}" + left_out,
        )
    ]


def _rows(words: str, reports: Sequence[RunReport]) -> list[list[Cell]]:
    """The mean over the regions, if there is more than one, then each."""
    lines = [(", ".join(report.test_regions), _metrics(report)) for report in reports]
    if len(lines) > 1:
        lines.insert(0, ("mean", _mean([metrics for _, metrics in lines])))
    beside = [beside_metrics.cells(report.summary) for report in reports]
    beside = beside if len(lines) == len(beside) else [[Cell(""), Cell("")], *beside]
    rows = [
        [head(region), *cells(metrics, SHOWN), *more] for (region, metrics), more in zip(lines, beside, strict=True)
    ]
    rows[0].insert(0, head(words, len(rows)))
    return rows


def _metrics(report: RunReport) -> dict[str, float]:
    rate = report.false_positive_rate
    return report.summary["test"] | {"false_positive_rate": float("nan") if rate is None else rate}


def _mean(metrics: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Mean of every metric; NaN where one is not defined."""
    table = pd.DataFrame(list(metrics), columns=list(SHOWN)).astype(float)
    return {str(name): float(value) for name, value in table.mean(skipna=False).items()}


SECTION = SectionPlan(
    "Future work",
    [
        "The study ends with proposals. Each is one variant here, named as on the command line (variant=NAME), trained "
        "and evaluated like the setting it is compared with.",
    ],
    items=items,
    needs=needs,
)
