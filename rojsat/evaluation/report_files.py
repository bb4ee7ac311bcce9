"""What a run leaves in `reports/<size>/<name>/`: metrics, history and predictions as files. numpy and pandas only."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.chips import boxes

METRICS, SUMMARY = "metrics.json", "summary.json"
"""Files of a report: the headline metrics; the settings of the run with all metrics."""


@dataclass(frozen=True)
class Predictions:
    """Predictions of one part beside its targets.

    Attributes:
        rows: one row a sample, with the columns of the chip store's index.
        prediction: `(N, H, W)` float32 degree or probability of the positive class, or `(N, K)` class probabilities.
        target: `(N, H, W)` float32 in [0, 1], or `(N,)` class numbers.
        known: `(N, H, W)` or `(N,)` bool; where False, the target means nothing.
        seen: `(N, H, W)` bool; where False, the prediction means nothing. `(N,)` for classes.
        lower: lowest quantile of the degree that the model predicts, like `prediction`; None of a model without.
        upper: the highest, likewise.
    """

    rows: pd.DataFrame
    prediction: NDArray[np.float32]
    target: NDArray[Any]
    known: NDArray[np.bool_]
    seen: NDArray[np.bool_]
    lower: NDArray[np.float32] | None = None
    upper: NDArray[np.float32] | None = None


def folders(reports: Path) -> dict[str, Path]:
    """The folders `reports/<size>/<name>` that hold a summary, by name."""
    return {path.parent.name: path.parent for path in sorted(reports.glob(f"*/*/{SUMMARY}"))}


def write_text(path: Path, text: str) -> None:
    """Write a text beside and rename it into place."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(text)
    partial.replace(path)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON, indented and sorted so that two files compare line by line; NaN and infinite numbers are left out."""
    write_text(path, json.dumps(_finite(content), indent=1, sort_keys=True, default=float, allow_nan=False) + "\n")


def _finite(content: Mapping[str, Any]) -> dict[str, Any]:
    """Without the NaN and infinite entries at any level of mappings: JSON has no such numbers."""
    entries = {key: _finite(value) if isinstance(value, Mapping) else value for key, value in content.items()}
    return {key: value for key, value in entries.items() if not isinstance(value, float) or math.isfinite(value)}


def read_summary(folder: Path) -> dict[str, Any]:
    """Read `summary.json`: what a run was and all metrics of its parts.

    Raises:
        FileNotFoundError: if the run wrote none.
    """
    summary: dict[str, Any] = json.loads((folder / SUMMARY).read_text())
    return summary


def write_history(folder: Path, history: pd.DataFrame) -> None:
    """Write the metrics of every epoch, `history.csv`: seven digits tell runs apart and read well."""
    write_text(folder / "history.csv", history.to_csv(index=False, float_format="%.7g"))


def write_predictions(folder: Path, part: str, rows: pd.DataFrame, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write `predictions/<part>.npz` and `predictions/<part>.parquet`.

    Args:
        folder: of the report.
        part: train, val, test or control.
        rows: as in `Predictions`.
        arrays: the other attributes of `Predictions`, by name.
    """
    predictions = folder / "predictions"
    predictions.mkdir(exist_ok=True)
    np.savez_compressed(predictions / f"{part}.npz", allow_pickle=False, **arrays)
    rows.to_parquet(predictions / f"{part}.parquet", index=False)


def read_predictions(folder: Path, part: str) -> Predictions:
    """Read what `write_predictions` wrote.

    Raises:
        FileNotFoundError: if the run wrote none.
    """
    predictions = folder / "predictions"
    with np.load(predictions / f"{part}.npz") as arrays:
        return Predictions(pd.read_parquet(predictions / f"{part}.parquet"), **{name: arrays[name] for name in arrays})


def stitch(planes: NDArray[np.float32], rows: pd.DataFrame, fill: float = np.nan) -> NDArray[np.float32]:
    """Put the windows of one region on one date together on the region's own grid, without surroundings.

    Args:
        planes: `(N, ..., H, W)`, padded at the right and bottom.
        rows: their N rows, with `row`, `col` (the window's upper-left pixel on that grid) and the columns of
            `rojsat.chips.boxes` (where that pixel and those of the window are in the plane), or else `height`, `width`.
        fill: where no window lies.

    Returns:
        `(..., height of the region, width of the region)` float32.
    """
    rows = boxes.with_boxes(rows)
    bottom, right = int((rows["row"] + rows["box_height"]).max()), int((rows["col"] + rows["box_width"]).max())
    region = np.full((*planes.shape[1:-2], bottom, right), fill, np.float32)
    for plane, row in zip(planes, rows.to_dict("records"), strict=True):
        (top, left), (down, across) = (row["row"], row["col"]), boxes.inside(row)
        part = plane[..., down, across]
        region[..., top : top + part.shape[-2], left : left + part.shape[-1]] = part
    return region
