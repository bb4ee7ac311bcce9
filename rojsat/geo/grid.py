"""The 10 m grid of each region: a window of its scenes' own pixel grid."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from odc.geo.geom import box

from rojsat.geo.scenes import Scene

STEP = 3
"""Bounds are rounded to this many decimals (millimetres): noise of a projection must not add a row of pixels."""


def region_grids(scenes: Sequence[Scene], regions: gpd.GeoDataFrame) -> dict[str, GeoBox]:
    """Find the grid of every region that some scene covers.

    Args:
        scenes: scenes of one data set, each on its own 10 m grid.
        regions: regions in any CRS.

    Returns:
        For each such region, in their order, the smallest window of its scenes' pixel grid that encloses it.

    Raises:
        ValueError: if two scenes of one region differ in CRS, pixel size or the place of their pixels.
    """
    covering = {region: [scenes[number] for number in row] for region, row in _covering(scenes, regions).items()}
    grids: dict[str, GeoBox] = {}
    for region, mine in covering.items():
        for other in mine[1:]:
            if not same_pixels(mine[0].grid, other.grid):
                raise ValueError(
                    f"region {region!r} lies in two grids: {_describe(mine[0])} and {_describe(other)}; "
                    "bring the scenes to one grid, or make two data sets of them"
                )
    bounds = {crs: regions.to_crs(crs).bounds.round(STEP) for crs in {scene.crs for scene in scenes}}
    places = {region: number for number, region in enumerate(regions["region"])}
    for region, mine in covering.items():
        crs = mine[0].crs
        left, bottom, right, top = bounds[crs].iloc[places[region]]
        grids[region] = mine[0].grid.enclosing(box(left, bottom, right, top, crs))
    return grids


def overlap_area(one: GeoBox, other: GeoBox) -> float:
    """Ground that two grids share, in square units of their CRS; 0 where they differ in CRS."""
    mine, its = one.boundingbox, other.boundingbox
    if mine.crs != its.crs:
        return 0.0
    across = min(mine.right, its.right) - max(mine.left, its.left)
    down = min(mine.top, its.top) - max(mine.bottom, its.bottom)
    return float(max(across, 0) * max(down, 0))


def same_pixels(one: GeoBox, other: GeoBox) -> bool:
    """Whether two grids have the same CRS, the same pixel size and pixels at the same places."""
    if one.crs != other.crs or not np.allclose(_size(one), _size(other), rtol=0, atol=1e-6):
        return False
    shift = np.subtract((one.affine.c, one.affine.f), (other.affine.c, other.affine.f)) / _size(one)  # pixels
    return bool(np.abs(shift - shift.round()).max() < 1e-3)


def _size(grid: GeoBox) -> NDArray[np.float64]:
    return np.array([grid.affine.a, grid.affine.e])


def _covering(scenes: Sequence[Scene], regions: gpd.GeoDataFrame) -> dict[str, NDArray[np.int64]]:
    """Numbers of the scenes that share ground with each region's bounds; regions without are left out."""
    bounds = {crs: regions.to_crs(crs).bounds.to_numpy().round(STEP) for crs in {s.crs for s in scenes}}
    shared = np.zeros((len(regions), len(scenes)), bool)
    for number, scene in enumerate(scenes):
        left, bottom, right, top = bounds[scene.crs].T
        mine = scene.grid.boundingbox
        shared[:, number] = (left < mine.right) & (right > mine.left) & (bottom < mine.top) & (top > mine.bottom)
    numbers = {region: np.flatnonzero(row) for region, row in zip(regions["region"], shared, strict=True)}
    return {region: found for region, found in numbers.items() if len(found)}


def _describe(scene: Scene) -> str:
    return f"scene {scene.id} ({scene.crs}, upper left {scene.grid.affine.c}, {scene.grid.affine.f})"
