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

from rojsat.evaluation.report_files import write_text
from rojsat.geo.scenes import outline_pixels
from rojsat.geo.vectors import region_areas, vector_files
from rojsat.maps import stand_calibration, stand_sheet, training_ground, visit_choice, waiting
from rojsat.maps.canopy_change import Change
from rojsat.maps.cell_prediction import EPOCH
from rojsat.maps.map_cells import MapGrid, offset
from rojsat.maps.model_card import ModelCard

RANKS = {"hectares": "need_ha", "degree": "degree_mean"}
"""What stands are ranked by: the hectares in need, or the mean degree."""

LAYER = "stands"

NOT_COVERED, NOT_SEEN = "no scene covers it", "not seen on any date"

TRAINED_ON = "the model was trained on it"
"""In the note of a stand."""

DECIMALS = {
    **dict.fromkeys(["area_ha", "need_ha", "need_low_ha", "need_high_ha"], 3),
    **{"years_left": 1, "waiting_cost_eur": 0},
}
"""Decimals of columns; others of numbers have four."""

VISITS = 20
"""Stands that are to be visited first."""


def table(
    stands: gpd.GeoDataFrame,
    grids: Sequence[MapGrid],
    rasters: Sequence[Path],
    card: ModelCard,
    rank: str,
    *,
    changes: Mapping[str, Change] | None = None,
    heights: pd.Series | None = None,
    visits: int = VISITS,
) -> gpd.GeoDataFrame:
    """One row a stand, the first to visit first.

    Args:
        stands: outlines, with their ids in `region`.
        grids: of the rasters.
        rasters: of the map.
        card: of the model.
        rank: one of `RANKS`.
        changes: of the canopy between two dates, by id, where there are two.
        heights: metres, by id; None: nothing is computed of waiting.
        visits: how many stands are to be visited first.

    Returns:
        The columns that `stand_columns.COLUMNS` explains, and the geometry. Stands that look cleared already come after
        all others that are seen, then those that are not seen, which have no rank.
    """
    areas = region_areas.geodesic_hectares(stands)
    rows: dict[str, dict[str, Any]] = {str(name): {"note": NOT_COVERED} for name in stands["region"]}
    for grid, path in zip(grids, rasters, strict=True):
        with rasterio.open(path) as raster:
            for name, box in grid.boxes.items():
                (row,) = stands.index[stands["region"] == name]
                inside = outline_pixels.inside(stands.geometry[row], str(stands.crs), box)
                top, left = offset(box, grid.grid)
                values = raster.read(window=Window(left, top, box.shape[1], box.shape[0]))
                bands = dict(zip(raster.descriptions, values[:, inside], strict=True))
                rows[name] = _row(bands, float(areas[row]), card)
    listed = gpd.GeoDataFrame(
        {"region": stands["region"].astype(str), "area_ha": areas}, geometry=stands.geometry.to_numpy(), crs=stands.crs
    )
    facts = pd.DataFrame([rows[name] for name in listed["region"]], index=listed.index).reindex(columns=_COLUMNS)
    listed = listed.join(facts).assign(trained_on=training_ground.shares(stands, card.ground))
    listed = _marked(listed, changes or {})
    if heights is not None:
        height = heights.reindex(listed["region"]).set_axis(listed.index)
        listed = listed.join(waiting.costs(listed, height.mask(listed["already_cleared"].fillna(False).astype(bool))))
    listed["visit"] = visit_choice.sequence(listed, visits)
    return _ranked(listed[[*listed.columns.drop(["note", "geometry"]), "note", "geometry"]], rank)


_COLUMNS = [
    *("need_ha", "need_low_ha", "need_high_ha", "degree_mean", "degree_p90", "degree_low", "degree_high"),
    *("seen", "outside", "trained_on", "last_clear", "note"),
]
"""What the pixels of a stand say of it."""


