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
        """Take the blocks of the first raster for those of all; nothing is decoded yet.

        Args:
            rasters: each with its bands; the planes of a window come in this order.
        """
        self._rasters, (first, bands) = rasters, rasters[0]
        self._shape = (first.height, first.width)
        self._step = tuple(block * -(-LEAST // block) for block in first.block_shapes[bands[0] - 1])
        self._expected: Counter[tuple[int, int]] = Counter()
        self._kept: dict[tuple[int, int], NDArray[Any]] = {}

    def expect(self, roi: Roi) -> None:
        """Announce a window that will be read once."""
        self._expected.update(self._cells(roi))

    def read(self, roi: Roi) -> NDArray[Any]:
        """Stored numbers of a window, (planes, rows, columns). One that was not announced is read by itself."""
        cells = list(self._cells(roi))
        if not all(self._expected[cell] for cell in cells):
            return self._decode(Window.from_slices(*roi))
        if len(cells) == 1:
            _, part = self._take(cells[0], roi)
            return part
        pixels: NDArray[Any] | None = None
        for cell in cells:
            (rows, cols), part = self._take(cell, roi)
            if pixels is None:
                height, width = (side.stop - side.start for side in roi)
                pixels = np.empty((len(part), height, width), part.dtype)
            pixels[:, rows, cols] = part
        assert pixels is not None  # a window has a pixel, hence a cell
        return pixels

    def _take(self, cell: tuple[int, int], roi: Roi) -> tuple[Roi, NDArray[Any]]:
        """Where in the window the pixels of a cell belong, and these (planes, rows, columns); the cell is done with."""
        block = self._block(cell)
        in_window, in_block = [], []
        for side, start, length in zip(roi, self._origin(cell), block.shape[1:], strict=True):
            first, last = max(side.start, start), min(side.stop, start + length)
            in_window.append(slice(first - side.start, last - side.start))
            in_block.append(slice(first - start, last - start))
        self._done(cell)
        return (in_window[0], in_window[1]), block[:, in_block[0], in_block[1]]

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
        self._expected[cell] -= 1
        if not self._expected[cell]:
            del self._kept[cell]
