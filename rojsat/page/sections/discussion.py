"""Discussion and future work: the discrete variant, the leak by dates measured, and the variants the study proposes."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from rojsat.config.pipeline import DISCRETE, OF_DATA
from rojsat.evaluation.metrics import Segmentation
from rojsat.evaluation.report_files import Predictions
from rojsat.page.cells import LABELS, cells, number
from rojsat.page.html import Cell, Grid, Item
from rojsat.page.inputs import Report, Study

METRICS = ("rmse", "mae", "r2", "spearman", "iou", "f1")

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

JUDGED = ("rmse", "r2", "spearman", "iou", "f1")


def discrete(study: Study) -> Item:
    """Table C: two outputs and cross entropy on zero and non-zero, beside the degree."""
    rows, commands = [], []
    for name in study.pipeline.base:
        pair = {"degree": study.report(name), "zero or non-zero": study.report(name, DISCRETE)}
        for place, (words, report) in enumerate(pair.items()):
            head = [Cell(name, span=2, heads=True)] if place == 0 else []
            metrics = [*cells(report.summary["test"], METRICS), Cell(number(_alarm(report)))]
            rows.append([*head, Cell(words, heads=True), *metrics])
            commands.append(report.command)
    columns = ["experiment", "learnt from", *(LABELS[one] for one in METRICS), LABELS["false_positive_rate"]]
    return Item(
        ["Table C"],
        "The discrete variant, two outputs trained with cross entropy on zero and non-zero masks, beside the "
        "continuous one, on the same test part.",
        commands,
        grid=Grid(columns, rows),
        note="The discrete variant predicts the probability of need, no degree: RMSE, MAE and R² are not defined "
        "(n/a). A "
        f"pixel counts as predicted in need above {_threshold(study, None):g} of a degree and above "
        f"{_threshold(study, DISCRETE):g} of a probability. The study found this variant worse, and gives no number.",
    )


def _threshold(study: Study, variant: str | None) -> float:
    return float(study.report(study.pipeline.base[0], variant).experiment.metrics.threshold)


def _alarm(report: Report) -> float | None:
    value: float | None = report.summary["controls"].get("false_positive_rate")
    return value


def same_chips(one: Predictions, other: Predictions, region: str) -> tuple[np.ndarray, np.ndarray]:
    """Places of the chips of a region that both predict, in the same order: (M,) in `one` and (M,) in `other`.

    Raises:
        ValueError: if their targets or what is known of them differ.
    """
    mine, theirs = (found.rows.reset_index(drop=True) for found in (one, other))
    mine, theirs = (rows[rows["region"].astype(str) == region] for rows in (mine, theirs))
    both = sorted(set(mine["chip"]) & set(theirs["chip"]))
    here, there = (
        np.array([dict(zip(rows["chip"], rows.index, strict=True))[chip] for chip in both], dtype=np.int64)
        for rows in (mine, theirs)
    )
    known = one.known[here]
    if not np.array_equal(known, other.known[there]) or not np.array_equal(
        one.target[here][known], other.target[there][known]
    ):
        raise ValueError(f"the two reports do not know the same of region {region}; make both anew from one data set")
    return here, there


def judged(found: Predictions, places: np.ndarray, threshold: float) -> dict[str, float]:
    """Metrics over the known pixels of some chips."""
    metrics = Segmentation(threshold)
    metrics.update(found.prediction[places], found.target[places], found.known[places])
    return metrics.compute()


def _above(report: Report) -> float:
    return float(report.experiment.metrics.threshold)


def leak(study: Study) -> Item:
    """Table D: the same network, date split against region split, on the very same test pixels."""
    rows, commands, said = [], [], []
    for by_dates, by_regions in study.pipeline.leak.items():
        first = study.report(by_dates)
        commands.append(first.command)
        dates = first.predictions("test")
        for place, name in enumerate(by_regions):
            second = study.report(name)
            commands.append(second.command)
            found = second.predictions("test")
            region = "".join(second.experiment.split.options["test"])
            here, there = same_chips(dates, found, region)
            pixels = int(dates.known[here].sum())
            ours, theirs = judged(dates, here, _above(first)), judged(found, there, _above(second))
            head = [Cell(first.experiment.model.name, span=2 * len(by_regions), heads=True)] if place == 0 else []
            where = Cell(
                f"{region}: {len(here)} {'chip' if len(here) == 1 else 'chips'}, {pixels} pixels", span=2, heads=True
            )
            rows.append([*head, where, Cell("dates", heads=True), *cells(ours, METRICS)])
            rows.append([Cell("regions", heads=True), *cells(theirs, METRICS)])
            if pixels:
                said.append((ours["rmse"], theirs["rmse"]))
    columns = ["network", "region", "split by", *(LABELS[name] for name in METRICS)]
    worse = sum(theirs > ours for ours, theirs in said)
    return Item(
        ["Table D"],
        "What the split by dates hides: the same network trained with other dates of the region (dates) and without "
        "the region (regions), judged on exactly the same pixels: those chips of the region that are in the test "
        "part of both.",
        list(dict.fromkeys(commands)),
        grid=Grid(columns, rows),
        note=f"In {worse} of {len(said)} comparisons the RMSE is larger once the region is new to the network.",
    )


def future(study: Study) -> Item:
    """Table F: every variant of the study's future work against its own setting, on the region splits."""
    base = {name: study.report(name) for name in study.pipeline.base}
    settings: dict[str, Mapping[str, Report]] = {"the study's own setting": base}
    if study.pipeline.base[0].startswith("unet"):
        network = {"deeplab_roi6": study.report("deeplab_roi6")}
        settings = {"the setting compared with: U-Net": base, "the study's own network: DeepLabV3-ResNet101": network}
    for variant, words in VARIANTS.items():
        if variant in study.pipeline.variants:
            settings[words] = {name: study.report(name, variant) for name in study.pipeline.base}
    rows = [row for words, reports in settings.items() for row in _rows(words, reports)]
    left_out = (
        ""
        if study.is_embedded
        else (
            f" {' and '.join(VARIANTS[variant] for variant in OF_DATA).capitalize()} need another data set and are "
            "left out."
        )
    )
    commands = [report.command for reports in settings.values() for report in reports.values()]
    columns = ["setting", "test region", *(LABELS[name] for name in JUDGED), LABELS["false_positive_rate"]]
    return Item(
        ["Table F"],
        "What the study proposes as future work, one variant at a time, each on test regions never seen.",
        commands,
        grid=Grid(columns, rows),
        note="Every row differs from the first in the named variant and what belongs to it, as the learning rate of "
        "another network (experiments/variant). All are judged on the same images of regions never seen; with more "
        "objects the 97th percentile of the heat is another, and so the masks differ a little. A pixel counts as "
        "predicted in need above "
        f"{study.experiment.metrics.threshold:g}." + left_out,
    )


def _rows(words: str, reports: Mapping[str, Report]) -> list[list[Cell]]:
    """The mean over the regions, if there is more than one, then each."""
    found = [(_region(report), report.summary["test"] | {"alarm": _alarm(report)}) for report in reports.values()]
    lines = found if len(found) == 1 else [("mean", _mean([metrics for _, metrics in found])), *found]
    rows = []
    for place, (region, metrics) in enumerate(lines):
        head = [Cell(words, span=len(lines), heads=True)] if place == 0 else []
        rows.append([*head, Cell(region, heads=True), *cells(metrics, JUDGED), Cell(number(metrics["alarm"]))])
    return rows


def _region(report: Report) -> str:
    return ", ".join(report.experiment.split.options["test"])


def _mean(found: Sequence[Mapping[str, float | None]]) -> dict[str, float]:
    """Mean of every metric; NaN where one is not defined."""
    table = pd.DataFrame(list(found), columns=[*JUDGED, "alarm"]).astype(float)
    return {str(name): float(value) for name, value in table.mean(skipna=False).items()}
