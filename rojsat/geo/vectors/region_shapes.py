"""Shapes of regions: faults that end the reading, and what a person should know of the others."""

import logging
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.validation import explain_validity

from rojsat.chips import roles

log = logging.getLogger(__name__)

FILLS = 1 / 3
"""Share of its box below which a region of several parts is reported to leave most of its chips to other ground."""

_SHOWN = 5
"""Regions that are named; of more their number is printed."""


def warn(regions: gpd.GeoDataFrame, path: Path | str) -> None:
    """Warn of stands without label, of regions in parts that lie far from each other, and of stands across their box.

    Args:
        regions: with the columns `region`, `role`, `label`, in any coordinate system.
        path: the file that they come from.
    """
    unlabelled = (regions["role"] == roles.STAND) & regions["label"].isna()
    if unlabelled.any():
        count = int(unlabelled.sum())
        log.warning("%s: %d of %d stands have no label: nobody trains on them", path, count, len(regions))
    metric = regions.to_crs(regions.estimate_utm_crs()) if regions.crs.is_geographic else regions
    box = metric.bounds
    shares = (metric.area / ((box["maxx"] - box["minx"]) * (box["maxy"] - box["miny"]))).to_numpy()
    parts = np.array([len(getattr(geometry, "geoms", (geometry,))) for geometry in regions.geometry])
    scattered = np.flatnonzero((shares < FILLS) & (parts > 1))
    across = np.flatnonzero((shares < FILLS) & (parts == 1) & (regions["role"] == roles.STAND).to_numpy())
    for row in scattered[:_SHOWN]:
        log.warning(
            "%s: region %r has %d parts and fills %.0f %% of its box, so the rest of its chips is other ground; "
            "`parts: regions` of this file in data.regions makes its parts regions of their own",
            *(path, regions["region"].iloc[row], parts[row], 100 * shares[row]),
        )
    for row in across[:_SHOWN]:
        log.warning(
            "%s: stand %r fills %.0f %% of its box, so the rest of its chips is other ground; the channel outline "
            "(inputs.channels, with data.chips.margin) shows which pixels are the stand",
            *(path, regions["region"].iloc[row], 100 * shares[row]),
        )
    for kind, rows in (("scattered", scattered), ("narrow", across)):
        if len(rows) > _SHOWN:
            log.warning("%s: %d regions in all are so %s", path, len(rows), kind)


def flat(geometries: NDArray[Any]) -> NDArray[Any]:
    """Shapes (N,) without heights and measures; the same objects where none has any."""
    has_more = shapely.has_z(geometries) | shapely.has_m(geometries)
    return np.asarray(shapely.force_2d(geometries)) if has_more.any() else geometries


def fault(geometry: Any) -> str | None:
    """Why a geometry is no region; None if it is one."""
    if geometry is None or geometry.is_empty:
        return "has no geometry"
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        return f"is a {geometry.geom_type}, not a polygon"
    if not np.isfinite(geometry.bounds).all():
        return "has coordinates that are no numbers"
    if not geometry.is_valid:
        return f"is not a valid polygon ({explain_validity(geometry)})"
    return None if geometry.area > 0 else "has no area"
