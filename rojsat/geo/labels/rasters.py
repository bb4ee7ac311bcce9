"""Degree of need, or damage, from label rasters on the scenes' own pixels."""

import json
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import rasterio
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from rojsat.geo.masks import UNKNOWN, Labels
from rojsat.geo.scenes.grid import overlap_area, same_pixels


def masks(
    raw: Path,
    regions: gpd.GeoDataFrame,  # noqa: ARG001 - every source of labels has it
    grids: dict[str, GeoBox],
    *,
    both_zero: Literal["unknown", "zero"] = "unknown",
) -> Labels:
    """Cut the label rasters that the source listed in `labels.json` to every region's grid.

    Args:
        raw: the raw data set, with `labels.json`: pairs of `label` and `valid` rasters (`valid` may be null).
        regions: its regions.
        grids: grid of each region.
        both_zero: what a pixel is where label and valid raster are both 0: `unknown`, as where neither forest nor
            damage was mapped, or `zero` like any other 0.

    Raises:
        ValueError: if there is no list, an option or a value is wrong, or a raster lies on other pixels.
    """
    if both_zero not in ("unknown", "zero"):
        raise ValueError(f"both_zero is {both_zero!r}; it may be 'unknown' or 'zero'")
    path = raw / "labels.json"
    if not path.exists():
        raise ValueError(f"{path} does not exist: the source of the scenes must list label rasters (label_rasters)")
    degree: dict[str, NDArray[np.float32]] = {}
    for pair in json.loads(path.read_text()):
        known, place = _known(pair, both_zero)
        for region in [region for region, grid in grids.items() if overlap_area(grid, place) > 0]:
            grid = grids[region]
            if not same_pixels(grid, place):
                raise ValueError(f"{pair['label']} does not lie on the pixels of the scenes of region {region!r}")
            whole = degree.setdefault(region, np.full(tuple(grid.shape), UNKNOWN, np.float32))
            (rows, cols), (top, left) = grid.overlap_roi(place), place.overlap_roi(grid)
            part = whole[rows.start : rows.stop, cols.start : cols.stop]
            cut = known[top.start : top.stop, left.start : left.stop]
            part[part == UNKNOWN] = cut[part == UNKNOWN]
    return Labels(degree, facts=_facts(degree))


def _known(pair: dict[str, str | None], both_zero: str) -> tuple[NDArray[np.float32], GeoBox]:
    """Degree of a label raster, (h, w) with -1 where unknown, and its grid."""
    with rasterio.open(pair["label"]) as raster:
        label, seen = raster.read(1).astype(np.float32), raster.read_masks(1) > 0
        place = GeoBox(raster.shape, raster.transform, raster.crs.to_string())
    if not ((label[seen] >= 0) & (label[seen] <= 1)).all():
        raise ValueError(f"{pair['label']} holds values from {label.min()} to {label.max()}; labels go from 0 to 1")
    if pair["valid"] is not None and both_zero == "unknown":
        with rasterio.open(pair["valid"]) as raster:
            if raster.shape != label.shape or raster.transform != place.affine:
                raise ValueError(f"{pair['valid']} does not lie on the pixels of {pair['label']}")
            seen &= (label > 0) | (raster.read(1) > 0)
    return np.where(seen, label, np.float32(UNKNOWN)), place


def _facts(degree: dict[str, NDArray[np.float32]]) -> dict[str, Any]:
    values = np.concatenate([one.ravel() for one in degree.values()]) if degree else np.zeros(0)
    counts = {"zero": values == 0, "above_zero": values > 0, "unknown": values == UNKNOWN}
    return {"pixels": {name: int(found.sum()) for name, found in counts.items()}}
