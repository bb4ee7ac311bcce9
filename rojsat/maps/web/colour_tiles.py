"""Scenes in true colour on the tiles of a page, and how much of the stands each date shows."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rasterio.enums import Resampling
from rasterio.features import rasterize
from rasterio.vrt import WarpedVRT

from rojsat.chips import seen
from rojsat.chips.bands import CLOUD, CLOUD_MASKS, INVALID
from rojsat.geo import overviews
from rojsat.geo.overviews import OverviewFrame
from rojsat.geo.scenes import raster_files
from rojsat.geo.scenes.catalog import Scene
from rojsat.maps.web import tile_grid
from rojsat.maps.web.tile_grid import MapTile

WHITE = 0.25
"""Reflectance that is drawn white, on all dates: forest lies far below, snow and clouds above."""

GAMMA = 1.8
"""Of the brightness, so that dark forest is not black."""

TCI_WHITE = 0.3558
"""Reflectance of 255 in a true colour image of ESA (Sentinel-2 Products Specification Document, TCI)."""


@dataclass(frozen=True)
class DatePicture:
    """A date on the tiles of a page.

    Attributes:
        date: ISO date.
        clear: share of the pixels of stands that the date shows, in [0, 1].
        tiles: WebP files by the names of tiles; those without data are left out.
    """

    date: str
    clear: float
    tiles: Mapping[str, bytes]


def by_date(scenes: Sequence[Scene]) -> dict[str, list[Scene]]:
    """The scenes of each date, sorted."""
    dates = sorted({scene.date for scene in scenes})
    return {date: [scene for scene in scenes if scene.date == date] for date in dates}


def clear_share(scenes: Sequence[Scene], stands: gpd.GeoDataFrame, tiles: Sequence[MapTile]) -> float:
    """The share of the pixels of stands that scenes of one date show: with data, and without cloud by their mask.

    Args:
        scenes: of the date.
        stands: outlines.
        tiles: that cover them.
    """
    outlines = stands.geometry.to_crs(tile_grid.CRS)
    shown = pixels = 0
    for _, grid in tile_grid.blocks(tiles):
        box = grid.boundingbox
        near = outlines.cx[box.left : box.right, box.bottom : box.top]
        if len(near) == 0:
            continue
        inside = rasterize(near, out_shape=tuple(grid.shape), transform=grid.affine, dtype="uint8") > 0
        frame = _frame(grid)
        visible = np.zeros(inside.shape, bool)
        for scene in scenes:
            visible |= _visible(scene, frame)
        shown, pixels = shown + int((visible & inside).sum()), pixels + int(inside.sum())
    return shown / pixels if pixels else 0.0


def picture(
    date: str, scenes: Sequence[Scene], clear: float, tiles: Sequence[MapTile], areas: gpd.GeoSeries, quality: int
) -> DatePicture:
    """Draw a date.

    Args:
        date: ISO date.
        scenes: of the date.
        clear: see `DatePicture`.
        tiles: to draw.
        areas: what of them is shown, in Web Mercator.
        quality: of WebP, to 100.
    """
    files: dict[str, bytes] = {}
    for group, grid in tile_grid.blocks(tiles):
        shown = rasterize(areas, out_shape=tuple(grid.shape), transform=grid.affine, dtype="uint8") > 0
        (overview,) = overviews.each(scenes, _frame(grid))
        reflectance = overview.colours * (TCI_WHITE if any("TCI" in scene.assets for scene in scenes) else 1)
        pixels = _pixels(reflectance, shown)
        for tile in group:
            part = pixels[tile_grid.place(tile, group)]
            if part[..., 3].any():
                files[tile.name] = _webp(part, quality)
    return DatePicture(date, clear, files)


def _frame(grid: tile_grid.GeoBox) -> OverviewFrame:
    return OverviewFrame(tile_grid.CRS, grid.affine, (grid.shape[0], grid.shape[1]))


def _pixels(reflectance: NDArray[np.float32], shown: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """(H, W, 4) red, green, blue and opacity; nothing where there are no data or nothing is to be shown."""
    opaque = shown & np.isfinite(reflectance).all(axis=0)
    bright = np.clip(np.nan_to_num(reflectance) / WHITE, 0, 1) ** (1 / GAMMA)
    colours = np.where(opaque, np.rint(255 * bright), 0)
    return np.moveaxis(np.concatenate([colours, 255 * opaque[None]]), 0, -1).astype(np.uint8)


def _webp(pixels: NDArray[np.uint8], quality: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "WEBP", quality=quality, method=4)
    return file.getvalue()


def _visible(scene: Scene, frame: OverviewFrame) -> NDArray[np.bool_]:
    """(H, W) whether a scene has data and no cloud; of one without a cloud mask whether it has data."""
    mask = next((name for name in CLOUD_MASKS if name in scene.assets), None)
    if mask is None:
        return _stored(scene, sorted(scene.assets)[0], frame) > 0
    classes = seen.scene_classes(_stored(scene, mask, frame), mask.lower())
    return ~np.isin(classes, [*INVALID, *CLOUD])


def _stored(scene: Scene, name: str, frame: OverviewFrame) -> NDArray[np.uint8]:
    """Stored numbers of an asset in the frame, 0 where there are none."""
    asset, (height, width) = scene.assets[name], frame.shape
    grid = {"crs": frame.crs, "transform": frame.transform, "height": height, "width": width}
    with (
        raster_files.open_raster(asset.href) as raster,
        WarpedVRT(raster, resampling=Resampling.nearest, src_nodata=0, nodata=0, **grid) as warped,
    ):
        stored: NDArray[np.uint8] = warped.read(asset.band)
    return stored
