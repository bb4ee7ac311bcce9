"""Degree of need, or damage, from label rasters on the scenes' own pixels."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from rojsat.config import label_extents, lookup
from rojsat.geo.degrees import UNKNOWN, Labels
from rojsat.geo.scenes import outline_pixels, raster_files
from rojsat.geo.scenes.grid import overlap_area, same_pixels


def masks(
    raw: Path,
    regions: gpd.GeoDataFrame,
    grids: Mapping[str, GeoBox],
    *,
    both_zero: Literal["unknown", "zero"] = "unknown",
    contradiction: Literal["label", "unknown"] = "label",
    extent: Literal["outline", "box"] = "outline",
) -> Labels:
    """Cut the label rasters that the source listed in `labels.json` to every region's grid.

    Args:
        raw: the raw data set, with `labels.json`: pairs of `label` and `valid` rasters (`valid` may be null).
        regions: its regions.
        grids: grid of each region.
        both_zero: what a pixel is where label and valid raster are both 0: `unknown`, as where neither forest nor
            damage was mapped, or `zero` as any other 0.
        contradiction: what a pixel is where label and valid raster are both above 0, as damage that a later map calls
            forest: as the `label` says, or `unknown`. The facts count them either way (`contradicting`).
        extent: what of a region's box is labelled: the pixels whose centre lies in its `outline`, or the complete
            `box`.

    Raises:
        ValueError: if there is no list, an option or a value is wrong, or a raster lies on other pixels.
    """
    if both_zero not in ("unknown", "zero"):
        raise ValueError(f"both_zero is {both_zero!r}; it may be 'unknown' or 'zero'")
    if contradiction not in ("label", "unknown"):
        raise ValueError(f"contradiction is {contradiction!r}; it may be 'label' or 'unknown'")
    if extent not in label_extents.EXTENTS:
        raise lookup.unknown("data.labels.options.extent:", extent, label_extents.EXTENTS)
    path = raw / "labels.json"
    if not path.exists():
        raise ValueError(f"{path} does not exist: the source of the scenes must list label rasters (label_rasters)")
    masks: dict[str, NDArray[np.float32]] = {}
    contradicted: dict[str, NDArray[np.bool_]] = {}
    for pair in json.loads(path.read_text()):
        label, is_contradicted, label_grid = _read(pair, both_zero)
        systems = sorted({str(grid.crs) for grid in grids.values()})
        if str(label_grid.crs) not in systems:
            raise ValueError(
                f"{pair['label']} is in the coordinate system {label_grid.crs}, the scenes in {', '.join(systems)}: "
                "warp it to the pixels of the scenes (gdalwarp -t_srs -te -tr -r near)"
            )
        for region, grid in grids.items():
            if overlap_area(grid, label_grid) > 0:
                if not same_pixels(grid, label_grid):
                    raise ValueError(f"{pair['label']} does not lie on the pixels of the scenes of region {region!r}")
                degree = masks.setdefault(region, np.full(tuple(grid.shape), UNKNOWN, np.float32))
                flags = contradicted.setdefault(region, np.zeros(tuple(grid.shape), bool))
                _fill((degree, flags), grid, (label, is_contradicted), label_grid)
    if extent == label_extents.OUTLINE:
        polygons = regions.set_index("region").geometry
        for region, degree in masks.items():
            degree[~outline_pixels.inside(polygons[region], str(regions.crs), grids[region])] = UNKNOWN
    contradicting = {region: contradicted[region] & (degree != UNKNOWN) for region, degree in masks.items()}
    if contradiction == "unknown":
        for region, degree in masks.items():
            degree[contradicting[region]] = UNKNOWN
    count = sum(int(flags.sum()) for flags in contradicting.values())
    return Labels(masks, facts=_facts(masks) | {"contradicting": count})


def _fill(
    planes: tuple[NDArray[Any], NDArray[Any]], grid: GeoBox, cuts: tuple[NDArray[Any], NDArray[Any]], label_grid: GeoBox
) -> None:
    """Copy a label, and where it is contradicted, to the pixels whose degree, the first plane, is unknown, in place."""
    inside, label_inside = (
        (slice(rows.start, rows.stop), slice(cols.start, cols.stop))
        for rows, cols in (grid.overlap_roi(label_grid), label_grid.overlap_roi(grid))
    )
    is_unknown = planes[0][inside] == UNKNOWN
    for plane, cut in zip(planes, cuts, strict=True):
        plane[inside][is_unknown] = cut[label_inside][is_unknown]


def _read(pair: dict[str, str | None], both_zero: str) -> tuple[NDArray[np.float32], NDArray[np.bool_], GeoBox]:
    """Degree of a label raster, (h, w) with -1 where unknown, where the valid raster contradicts it, and its grid."""
    with raster_files.open_raster(str(pair["label"]), beside=True, complete=True) as raster:
        label, seen = raster.read(1).astype(np.float32), raster.read_masks(1) > 0
        grid = GeoBox(raster.shape, raster.transform, raster.crs.to_string())
    if not ((label[seen] >= 0) & (label[seen] <= 1)).all():
        raise ValueError(f"{pair['label']} holds values from {label.min()} to {label.max()}; labels go from 0 to 1")
    contradicted = np.zeros(label.shape, bool)
    if pair["valid"] is not None:
        with raster_files.open_raster(pair["valid"], beside=True, complete=True) as raster:
            if raster.shape != label.shape or raster.transform != grid.affine:
                raise ValueError(f"{pair['valid']} does not lie on the pixels of {pair['label']}")
            valid = raster.read(1) > 0
        contradicted = valid & (label > 0)
        if both_zero == "unknown":
            seen &= valid | (label > 0)
    return np.where(seen, label, np.float32(UNKNOWN)), contradicted, grid


def _facts(masks: dict[str, NDArray[np.float32]]) -> dict[str, Any]:
    values = np.concatenate([degree.ravel() for degree in masks.values()]) if masks else np.zeros(0)
    kinds = {"zero": values == 0, "above_zero": values > 0, "unknown": values == UNKNOWN}
    return {"pixels": {name: int(pixels.sum()) for name, pixels in kinds.items()}}
