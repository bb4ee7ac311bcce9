"""Resamples stored numbers from one pixel grid to another; 0 is no data on either side."""

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

NAMES = (
    "nearest",
    "bilinear",
    "cubic",
    "cubic_spline",
    "lanczos",
    "average",
    "mode",
    "max",
    "min",
    "med",
    "q1",
    "q3",
    "sum",
    "rms",
)
"""Those of GDAL that resample to a grid."""

REACH = 4
"""Native pixels around a grid that the widest kernel needs (Lanczos reaches 3)."""

EXACT = (Resampling.nearest, Resampling.bilinear)
"""What `resample_exactly` can do."""


def kernel(name: str) -> Resampling:
    """The resampling of that name.

    Raises:
        UnknownNameError: if GDAL has none.
    """
    if name not in NAMES:
        raise lookup.unknown("resampling", name, NAMES)
    return Resampling[name]


@dataclass(frozen=True)
class Window:
    """The native pixels that a grid needs.

    Attributes:
        native: the native grid, all of it.
        grid: the grid.
        roi: rows and columns of the native pixels.
        width: the grid's pixels in the width of a native one; None if their edges do not meet.
    """

    native: GeoBox
    grid: GeoBox
    roi: tuple[slice, slice]
    width: int | None

    def resample(self, stored: NDArray[Any], method: Resampling) -> NDArray[Any]:
        """Resample the native pixels (n, rows, cols) to the grid: (n, h, w) of the same type, 0 outside.

        A pixel whose own native pixel has no data gets none from its neighbours; other missing neighbours have no
        weight.
        """
        if self.width is None or method not in EXACT:
            return _warp(stored, self.native[self.roi], self.grid, method)
        native, target, (rows, cols) = self.native.affine, self.grid.affine, self.roi
        down = round((target.f - native.f) / target.e) - rows.start * self.width
        across = round((target.c - native.c) / target.a) - cols.start * self.width
        if self.width == 1 and (down, across, *stored.shape[1:]) == (0, 0, *self.grid.shape):
            return stored  # its own pixels, all of them there
        return resample_exactly(stored, self.width, (down, across), tuple(self.grid.shape), method)


def find_window(native: GeoBox, grid: GeoBox, method: Resampling, beyond: int = 0) -> Window | None:
    """Find the native pixels that a grid needs, and `beyond` more on every side; None where they share no ground."""
    width = ratio(native, grid)
    reach = beyond + (REACH if width is None or method not in EXACT else int(width > 1))
    if native.crs == grid.crs:
        target = grid.affine
        left, top = target.c, target.f
        right, bottom = left + target.a * grid.width, top + target.e * grid.height
    else:
        box = grid.extent.to_crs(str(native.crs), resolution=100).boundingbox
        left, bottom, right, top = box.bbox
    origin = native.affine
    rows = _span((top - origin.f) / origin.e, (bottom - origin.f) / origin.e, reach, native.shape[0])
    cols = _span((left - origin.c) / origin.a, (right - origin.c) / origin.a, reach, native.shape[1])
    return None if rows is None or cols is None else Window(native, grid, (rows, cols), width)


def _span(start: float, stop: float, reach: int, length: int) -> slice | None:
    first, last = floor(start + 1e-3) - reach, ceil(stop - 1e-3) + reach
    first, last = max(first, 0), min(last, length)
    return slice(first, last) if first < last else None


def resample_exactly(
    stored: NDArray[Any], width: int, shift: tuple[int, int], shape: tuple[int, ...], method: Resampling
) -> NDArray[Any]:
    """`Window.resample` where native pixels are an integer number of the grid's wide, as in a Sentinel-2 tile.

    Computes in integers, so that the result is the same on every machine and does not depend on the window.

    Args:
        stored: (n, rows, cols) native pixels.
        width: the grid's pixels in the width of a native one.
        shift: rows and columns of the grid from the upper-left corner of `stored` to its own.
        shape: height and width of the grid.
        method: nearest or bilinear.
    """
    centres = [2 * (np.arange(size) + start) + 1 for size, start in zip(shape, shift, strict=True)]  # in half pixels
    own = [centre // (2 * width) for centre in centres]
    inside = all(index[0] >= 0 and index[-1] < size for index, size in zip(own, stored.shape[1:], strict=True))
    nearest = _take(stored, own)
    if not inside:
        nearest = nearest * _within(own, stored.shape[1:])
    if method == Resampling.nearest or width == 1:
        return nearest
    first, weight = zip(*(np.divmod(centre - width, 2 * width) for centre in centres), strict=True)
    smooth = _bilinear(stored, first, weight, 2 * width)
    return np.where(nearest > 0, smooth, 0).astype(stored.dtype)


def _take(array: NDArray[Any], indices: Sequence[NDArray[np.int64]]) -> NDArray[Any]:
    """Rows and columns of (n, rows, cols); those beyond an edge are the edge's."""
    rows, cols = (index.clip(0, size - 1) for index, size in zip(indices, array.shape[1:], strict=True))
    return array[:, rows][:, :, cols]


def _within(indices: Sequence[NDArray[np.int64]], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    rows, cols = ((index >= 0) & (index < size) for index, size in zip(indices, shape, strict=True))
    return rows[:, None] & cols


def _bilinear(
    stored: NDArray[Any], first: Sequence[NDArray[np.int64]], weight: Sequence[NDArray[np.int64]], full: int
) -> NDArray[np.int64]:
    """Weighted means of the native pixels with data around each pixel of the grid, rounded half up.

    Args:
        stored: (n, rows, cols).
        first: row, and column, of the native pixel north, and west, of each pixel of the grid.
        weight: of the pixel south, and east, of that, 0 to `full`.
        full: sum of the weights of the two pixels.
    """

    def blended(values: NDArray[np.int64]) -> NDArray[np.int64]:
        return _blend(_blend(values, first[0], weight[0], full, 1), first[1], weight[1], full, 2)

    total = blended(stored.astype(np.int64))
    if stored.all():  # an edge repeats its own pixels, as if nothing lay beyond
        return (2 * total + full**2) // (2 * full**2)
    known = blended((stored > 0).astype(np.int64))
    return (2 * total + known) // np.maximum(2 * known, 1)


def _blend(
    values: NDArray[np.int64], first: NDArray[np.int64], weight: NDArray[np.int64], full: int, axis: int
) -> NDArray[np.int64]:
    last = values.shape[axis] - 1
    near, far = (np.take(values, index.clip(0, last), axis=axis) for index in (first, first + 1))
    share = weight[:, None] if axis == 1 else weight
    return near * (full - share) + far * share


def _warp(stored: NDArray[Any], native: GeoBox, grid: GeoBox, method: Resampling) -> NDArray[Any]:
    """`Window.resample` by GDAL, whatever the grids and the method."""
    warped = np.zeros((len(stored), *grid.shape), stored.dtype)
    grids = {
        "src_transform": native.affine,
        "src_crs": str(native.crs),
        "dst_transform": grid.affine,
        "dst_crs": str(grid.crs),
        "src_nodata": 0,
        "dst_nodata": 0,
    }
    reproject(stored, warped, resampling=method, UNIFIED_SRC_NODATA="NO", **grids)
    if method != Resampling.nearest and (stored == 0).any():
        seen = np.zeros(warped.shape, np.uint8)
        reproject((stored > 0).astype(np.uint8), seen, resampling=Resampling.nearest, **grids)
        warped[seen == 0] = 0
    return warped
