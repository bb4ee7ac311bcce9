"""Grids of many regions: windows of a few pixel grids, four numbers each; a `GeoBox` is made when it is asked for."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox


class GridWindows(Mapping[str, GeoBox]):
    """Grids by region."""

    def __init__(
        self, regions: Sequence[str], pixels: Sequence[GeoBox], number: NDArray[np.intp], windows: NDArray[np.int32]
    ) -> None:
        """Take windows of some pixel grids.

        Args:
            regions: N ids.
            pixels: the pixel grids.
            number: (N,) which of them each region has.
            windows: (N, 4) first column, first row, width and height, as `windows` gives them.
        """
        self._rows = {region: row for row, region in enumerate(regions)}
        self._pixels, self._number, self._windows = tuple(pixels), number.astype(np.int16), windows

    def __getitem__(self, region: str) -> GeoBox:
        """The grid of a region."""
        row = self._rows[region]
        pixels, (left, top, width, height) = self._pixels[self._number[row]], self._windows[row].tolist()
        return GeoBox((height, width), pixels.translate_pix(left, top).affine, pixels.crs)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def enclosing(pixels: GeoBox, bounds: NDArray[np.float64]) -> NDArray[np.int32]:
    """The smallest windows of a pixel grid that enclose boxes, at least a pixel each way: `GeoBox.enclosing` of many.

    Args:
        pixels: the pixel grid, whatever its own extent.
        bounds: (N, 4) left, bottom, right, top in its CRS.

    Returns:
        (N, 4) first column, first row, width and height.
    """
    left, bottom, right, top = bounds.T
    inverse = ~pixels.affine
    corners = [
        (x * inverse.a + y * inverse.b + inverse.c, x * inverse.d + y * inverse.e + inverse.f)
        for x in (left, right)
        for y in (bottom, top)
    ]
    columns, rows = (np.stack(axis) for axis in zip(*corners, strict=True))
    first = [np.floor(axis.min(axis=0)) for axis in (columns, rows)]
    last = [np.ceil(axis.max(axis=0)) for axis in (columns, rows)]
    sizes = [np.maximum(end - start, 1) for start, end in zip(first, last, strict=True)]
    return np.stack([*first, *sizes], axis=1).astype(np.int32)
