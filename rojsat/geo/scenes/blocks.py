"""Reads windows of rasters on one grid so that each block is decoded once for all of them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

Roi = tuple[slice, slice]
"""Rows and columns of a raster."""

LEAST = 256
"""Rows and columns of a raster that are decoded together where its blocks are smaller, such as strips of one row."""


class Blocks:
    """Windows of some bands of rasters that share a grid and a layout.

    A block stays in memory from the first window that needs it to the last: windows that come in order keep few.
    """

    def __init__(self, rasters: Sequence[tuple[rasterio.DatasetReader, list[int]]]) -> None:
        """Look at how the first raster is laid out; nothing is decoded yet.

        Args:
            rasters: each with its bands; the planes of a window come in this order.
        """
        self._rasters, (first, bands) = rasters, rasters[0]
        self._shape = (first.height, first.width)
        self._step = tuple(block * -(-LEAST // block) for block in first.block_shapes[bands[0] - 1])
        self._wanted: Counter[tuple[int, int]] = Counter()
        self._kept: dict[tuple[int, int], NDArray[Any]] = {}

    def expect(self, roi: Roi) -> None:
        """Announce a window that will be read once."""
        self._wanted.update(self._cells(roi))

    def read(self, roi: Roi) -> NDArray[Any]:
        """Stored numbers of a window, (planes, rows, columns). One that was not announced is read by itself."""
        cells = list(self._cells(roi))
        if not all(self._wanted[cell] for cell in cells):
            return self._decode(Window.from_slices(*roi))
        rows, cols = roi
        if len(cells) == 1:
            (top, left), block = self._origin(cells[0]), self._block(cells[0])
            self._done(cells[0])
            return block[:, rows.start - top : rows.stop - top, cols.start - left : cols.stop - left]
        found: NDArray[Any] | None = None
        for cell in cells:
            (top, left), block = self._origin(cell), self._block(cell)
            if found is None:
                found = np.empty((len(block), rows.stop - rows.start, cols.stop - cols.start), block.dtype)
            bottom, right = top + block.shape[1], left + block.shape[2]
            first_row, last_row = max(rows.start, top), min(rows.stop, bottom)
            first_col, last_col = max(cols.start, left), min(cols.stop, right)
            part = block[:, first_row - top : last_row - top, first_col - left : last_col - left]
            found[:, first_row - rows.start : last_row - rows.start, first_col - cols.start : last_col - cols.start] = (
                part
            )
            self._done(cell)
        assert found is not None  # a window has a pixel, hence a cell
        return found

    def _cells(self, roi: Roi) -> Iterator[tuple[int, int]]:
        (rows, cols), (height, width) = roi, self._step
        for row in range(rows.start // height, (rows.stop - 1) // height + 1):
            for col in range(cols.start // width, (cols.stop - 1) // width + 1):
                yield row, col

    def _origin(self, cell: tuple[int, int]) -> tuple[int, int]:
        return cell[0] * self._step[0], cell[1] * self._step[1]

    def _block(self, cell: tuple[int, int]) -> NDArray[Any]:
        if cell not in self._kept:
            top, left = self._origin(cell)
            height, width = min(self._step[0], self._shape[0] - top), min(self._step[1], self._shape[1] - left)
            self._kept[cell] = self._decode(Window(left, top, width, height))
        return self._kept[cell]

    def _decode(self, window: Window) -> NDArray[Any]:
        parts = [raster.read(bands, window=window) for raster, bands in self._rasters]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _done(self, cell: tuple[int, int]) -> None:
        self._wanted[cell] -= 1
        if not self._wanted[cell]:
            del self._kept[cell]
