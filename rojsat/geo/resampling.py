"""Brings stored numbers from one pixel grid to another; 0 is no data on either side."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.enums import Resampling
from rasterio.warp import reproject

from rojsat import catalog

REACH = 4
"""Native pixels around a grid that the widest kernel needs (Lanczos reaches 3)."""


def kernel(name: str) -> Resampling:
    """The resampling of that name.

    Raises:
        UnknownNameError: if GDAL has none.
    """
    names = [one.name for one in Resampling if one.name != "gauss"]
    if name not in names:
        raise catalog.unknown("resampling", name, names)
    return Resampling[name]


def resample(stored: NDArray[Any], place: GeoBox, grid: GeoBox, method: Resampling) -> NDArray[Any]:
    """Bring `stored` (n, rows, cols) on `place` to `grid`: (n, h, w) of the same type, 0 outside.

    A pixel whose own native pixel has no data gets none from its neighbours; other missing neighbours have no weight.
    Native pixels that are a whole number of the grid's pixels wide, as those of a Sentinel-2 tile are, are resampled
    by `nearest` and `bilinear` in whole numbers, so that the result is exact on every machine; everything else by
    GDAL's warper.
    """
    ratio = _ratio(place, grid)
    if ratio is not None and method in (Resampling.nearest, Resampling.bilinear):
        across = _positions(grid.affine.c, grid.affine.a, grid.shape[1], place.affine.c)
        down = _positions(grid.affine.f, grid.affine.e, grid.shape[0], place.affine.f)
        found = _nearest(stored, down, across, ratio)
        if method == Resampling.bilinear:
            found = np.where(found > 0, _bilinear(stored, down, across, ratio), 0).astype(stored.dtype)
        return found
    return _warp(stored, place, grid, method)


def _ratio(place: GeoBox, grid: GeoBox) -> int | None:
    """Pixels of `grid` in a pixel of `place`, if that is a whole number and their edges meet."""
    if place.crs != grid.crs or place.affine.b or place.affine.d or grid.affine.b or grid.affine.d:
        return None
    ratios = np.array([place.affine.a / grid.affine.a, place.affine.e / grid.affine.e])
    shifts = np.array(
        [(place.affine.c - grid.affine.c) / grid.affine.a, (place.affine.f - grid.affine.f) / grid.affine.e]
    )
    whole = np.concatenate([ratios, shifts])
    if np.abs(whole - whole.round()).max() > 1e-3 or ratios.round()[0] != ratios.round()[1] or ratios[0] < 1 - 1e-3:
        return None
    return round(ratios[0])


def _positions(start: float, step: float, count: int, native: float) -> NDArray[np.int64]:
    """Centre of each pixel of the grid, counted from the edge of the native one in half pixels of the grid."""
    return 2 * (np.arange(count) + round((start - native) / step)) + 1


def _nearest(stored: NDArray[Any], down: NDArray[np.int64], across: NDArray[np.int64], ratio: int) -> NDArray[Any]:
    rows, cols = down // (2 * ratio), across // (2 * ratio)
    there = [(index >= 0) & (index < size) for index, size in zip((rows, cols), stored.shape[1:], strict=True)]
    rows, cols = rows.clip(0, stored.shape[1] - 1), cols.clip(0, stored.shape[2] - 1)
    return stored[:, rows[:, None], cols] * (there[0][:, None] & there[1])


def _bilinear(
    stored: NDArray[Any], down: NDArray[np.int64], across: NDArray[np.int64], ratio: int
) -> NDArray[np.float64]:
    """Weighted means of the native pixels with data, rounded half up; whole numbers throughout, below 2^53."""
    rows, cols = _weights(down, stored.shape[1], ratio), _weights(across, stored.shape[2], ratio)
    total = rows @ stored.astype(np.float64) @ cols.T  # (n, h, w)
    if (stored == 0).any():
        weight = rows @ (stored > 0).astype(np.float64) @ cols.T
    else:
        weight = np.broadcast_to(rows.sum(axis=1)[:, None] * cols.sum(axis=1), total.shape)
    return np.floor_divide(2 * total + weight, 2 * weight, out=np.zeros_like(total), where=weight > 0)


def _weights(centres: NDArray[np.int64], size: int, ratio: int) -> NDArray[np.float64]:
    """Weight of every native pixel for every pixel of the grid, (count, size), in 1 / (2 ratio)."""
    first, part = np.divmod(centres - ratio, 2 * ratio)
    weights = np.zeros((len(centres), size + 2))  # a column beyond either edge, cut off below
    place = np.arange(len(centres))
    weights[place, first.clip(-1, size) + 1] += 2 * ratio - part
    weights[place, (first + 1).clip(-1, size) + 1] += part
    return weights[:, 1:-1]


def _warp(stored: NDArray[Any], place: GeoBox, grid: GeoBox, method: Resampling) -> NDArray[Any]:
    found = np.zeros((len(stored), *grid.shape), stored.dtype)
    where = {
        "src_transform": place.affine,
        "src_crs": str(place.crs),
        "dst_transform": grid.affine,
        "dst_crs": str(grid.crs),
        "src_nodata": 0,
        "dst_nodata": 0,
    }
    reproject(stored, found, resampling=method, UNIFIED_SRC_NODATA="NO", **where)
    if method != Resampling.nearest and (stored == 0).any():
        seen = np.zeros(found.shape, np.uint8)
        reproject((stored > 0).astype(np.uint8), seen, resampling=Resampling.nearest, **where)
        found[seen == 0] = 0
    return found