def _marked(listed: gpd.GeoDataFrame, changes: Mapping[str, Change]) -> gpd.GeoDataFrame:
    """The stands with `already_cleared`; its dates, and that a stand was trained on, in their notes."""
    own = [changes.get(name) for name in listed["region"]]
    cleared = pd.array([None if change is None else change.cleared for change in own], dtype="boolean")
    notes = [
        "; ".join(
            part
            for part in (
                note,
                TRAINED_ON if trained_on else "",
                f"looks cleared between {change.before} and {change.after}" if change and change.cleared else "",
            )
            if part
        )
        for note, trained_on, change in zip(listed["note"], training_ground.are_trained_on(listed), own, strict=True)
    ]
    return listed.assign(already_cleared=cleared, note=notes)


def _row(bands: Mapping[str, NDArray[np.float32]], area: float, card: ModelCard) -> dict[str, Any]:
    """What the pixels inside an outline say of it."""
    degree = bands["degree"].astype(np.float64)
    seen = np.isfinite(degree)
    if not seen.any():
        return {"seen": 0.0, "note": NOT_SEEN}
    mean, newest = float(degree[seen].mean()), np.where(seen, bands["newest"], 0)
    last = int(np.sort(newest)[::-1][(len(newest) - 1) // 2])

    half = None if card.calibration is None else stand_calibration.half_width(card.calibration, int(seen.sum()))

    def need(shift: float) -> float:
        return area * float((degree[seen] + shift > card.threshold).sum()) / len(degree)

    ends = (
        {}
        if half is None
        else {
            "need_low_ha": need(-half),
            "need_high_ha": need(half),
            "degree_low": max(0.0, mean - half),
            "degree_high": min(1.0, mean + half),
        }
    )
    return {
        "need_ha": need(0.0),
        "degree_mean": mean,
        "degree_p90": float(np.percentile(degree[seen], 90)),
        **ends,
        "seen": float(seen.mean()),
        "outside": float((bands["outside"][seen] > 0.5).mean()),
        "last_clear": f"{EPOCH + pd.Timedelta(days=last):%Y-%m-%d}" if last else None,
        "note": "" if seen.mean() >= 0.5 else "less than half is seen",
    }


def _ranked(listed: gpd.GeoDataFrame, rank: str) -> gpd.GeoDataFrame:
    """The stands by their rank; of equal ones the larger degree, then the id decides."""
    keys = list(dict.fromkeys([RANKS[rank], "degree_mean", "need_ha"]))
    last = pd.DataFrame({"unseen": listed["need_ha"].isna(), "cleared": listed["already_cleared"].fillna(False)})
    ordered = (
        listed.join(last)
        .sort_values(["unseen", "cleared", *keys, "region"], ascending=[True, True, *[False] * len(keys), True])
        .drop(columns=["unseen", "cleared"])
    )
    numbers = np.where(ordered["need_ha"].notna(), np.arange(1, len(ordered) + 1), 0)
    ordered.insert(0, "rank", pd.array([int(number) or None for number in numbers], dtype="Int64"))
    decimals = {
        name: DECIMALS.get(name, 4) for name in ordered.columns if pd.api.types.is_float_dtype(ordered[name].dtype)
    }
    return ordered.round(decimals).reset_index(drop=True)


def write(stands: gpd.GeoDataFrame, folder: Path, about: Sequence[tuple[str, str]], day: pd.Timestamp) -> None:
    """Write `stands.gpkg`, `stands.csv` and `stands.xlsx`, each complete or not at all.

    Args:
        stands: the stand table.
        folder: of the map.
        about: what a sheet of the workbook says of the map: names and texts.
        day: of the newest scene.
    """
    beside = folder / ".stands.gpkg"
    beside.unlink(missing_ok=True)
    vector_files.write_geopackage(stands, beside, layer=LAYER)
    beside.replace(folder / "stands.gpkg")
    listed = pd.DataFrame(stands.drop(columns="geometry"))
    write_text(folder / "stands.csv", listed.to_csv(index=False))
    stand_sheet.write(folder / "stands.xlsx", listed, about, day)
