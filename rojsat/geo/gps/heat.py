"""How much work the GPS points of a pixel stand for: a function a measure; experiments name it by its name."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from rojsat.geo.gps.points import Index, Points

__all__ = ["counts", "density", "seconds"]

UNITS = {"counts": "points a pixel", "seconds": "seconds a pixel", "density": "points a hectare"}
"""Unit of each measure."""

HECTARE = 10_000
"""Square metres."""

_REACH = 5.0
"""Bandwidths, east or north, to which the kernel goes: beyond lies a millionth of a point."""

_BATCH = 1024
"""Points whose kernels are computed at a time."""


class Walks:
    """All points of a data set in the CRS of some grids, and how much of a point each one stands for."""

    def __init__(self, points: Points, weight: NDArray[np.float64]) -> None:
        """Sort the points by place.

        Args:
            points: sorted by track and time.
            weight: (N,) 1, or less where a break is capped.
        """
        self.points, self.weight = points, weight
        self._index = Index(points.x, points.y)

    def near(self, grid: GeoBox, margin: float = 0.0) -> NDArray[np.int32]:
        """Rows of the points in the grid or at most `margin` metres outside, ascending."""
        box = grid.boundingbox
        return self._index.within(box.left - margin, box.bottom - margin, box.right + margin, box.top + margin)


def counts(walks: Walks, grid: GeoBox) -> NDArray[np.float64]:
    """Number of points in every pixel (Svensson 2020), (h, w); one on an edge counts right of and below it."""
    rows = walks.near(grid)
    return _sum(walks, rows, walks.weight[rows], grid)


def seconds(walks: Walks, grid: GeoBox, *, max_gap: float | None = 60.0) -> NDArray[np.float64]:
    """Time spent in every pixel: the time from each point to the next of its track is spent where the point lies.

    Args:
        walks: the points.
        grid: the grid.
        max_gap: seconds; a longer silence counts as this long: the phone was off, or its worker elsewhere. Phones that
            log once a minute or more often lose nothing by 60. None: any silence counts in full.

    Returns:
        (h, w) seconds. Points without time, and the last of each track, count nothing.

    Raises:
        ValueError: if `max_gap` is not above 0.
    """
    if max_gap is not None and not max_gap > 0:
        raise ValueError(f"max_gap is {max_gap!r}; it must be above 0 seconds, or null for no limit")
    rows, points = walks.near(grid), walks.points
    following = np.minimum(rows + 1, len(points) - 1)
    gap = (points.time[following] - points.time[rows]) / np.timedelta64(1000, "ms")  # NaN beside NaT
    gap[(points.track[following] != points.track[rows]) | np.isnan(gap)] = 0
    return _sum(walks, rows, walks.weight[rows] * (gap if max_gap is None else np.minimum(gap, max_gap)), grid)


def density(walks: Walks, grid: GeoBox, *, bandwidth: float = 10.0) -> NDArray[np.float64]:
    """Kernel density of the points at the centre of every pixel (Silverman 1986, eq. 4.1, with a Gaussian kernel).

    Args:
        walks: the points; those around the grid count too.
        grid: the grid, in metres.
        bandwidth: standard deviation of the kernel, metres; 10 m is about the error of a phone under trees.

    Returns:
        (h, w) points a hectare; 0 further than 5 bandwidths from any point.

    Raises:
        ValueError: if `bandwidth` is not above 0.
    """
    if not bandwidth > 0:
        raise ValueError(f"bandwidth is {bandwidth!r}; it must be above 0 metres")
    height, width = grid.shape
    east = grid.affine.c + (np.arange(width) + 0.5) * grid.affine.a
    north = grid.affine.f + (np.arange(height) + 0.5) * grid.affine.e
    span, heat = _REACH * bandwidth, np.zeros((height, width))
    for rows in _tiles(walks, walks.near(grid, span), 2 * span):
        x, y, weight = walks.points.x[rows], walks.points.y[rows], walks.weight[rows]
        lines = slice(*np.searchsorted(-north, [-y.max() - span, span - y.min()]))
        columns = slice(*np.searchsorted(east, [x.min() - span, x.max() + span]))
        down = _kernel(north[lines], y, bandwidth) * weight  # (lines, n)
        heat[lines, columns] += np.matmul(down, _kernel(east[columns], x, bandwidth).T)
    return heat * HECTARE / (2 * np.pi * bandwidth**2)


def _tiles(walks: Walks, rows: NDArray[np.int32], size: float) -> Iterator[NDArray[np.int32]]:
    """The rows by tiles of ground, `size` metres wide, and not more than `_BATCH` at a time."""
    x, y = (np.floor(axis[rows] / size).astype(np.int64) for axis in (walks.points.x, walks.points.y))
    order = np.lexsort((x, y))
    x, y, rows = x[order], y[order], rows[order]
    ends = np.flatnonzero((x[1:] != x[:-1]) | (y[1:] != y[:-1])) + 1
    for tile in np.split(rows, ends):
        for start in range(0, len(tile), _BATCH):
            yield tile[start : start + _BATCH]


def _kernel(centre: NDArray[Any], at: NDArray[np.float64], bandwidth: float) -> NDArray[np.float64]:
    """exp(-d² / 2) of the distance in bandwidths, (pixels, n); in place, since this is where the time goes."""
    away = np.subtract.outer(centre, at)
    away /= bandwidth
    np.square(away, out=away)
    reached = away <= _REACH**2
    away *= -0.5
    np.exp(away, out=away)
    away *= reached
    return away


def _sum(walks: Walks, rows: NDArray[np.int32], weight: NDArray[np.float64], grid: GeoBox) -> NDArray[np.float64]:
    """Sum of the weights of some points in every pixel, (h, w)."""
    height, width = grid.shape
    row = np.floor((walks.points.y[rows] - grid.affine.f) / grid.affine.e)
    col = np.floor((walks.points.x[rows] - grid.affine.c) / grid.affine.a)
    inside = (row >= 0) & (row < height) & (col >= 0) & (col < width)
    pixel = (row[inside] * width + col[inside]).astype(np.int64)
    total = np.bincount(pixel, weight[inside], height * width)
    return total.astype(np.float64).reshape(height, width)
