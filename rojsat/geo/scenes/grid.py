"""The 10 m grid of each region: a window of the pixel grid that most of its scenes share."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from rojsat.geo.scenes import grid_windows
from rojsat.geo.scenes.catalog import Scene

STEP = 3
"""Bounds are rounded to this many decimals (millimetres): noise of a projection must not add a row of pixels."""

SAME = 6
"""Shares of regions are rounded to this many decimals before they are compared."""


def region_grids(scenes: Sequence[Scene], regions: gpd.GeoDataFrame) -> Mapping[str, GeoBox]:
    """Find the grid of every region that some scene covers.

    Scenes of one UTM zone share their pixels, whatever their tile; those of two zones do not. A region where zones
    overlap lies on the pixels of the zone whose scenes cover most of it, all scenes taken together; of equals, on those
    on which its box is smallest, because it is turned least.

    Args:
        scenes: scenes of one data set, each on its own 10 m grid.
        regions: regions in any CRS.

    Returns:
        For each such region, in their order, the smallest window of that pixel grid that encloses it.
    """
    families = lattices(scenes)
    bounds = [regions.to_crs(str(first.crs)).bounds.to_numpy().round(STEP) for first, _ in families]
    shares = np.zeros((len(regions), len(families)))
    for number, (_, members) in enumerate(families):
        for scene in members:
            shares[:, number] += _shared(bounds[number], scenes[scene].grid) / _area(bounds[number])
    areas = np.stack([_area(boxes) for boxes in bounds], axis=1)
    equal = shares.round(SAME) == shares.round(SAME).max(axis=1, keepdims=True)
    best = np.where(equal, areas, np.inf).argmin(axis=1)
    kept = np.flatnonzero(shares[np.arange(len(best)), best] > 0)
    windows = np.zeros((len(regions), 4), np.int32)
    for number, (first, _) in enumerate(families):
        rows = kept[best[kept] == number]
        windows[rows] = grid_windows.enclosing(first, bounds[number][rows])
    names = regions["region"].to_numpy(object)[kept].tolist()
    return grid_windows.GridWindows(names, [first for first, _ in families], best[kept], windows[kept])


def lattices(scenes: Sequence[Scene]) -> list[tuple[GeoBox, list[int]]]:
    """Families of scenes that share their pixels: a grid of one of them, and their numbers; sorted by CRS."""
    families: list[tuple[GeoBox, list[int]]] = []
    for number in sorted(range(len(scenes)), key=lambda n: (scenes[n].crs, scenes[n].id)):
        family = next((members for first, members in families if same_pixels(first, scenes[number].grid)), None)
        if family is None:
            families.append((scenes[number].grid, [number]))
        else:
            family.append(number)
    return families


def overlap_areas(scene: GeoBox, boxes: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Ground that a scene shares with boxes (N, 4) of left, bottom, right, top in `crs`, (N,) square units of that."""
    if crs == str(scene.crs):
        return _shared(boxes, scene)
    extent = scene.extent.to_crs(crs, resolution=scene.resolution.x * 100).geom
    return np.asarray(shapely.area(shapely.intersection(extent, shapely.box(*boxes.T))))


def overlap_area(first: GeoBox, second: GeoBox) -> float:
    """Ground that two grids share, in square units of their CRS; 0 where they differ in CRS."""
    if first.crs != second.crs:
        return 0.0
    return float(_shared(np.array([second.boundingbox.bbox]), first)[0])


def same_pixels(first: GeoBox, second: GeoBox) -> bool:
    """Whether two grids have the same CRS, the same pixel size and pixels at the same places."""
    return ratio(first, second) == 1


def ratio(coarse: GeoBox, fine: GeoBox) -> int | None:
    """Pixels of `fine` in the width of one of `coarse`; None if that is no integer or their edges do not meet."""
    large, small = coarse.affine, fine.affine
    if coarse.crs != fine.crs or large.b or large.d or small.b or small.d:
        return None
    widths = (large.a / small.a, large.e / small.e)
    shifts = ((large.c - small.c) / small.a, (large.f - small.f) / small.e)
    pixels = round(widths[0])
    if pixels < 1 or any(abs(width - pixels) > 1e-7 for width in widths):
        return None
    return pixels if all(abs(shift - round(shift)) < 1e-3 for shift in shifts) else None


def _shared(bounds: NDArray[np.float64], grid: GeoBox) -> NDArray[np.float64]:
    """Area that boxes (N, 4) of left, bottom, right, top share with a grid in the same CRS, (N,)."""
    left, bottom, right, top = bounds.T
    extent = grid.boundingbox
    across = np.minimum(right, extent.right) - np.maximum(left, extent.left)
    down = np.minimum(top, extent.top) - np.maximum(bottom, extent.bottom)
    return np.asarray(np.maximum(across, 0) * np.maximum(down, 0))


def _area(bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((bounds[:, 2] - bounds[:, 0]) * (bounds[:, 3] - bounds[:, 1]))
