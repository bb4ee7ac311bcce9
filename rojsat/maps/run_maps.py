"""Predictions of a run as rasters on the grids of their regions: one a region, date and orbit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import rasterio
from affine import Affine
from numpy.typing import NDArray

from rojsat.chips import boxes
from rojsat.evaluation import conformal, region_intervals, report_files
from rojsat.evaluation.report_files import Predictions
from rojsat.geo.scenes.cog import write_cog

UNITS = dict.fromkeys(("degree", "lower", "upper", "label"), "degree, 0 to 1") | {"difference": "degree, -1 to 1"}
"""Units of the bands that have one."""

SEEN = "seen"


@dataclass(frozen=True)
class RunMap:
    """One region on one date.

    Attributes:
        name: of its file, without ending.
        bands: (h, w) float32 by name, NaN where there is none: `degree` in [0, 1]; `lower` and `upper` ends of its
            interval, where there are intervals; `seen`, 1 or 0; `label`, the mask, in [0, 1]; `difference`, the degree
            minus the mask.
        crs: of its grid.
        transform: upper-left corner and pixel size.
        tags: region, date and orbit.
    """

    name: str
    bands: Mapping[str, NDArray[np.float32]]
    crs: str
    transform: Affine
    tags: Mapping[str, str]


def write(folder: Path, destination: Path, part: str, tags: Mapping[str, str]) -> list[Path]:
    """Write the predictions of a part as Cloud Optimized GeoTIFFs.

    Args:
        folder: of the run's report.
        destination: folder of the rasters.
        part: train, val, test or control.
        tags: of all rasters.

    Returns:
        Their paths.

    Raises:
        ValueError: if the run has no predictions of this part, or predicts classes of stands.
    """
    return [
        write_cog(
            destination / f"{each.name}.tif",
            np.stack(list(each.bands.values())),
            transform=each.transform,
            crs=each.crs,
            nodata=np.nan,
            resampling="average",
            descriptions=list(each.bands),
            units=[UNITS.get(name, "") for name in each.bands],
            tags={**tags, **each.tags},
        )
        for each in maps(read(folder, part))
    ]


def check_free(destination: Path, run: str, part: str) -> None:
    """Refuse a folder that holds the maps of another run or part: its project would be replaced.

    Raises:
        ValueError: if it does; the message names them.
    """
    for path in sorted(destination.glob("*.tif")):
        with rasterio.open(path) as raster:
            tags = raster.tags()
        held = (tags.get("run"), tags.get("part"))
        if None not in held and held != (run, part):
            raise ValueError(
                f"{destination} holds the maps of {held[0]}, part={held[1]}, whose project would be replaced: choose "
                f"another out= for part={part}, or delete the folder"
            )


def read(folder: Path, part: str) -> Predictions:
    """Predictions of a part of a run that can be mapped.

    Raises:
        ValueError: if there are none, or they are classes of stands.
    """
    path = folder / "predictions" / f"{part}.npz"
    if not path.exists():
        there = sorted(file.stem for file in path.parent.glob("*.npz")) or ["none: `dvc pull`, or train again"]
        raise ValueError(f"{folder.name} has no predictions of part={part}; it has: {', '.join(there)}")
    predictions = report_files.read_predictions(folder, part)
    if predictions.prediction.ndim != 3:
        raise ValueError(
            f"{folder.name} predicts classes of stands, a map shows degrees of pixels: take a segmentation"
        )
    return predictions


def names(rows: pd.DataFrame) -> list[str]:
    """Names of the maps of some rows of chips, in their order."""
    return [_name(*key) for key, _ in groups(rows)]


def maps(predictions: Predictions) -> Iterator[RunMap]:
    """The maps of a part, chips of one region and date put together."""
    planes = {
        "degree": np.where(predictions.seen, np.clip(predictions.prediction, 0, 1), np.nan),
        **_ends(predictions),
        SEEN: predictions.seen.astype(np.float32),
        "label": np.where(predictions.known, predictions.target, np.nan),
    }
    for key, places in groups(predictions.rows):
        rows = predictions.rows.iloc[places]
        bands = {name: report_files.stitch(plane[places].astype(np.float32), rows) for name, plane in planes.items()}
        bands["difference"] = bands["degree"] - bands["label"]
        region, date, orbit = (str(value) for value in key)
        tags = {"region": region, "date": date, "relative_orbit": orbit}
        yield RunMap(_name(*key), bands, str(rows["crs"].iloc[0]), origin(rows), tags)


def origin(rows: pd.DataFrame) -> Affine:
    """Upper-left corner and pixel size of the grid of the region that all rows are of."""
    row: Mapping[Any, Any] = boxes.with_boxes(rows).iloc[0].to_dict()
    step, turn, east, other_turn, down, north = row["transform"]
    columns, lines = row["box_col"] - row["col"], row["box_row"] - row["row"]
    return Affine(step, turn, east + columns * step, other_turn, down, north + lines * down)


def groups(rows: pd.DataFrame) -> list[tuple[tuple[Any, ...], list[int]]]:
    """Region, date and orbit of every map, and the numbers of its rows."""
    numbered = rows.reset_index(drop=True).groupby(["region", "date", "relative_orbit"], sort=True)
    return [(key, group.index.tolist()) for key, group in numbered]


def _name(region: str, date: str, orbit: int) -> str:
    return f"{region}_{date}_{int(orbit):03d}"


def _ends(predictions: Predictions) -> dict[str, NDArray[np.float32]]:
    """`lower` and `upper` ends of the intervals (N, H, W) in [0, 1], NaN where not seen; none where none is possible.

    Predicted quantiles, or calibrated on the other regions.
    """
    lower, upper = predictions.lower, predictions.upper
    ends = _calibrated(predictions) if lower is None or upper is None else {"lower": lower, "upper": upper}
    return {name: np.where(predictions.seen, np.clip(end, 0, 1), np.nan) for name, end in ends.items()}


def _calibrated(predictions: Predictions) -> dict[str, NDArray[np.float32]]:
    """The ends of every region's intervals, by the errors of all other regions; none where these are too few."""
    regions = predictions.rows["region"].astype(str).to_numpy()
    labelled = predictions.known.any(axis=(1, 2))
    ends = {name: np.full(predictions.prediction.shape, np.nan, np.float32) for name in ("lower", "upper")}
    for region in np.unique(regions):
        others, own = labelled & (regions != region), regions == region
        if not region_intervals.is_possible(len(set(regions[others])) + 1, conformal.LEVEL):
            return {}
        pixels = conformal.pooled({"others": _some(predictions, others)})
        calibration = region_intervals.calibrate(pixels, conformal.LEVEL)
        assert calibration is not None, "as many regions as are needed"
        intervals = calibration.intervals(np.clip(predictions.prediction[own], 0, 1))
        for name, values in zip(ends, intervals, strict=True):
            ends[name][own] = values
    return ends


def _some(predictions: Predictions, chosen: NDArray[np.bool_]) -> Predictions:
    """The predictions of some chips, without quantiles."""
    arrays = {name: getattr(predictions, name)[chosen] for name in ("prediction", "target", "known", "seen")}
    return replace(predictions, rows=predictions.rows[chosen], lower=None, upper=None, **arrays)
