"""Brings stored numbers from one pixel grid to another; 0 is no data on either side."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.enums import Resampling
from rasterio.warp import reproject

from rojsat.config import lookup
from rojsat.geo.scenes.grid import ratio

REACH = 4
"""Native pixels around a grid that the widest kernel needs (Lanczos reaches 3)."""


EXACT = (Resampling.nearest, Resampling.bilinear)
"""What `exactly` knows."""


def kernel(name: str) -> Resampling:
    """The resampling of that name.

    Raises:
        UnknownNameError: if GDAL has none.
    """
    names = [one.name for one in Resampling if one.name != "gauss"]
    if name not in names:
        raise lookup.unknown("resampling", name, names)
    return Resampling[name]


@dataclass(frozen=True)
class Window:
    """The native pixels that a grid needs.

    Attributes:
        native: the whole native grid.
        grid: the grid.
        roi: rows and columns of the native pixels.
        width: the grid's pixels in the width of a native one; None if their edges do not meet.
    """

    native: GeoBox
    grid: GeoBox
    roi: tuple[slice, slice]
    width: int | None

    def bring(self, stored: NDArray[Any], method: Resampling) -> NDArray[Any]:
        """Bring the native pixels (n, rows, cols) to the grid: (n, h, w) of the same type, 0 outside.

        A pixel whose own native pixel has no data gets none from its neighbours; other missing neighbours have no
        weight.
        """
        if self.width is None or method not in EXACT:
            return _warp(stored, self.native[self.roi], self.grid, method)
        here, there, (rows, cols) = self.native.affine, self.grid.affine, self.roi
        down = round((there.f - here.f) / there.e) - rows.start * self.width
        across = round((there.c - here.c) / there.a) - cols.start * self.width
        if self.width == 1 and (down, across, *stored.shape[1:]) == (0, 0, *self.grid.shape):
            return stored  # its own pixels, all of them there
        return exactly(stored, self.width, (down, across), tuple(self.grid.shape), method)


def look(native: GeoBox, grid: GeoBox, method: Resampling, beyond: int = 0) -> Window | None:
    """Find the native pixels that a grid needs, and `beyond` more on every side; None where they share no ground."""
    width = ratio(native, grid)
    reach = beyond + (REACH if width is None or method not in EXACT else int(width > 1))
    here = native.affine
    if native.crs == grid.crs:
        there, (tall, wide) = grid.affine, grid.shape
        left, top = there.c, there.f
        right, bottom = left + there.a * wide, top + there.e * tall
    else:
        box = grid.extent.to_crs(str(native.crs), resolution=100).boundingbox
        left, bottom, right, top = box.bbox
    rows = _span((top - here.f) / here.e, (bottom - here.f) / here.e, reach, native.shape[0])
    cols = _span((left - here.c) / here.a, (right - here.c) / here.a, reach, native.shape[1])
    return None if rows is None or cols is None else Window(native, grid, (rows, cols), width)


def _span(start: float, stop: float, reach: int, length: int) -> slice | None:
    first, last = floor(start + 1e-3) - reach, ceil(stop - 1e-3) + reach
    first, last = max(first, 0), min(last, length)
    return slice(first, last) if first < last else None


def exactly(
    stored: NDArray[Any], width: int, shift: tuple[int, int], shape: tuple[int, ...], method: Resampling
) -> NDArray[Any]:
    """`Window.bring` where native pixels are a whole number of the grid's wide, as those of a Sentinel-2 tile are.

    Reckons in whole numbers, so that the result is the same on every machine and does not depend on the window.

    Args:
        stored: (n, rows, cols) native pixels.
        width: the grid's pixels in the width of a native one.
        shift: rows and columns of the grid from the upper-left corner of `stored` to its own.
        shape: height and width of the grid.
        method: nearest or bilinear.
    """
    centres = [2 * (np.arange(size) + start) + 1 for size, start in zip(shape, shift, strict=True)]  # in half pixels
    own = [centre // (2 * width) for centre in centres]
    inside = all(one[0] >= 0 and one[-1] < size for one, size in zip(own, stored.shape[1:], strict=True))
    nearest = _take(stored, own)
    if not inside:
        nearest = nearest * _within(own, stored.shape[1:])
    if method == Resampling.nearest or width == 1:
        return nearest
    first, weight = zip(*(np.divmod(centre - width, 2 * width) for centre in centres), strict=True)
    smooth = _bilinear(stored, first, weight, 2 * width)
    return np.where(nearest > 0, smooth, 0).astype(stored.dtype)


def _take(array: NDArray[Any], index: Sequence[NDArray[np.int64]]) -> NDArray[Any]:
    """Rows and columns of (n, rows, cols); those beyond an edge are the edge's."""
    rows, cols = (one.clip(0, size - 1) for one, size in zip(index, array.shape[1:], strict=True))
    return array[:, rows][:, :, cols]


def _within(index: Sequence[NDArray[np.int64]], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    rows, cols = ((one >= 0) & (one < size) for one, size in zip(index, shape, strict=True))
    return rows[:, None] & cols


def _bilinear(
    stored: NDArray[Any], first: Sequence[NDArray[np.int64]], weight: Sequence[NDArray[np.int64]], whole: int
) -> NDArray[np.int64]:
    """Weighted means of the native pixels with data around each pixel of the grid, rounded half up.

    Args:
        stored: (n, rows, cols).
        first: row, and column, of the native pixel north, and west, of each pixel of the grid.
        weight: of the one south, and east, of that, of `whole`.
        whole: sum of two weights.
    """
    values = stored.astype(np.int64)
    total = _blend(_blend(values, first[0], weight[0], whole, 1), first[1], weight[1], whole, 2)
    if stored.all():  # an edge repeats its own pixels, as if nothing lay beyond
        return (2 * total + whole**2) // (2 * whole**2)
    seen = (stored > 0).astype(np.int64)
    known = _blend(_blend(seen, first[0], weight[0], whole, 1), first[1], weight[1], whole, 2)
    return (2 * total + known) // np.maximum(2 * known, 1)


def _blend(
    values: NDArray[np.int64], first: NDArray[np.int64], weight: NDArray[np.int64], whole: int, axis: int
) -> NDArray[np.int64]:
    last = values.shape[axis] - 1
    one, two = (np.take(values, index.clip(0, last), axis=axis) for index in (first, first + 1))
    share = weight[:, None] if axis == 1 else weight
    return one * (whole - share) + two * share


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
