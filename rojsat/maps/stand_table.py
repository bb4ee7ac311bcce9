"""The list of stands: how much of each is in need, how sure that is, and in which sequence to visit them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

from rojsat.evaluation import map_calibration
from rojsat.evaluation.report_files import write_text
from rojsat.geo.scenes import outline_pixels
from rojsat.geo.vectors import region_areas, vector_files
from rojsat.maps.cell_prediction import EPOCH
from rojsat.maps.map_cells import MapGrid, offset
from rojsat.maps.model_card import ModelCard

RANKS = {"hectares": "need_ha", "degree": "degree_mean"}
"""What stands are ranked by: the hectares in need, or the mean degree."""

LAYER = "stands"

NOT_COVERED, NOT_SEEN = "no scene covers it", "not seen on any date"

DECIMALS = {"area_ha": 3, "need_ha": 3}
"""Decimals of columns; others of numbers have four."""


def table(
    stands: gpd.GeoDataFrame, grids: Sequence[MapGrid], rasters: Sequence[Path], card: ModelCard, rank: str
) -> gpd.GeoDataFrame:
    """One row a stand, the first to visit first.

    Args:
        stands: outlines, with their ids in `region`.
        grids: of the rasters.
        rasters: of the map.
        card: of the model.
        rank: one of `RANKS`.

    Returns:
        `rank` from 1, none of a stand that is not seen; `region`; `area_ha` on the ellipsoid; `need_ha`, the hectares
        of seen pixels above the threshold; `degree_mean` and `degree_p90`, the 90th percentile, over seen pixels;
        `degree_low` and `degree_high`, between which the mean lies with the probability of the calibration (none where
        nothing can be promised); `seen`, share of its pixels; `outside`, share of the seen ones that lie outside the
        training pixels; `last_clear`, the last day on which, or later, half of it is seen; `note`; geometry.
    """
    areas = region_areas.geodesic_hectares(stands)
    rows: dict[str, dict[str, Any]] = {str(name): {"note": NOT_COVERED} for name in stands["region"]}
    half = _half_width(card)
    for grid, path in zip(grids, rasters, strict=True):
        with rasterio.open(path) as raster:
            for name, box in grid.boxes.items():
                (row,) = stands.index[stands["region"] == name]
                inside = outline_pixels.inside(stands.geometry[row], str(stands.crs), box)
                top, left = offset(box, grid.grid)
                values = raster.read(window=Window(left, top, box.shape[1], box.shape[0]))
                bands = dict(zip(raster.descriptions, values[:, inside], strict=True))
                rows[name] = _row(bands, float(areas[row]), card.threshold, half)
    listed = gpd.GeoDataFrame(
        {"region": stands["region"].astype(str), "area_ha": areas}, geometry=stands.geometry.to_numpy(), crs=stands.crs
    )
    facts = pd.DataFrame([rows[name] for name in listed["region"]], index=listed.index).reindex(columns=_COLUMNS)
    return _ranked(listed.join(facts), rank)


_COLUMNS = [
    *("need_ha", "degree_mean", "degree_p90", "degree_low", "degree_high"),
    *("seen", "outside", "last_clear", "note"),
]


def _half_width(card: ModelCard) -> float | None:
    if card.calibration is None:
        return None
    return map_calibration.half_width(card.calibration["regions"], card.calibration["level"])


def _row(bands: Mapping[str, NDArray[np.float32]], area: float, threshold: float, half: float | None) -> dict[str, Any]:
    """What the pixels inside an outline say of it."""
    degree = bands["degree"].astype(np.float64)
    seen = np.isfinite(degree)
    if not seen.any():
        return {"seen": 0.0, "note": NOT_SEEN}
    mean, newest = float(degree[seen].mean()), np.where(seen, bands["newest"], 0)
    last = int(np.sort(newest)[::-1][(len(newest) - 1) // 2])
    ends = {} if half is None else {"degree_low": max(0.0, mean - half), "degree_high": min(1.0, mean + half)}
    return {
        "need_ha": area * float((degree[seen] > threshold).sum()) / len(degree),
        "degree_mean": mean,
        "degree_p90": float(np.percentile(degree[seen], 90)),
        **ends,
        "seen": float(seen.mean()),
        "outside": float((bands["outside"][seen] > 0.5).mean()),
        "last_clear": f"{EPOCH + pd.Timedelta(days=last):%Y-%m-%d}" if last else None,
        "note": "" if seen.mean() >= 0.5 else "less than half is seen",
    }


def _ranked(listed: gpd.GeoDataFrame, rank: str) -> gpd.GeoDataFrame:
    """The stands in the sequence of their visits; of equal ones the larger degree, then the id decides."""
    keys = list(dict.fromkeys([RANKS[rank], "degree_mean", "need_ha"]))
    ordered = listed.sort_values([*keys, "region"], ascending=[False] * len(keys) + [True], na_position="last")
    numbers = np.where(ordered["need_ha"].notna(), np.arange(1, len(ordered) + 1), 0)
    ordered.insert(0, "rank", pd.array([int(number) or None for number in numbers], dtype="Int64"))
    decimals = {
        name: DECIMALS.get(name, 4) for name in ordered.columns if pd.api.types.is_float_dtype(ordered[name].dtype)
    }
    return ordered.round(decimals).reset_index(drop=True)


def write(stands: gpd.GeoDataFrame, folder: Path) -> None:
    """Write `stands.gpkg` and `stands.csv`, each complete or not at all."""
    beside = folder / ".stands.gpkg"
    beside.unlink(missing_ok=True)
    vector_files.write_geopackage(stands, beside, layer=LAYER)
    beside.replace(folder / "stands.gpkg")
    write_text(folder / "stands.csv", pd.DataFrame(stands.drop(columns="geometry")).to_csv(index=False))
