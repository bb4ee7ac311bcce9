"""The leak of a split by dates: the same network with and without the region in its training, on the same pixels."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rojsat.evaluation import report_files
from rojsat.evaluation.metrics import Segmentation
from rojsat.evaluation.report_files import Predictions
from rojsat.page.page_inputs import PageInputs
from rojsat.page.run_report import RunReport

FILE = "leak.json"
"""Comparisons of results that are kept without their predictions, beside the sections drawn of them."""


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
            "rojsat run exp=NAME data=NAME"
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
        network: as a reader knows it, `U-Net`.
        region: its id.
        chips: how many are in both test parts.
        pixels: how many of them are known.
        by_dates: metrics of the network trained on other dates of the region.
        by_regions: metrics of the network trained without the region.
    """

    network: str
    region: str
    chips: int
    pixels: int
    by_dates: dict[str, float]
    by_regions: dict[str, float]

    @property
    def is_worse(self) -> bool:
        """Whether the error is larger where the region is new to the network."""
        return self.by_regions["rmse"] > self.by_dates["rmse"]


def compare_splits(date_report: RunReport, region_report: RunReport) -> SplitComparison:
    """Evaluate both on the chips that they share of the region that the second holds out."""
    region = "".join(region_report.test_regions)
    date_split, region_split = date_report.predictions("test"), region_report.predictions("test")
    shared = shared_chips(date_split, region_split, region)
    return SplitComparison(
        date_report.title,
        region,
        len(shared.date_rows),
        int(date_split.known[shared.date_rows].sum()),
        evaluated(date_split, shared.date_rows, date_report.threshold),
        evaluated(region_split, shared.region_rows, region_report.threshold),
    )


def of(inputs: PageInputs) -> list[SplitComparison]:
    """All comparisons of a page: of results that are kept as they were written, of others from their predictions."""
    if inputs.is_kept:
        return read(inputs.full_sections.path)
    return [
        compare_splits(inputs.report(date_name), inputs.report(region_name))
        for date_name, region_names in inputs.pipeline.leak.items()
        for region_name in region_names
    ]


def comparable(comparisons: Sequence[SplitComparison]) -> list[SplitComparison]:
    """Those that share any known pixel."""
    return [comparison for comparison in comparisons if comparison.pixels]


def write(folder: Path, comparisons: Sequence[SplitComparison]) -> None:
    """Write them as `FILE` into a folder, by network and region."""
    by_network: dict[str, dict[str, Any]] = {}
    for comparison in comparisons:
        by_network.setdefault(comparison.network, {})[comparison.region] = asdict(comparison)
    report_files.write_json(folder / FILE, by_network)


def read(folder: Path) -> list[SplitComparison]:
    """Read what `write` wrote."""
    by_network = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return [SplitComparison(**entry) for regions in by_network.values() for entry in regions.values()]
