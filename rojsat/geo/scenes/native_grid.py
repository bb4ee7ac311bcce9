"""Finds the pixels that a raster is a copy of, and interpolates between their centres.

A raster that was made by nearest-neighbour resampling to a finer grid holds squares of one value: the pixels of the
instrument. Where their borders are says where each was measured.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from scipy.ndimage import map_coordinates

SIZES = (60, 20, 10)
"""Pixels of Sentinel-2, metres; the larger ones are also made of the smaller."""

STEP = 10
"""Borders of pixels lie on multiples of this, metres."""

LEAST = 50
"""Pairs of neighbours inside of cells that it takes to believe in a grid."""

EXACT = 0.999
"""Share of these pairs that are of one value; the rest lie on a border to the last bit."""

DIFFERENT = 0.1
"""Share of the pairs across borders whose values differ at least: a flat picture says nothing about a grid. With 60 m
pixels of a composite that was put together from 20 m pixels of several dates, four in five borders are none."""

Pairs = tuple[NDArray[np.bool_], NDArray[np.bool_]]
"""Of neighbours in a row (h, w - 1), and in a column (h - 1, w)."""


@dataclass(frozen=True)
class NativeGrid:
    """Square pixels in a coordinate system.

    Attributes:
        crs: `EPSG:32633`.
        size: of a pixel, metres.
        left: a border is at this easting, in [0, size).
        top: likewise a northing.
    """

    crs: str
    size: int
    left: int
    top: int


class Finder:
    """Finds the native grids of rasters that lie on one grid."""

    def __init__(self, grid: GeoBox) -> None:
        """Take the grid of the rasters; nothing is computed yet."""
        self._grid = grid
        self._candidates: dict[tuple[str, int], list[tuple[NativeGrid, Pairs]]] = {}

    def find(self, stored: NDArray[np.integer], has_data: NDArray[np.bool_]) -> NativeGrid | None:
        """Find the largest pixels that a plane (h, w) is a copy of, where it has data; None if there are none.

        Where several grids of that size explain it, it is the one across whose borders most values differ.
        """
        known: Pairs = (has_data[:, 1:] & has_data[:, :-1], has_data[1:] & has_data[:-1])
        equal: Pairs = (stored[:, 1:] == stored[:, :-1], stored[1:] == stored[:-1])
        for crs, size in product(systems(self._grid), SIZES):
            shares = {native: _different(inside, known, equal) for native, inside in self._of_size(crs, size)}
            best = max(shares, key=lambda native: shares[native])
            if shares[best] >= DIFFERENT:
                return best
        return None

    def _of_size(self, crs: str, size: int) -> list[tuple[NativeGrid, Pairs]]:
        """Grids of a size in a coordinate system, each with the pairs of neighbours inside of its cells."""
        if (crs, size) not in self._candidates:
            steps = [np.floor(axis / STEP).astype(np.int64) for axis in centres(self._grid, crs)]
            borders = product(range(0, size, STEP), repeat=2)
            self._candidates[crs, size] = [
                (
                    NativeGrid(crs, size, *border),
                    _inside([_cells(*each, size) for each in zip(steps, border, strict=True)]),
                )
                for border in borders
            ]
        return self._candidates[crs, size]


def _cells(steps: NDArray[np.int64], border: int, size: int) -> NDArray[np.int64]:
    """Number of the cell of every pixel along an axis, from its number of `STEP`s."""
    return (steps - border // STEP) // (size // STEP)


def interpolate(
    stored: NDArray[np.integer], has_data: NDArray[np.bool_], grid: GeoBox, native: NativeGrid
) -> NDArray[np.integer]:
    """Interpolate a plane between the centres of its native pixels, bilinearly.

    Args:
        stored: (h, w).
        has_data: (h, w).
        grid: of the plane.
        native: the pixels that it is a copy of.

    Returns:
        (h, w) of the same type, rounded half up; pixels without data stay as they are, and have no weight.
    """
    x, y = centres(grid, native.crs)
    across, up = (x - native.left) / native.size, (y - native.top) / native.size
    columns, rows = (np.floor(axis).astype(np.int64) for axis in (across, up))
    first = rows.min() - 1, columns.min() - 1  # a cell more on every side: no weight lies beyond
    cells = np.zeros((rows.max() - first[0] + 2, columns.max() - first[1] + 2))
    own = rows[has_data] - first[0], columns[has_data] - first[1]
    known = np.zeros_like(cells)
    cells[own], known[own] = stored[has_data], 1
    places = [up - 0.5 - first[0], across - 0.5 - first[1]]
    total, weight = (map_coordinates(plane, places, order=1) for plane in (cells, known))
    mean = np.floor(total / np.where(has_data, weight, 1) + 0.5)
    return np.where(has_data, mean, stored).astype(stored.dtype)


def systems(grid: GeoBox) -> Sequence[str]:
    """Coordinate systems that the native pixels of a grid may be in: its UTM zone's, its own, and the zones beside."""
    longitude, latitude = grid.extent.to_crs("EPSG:4326").centroid.points[0]
    zone, first = math.floor((longitude + 180) / 6), 32601 if latitude >= 0 else 32701
    middle, west, east = (f"EPSG:{first + (zone + beside) % 60}" for beside in (0, -1, 1))
    return list(dict.fromkeys([middle, str(grid.crs), west, east]))


def centres(grid: GeoBox, crs: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Easting and northing in `crs` of the centre of every pixel of a north-up grid, each (h, w)."""
    columns, rows = np.meshgrid(np.arange(grid.width) + 0.5, np.arange(grid.height) + 0.5)
    x, y = grid.affine.c + grid.affine.a * columns, grid.affine.f + grid.affine.e * rows
    if str(grid.crs) == crs:
        return x, y
    easting, northing = Transformer.from_crs(str(grid.crs), crs, always_xy=True).transform(x, y)
    return np.asarray(easting), np.asarray(northing)


def _inside(cells: Sequence[NDArray[np.int64]]) -> Pairs:
    """Which neighbours lie in one cell; `cells` are the column and the row of that of every pixel."""
    column, row = cells
    return (
        (column[:, 1:] == column[:, :-1]) & (row[:, 1:] == row[:, :-1]),
        (column[1:] == column[:-1]) & (row[1:] == row[:-1]),
    )


def _different(inside: Pairs, known: Pairs, equal: Pairs) -> float:
    """Share of the known pairs across borders that differ; -1 if cells do not hold one value, or are too few."""
    within, alike, differing, across = (
        sum(int(pair.sum()) for pair in pairs) for pairs in _counted(inside, known, equal)
    )
    if within < LEAST or alike < EXACT * within or not across:
        return -1.0
    return differing / across


def _counted(inside: Pairs, known: Pairs, equal: Pairs) -> Iterator[list[NDArray[np.bool_]]]:
    """Known pairs inside of cells, those of them that are equal, those across borders that differ, those across."""
    axes = list(zip(inside, known, equal, strict=True))
    yield [cell & data for cell, data, _ in axes]
    yield [cell & data & same for cell, data, same in axes]
    yield [~cell & data & ~same for cell, data, same in axes]
    yield [~cell & data for cell, data, _ in axes]
