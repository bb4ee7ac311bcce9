"""The degree of stands in plain words, as pictures on the tiles of a page."""

import io
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from numpy.typing import NDArray
from PIL import Image
from rasterio.enums import Resampling
from rasterio.features import rasterize
from rasterio.vrt import WarpedVRT

from rojsat.maps.web import tile_grid
from rojsat.maps.web.tile_grid import MapTile

SIDE = 512
"""Height and width of a picture, pixels: twice those of a tile, for classes have sharp edges."""

OUTSIDE, NONE, SOME, MUCH, NOT_SEEN, NOT_SEEN_LINE = range(6)
"""Values of pixels; two for what is not seen, which is hatched."""

COLOURS = ((0, 0, 0), (116, 173, 209), (254, 224, 144), (215, 48, 39), (140, 140, 140), (70, 70, 70))
"""Of these: blue, pale yellow and red of ColorBrewer's RdYlBu, which colour-blind people tell apart, and greys."""

HATCH = (8, 2)
"""Pixels from line to line of the hatch, and of a line; tiles are a multiple of the first."""


def much(threshold: float) -> float:
    """The degree above which a pixel is in much need: midway between the threshold of the model and 1."""
    return (1 + threshold) / 2


def pictures(
    rasters: Sequence[Path], stands: gpd.GeoDataFrame, tiles: Sequence[MapTile], threshold: float
) -> dict[str, bytes]:
    """PNG files by the names of tiles; those without a stand are left out.

    Args:
        rasters: of the map, whose first band is the degree.
        stands: outlines: what lies outside is left out.
        tiles: to draw.
        threshold: of the model.
    """
    outlines = stands.geometry.to_crs(tile_grid.CRS)
    drawn: dict[str, bytes] = {}
    for tile in tiles:
        grid = tile.grid(SIDE)
        box = grid.boundingbox
        near = outlines.cx[box.left : box.right, box.bottom : box.top]
        if len(near) == 0:
            continue
        inside = rasterize(near, out_shape=(SIDE, SIDE), transform=grid.affine, dtype="uint8") > 0
        if inside.any():
            drawn[tile.name] = _png(classes(_degree(rasters, tile), inside, threshold))
    return drawn


def classes(degree: NDArray[np.float32], inside: NDArray[np.bool_], threshold: float) -> NDArray[np.uint8]:
    """Values of pixels.

    Args:
        degree: (H, W), NaN where not seen.
        inside: (H, W) whether a pixel belongs to a stand.
        threshold: of the model.
    """
    rows, cols = np.indices(degree.shape)
    unseen = np.where((rows + cols) % HATCH[0] < HATCH[1], NOT_SEEN_LINE, NOT_SEEN)
    words = NONE + (degree > threshold).astype(np.uint8) + (degree > much(threshold))
    return np.where(inside, np.where(np.isfinite(degree), words, unseen), OUTSIDE).astype(np.uint8)


def _degree(rasters: Sequence[Path], tile: MapTile) -> NDArray[np.float32]:
    """(H, W) of a tile, from the first raster that has a degree there; NaN where none has."""
    grid = tile.grid(SIDE)
    degree = np.full((SIDE, SIDE), np.nan, np.float32)
    frame = {"crs": tile_grid.CRS, "transform": grid.affine, "height": SIDE, "width": SIDE}
    for path in rasters:
        with (
            rasterio.open(path) as raster,
            WarpedVRT(raster, resampling=Resampling.nearest, nodata=np.nan, **frame) as warped,
        ):
            degree = np.where(np.isnan(degree), warped.read(1), degree)
    return degree


def _png(values: NDArray[np.uint8]) -> bytes:
    image = Image.fromarray(values, mode="P")
    image.putpalette([number for colour in COLOURS for number in colour])
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True, transparency=OUTSIDE, bits=4)
    return file.getvalue()
