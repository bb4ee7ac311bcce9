"""All regions of a data set from above on every date: one frame, few pixels, whatever lies under clouds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import geopandas as gpd
import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT

from rojsat.geo.scenes import raster_files
from rojsat.geo.scenes.catalog import Scene
from rojsat.geo.vectors.outline_rings import outline_rings

AROUND = 0.06
"""Ground around the regions, share of the frame's longer side on each side."""

LEAST = 100.0
"""Metres of ground around the regions at least."""

COLOURS = ("B04", "B03", "B02")
TOA_COLOURS = tuple(f"TOA-{band}" for band in COLOURS)


@dataclass(frozen=True)
class OverviewFrame:
    """A north-up grid over all regions.

    Attributes:
        crs: coordinate system.
        transform: from column and row to coordinates.
        shape: height and width, pixels.
    """

    crs: str
    transform: Affine
    shape: tuple[int, int]


@dataclass(frozen=True)
class Overview:
    """What there is to see on a date.

    Attributes:
        date: ISO date.
        colours: `(3, H, W)` red, green, blue, TCI / 255 or reflectance; NaN where there is no data.
    """

    date: str
    colours: NDArray[np.float32]


def frame(scenes: Sequence[Scene], regions: gpd.GeoDataFrame, longest: int) -> OverviewFrame:
    """The frame of all regions, in the coordinate system of the first scene.

    Args:
        scenes: of the data set.
        regions: likewise.
        longest: pixels of the longer side.
    """
    crs = scenes[0].crs
    left, bottom, right, top = regions.to_crs(crs).total_bounds
    margin = max(AROUND * max(right - left, top - bottom), LEAST)
    width, height = right - left + 2 * margin, top - bottom + 2 * margin
    pixel = max(width, height) / longest
    transform = Affine(pixel, 0, left - margin, 0, -pixel, top + margin)
    return OverviewFrame(crs, transform, (max(round(height / pixel), 1), max(round(width / pixel), 1)))


def outlines(regions: gpd.GeoDataFrame, frame: OverviewFrame) -> list[tuple[str, NDArray[np.float64]]]:
    """Role and ring `(N, 2)` of every polygon, columns and rows of the frame from its upper left corner."""
    moved = regions.to_crs(frame.crs)
    return [
        (str(role), ring)
        for role, geometry in zip(moved["role"], moved.geometry, strict=True)
        for ring in outline_rings(geometry, frame.transform)
    ]


def each(scenes: Sequence[Scene], frame: OverviewFrame) -> Iterator[Overview]:
    """Every date with colours, in their order; a pixel comes from the first scene of the date that has data there."""
    for date, of_date in groupby(sorted(scenes, key=lambda scene: (scene.date, scene.id)), lambda scene: scene.date):
        colours = np.full((3, *frame.shape), np.nan, np.float32)
        for scene in of_date:
            colours = np.where(np.isnan(colours), _colours(scene, frame), colours)
        yield Overview(date, colours)


def _colours(scene: Scene, frame: OverviewFrame) -> NDArray[np.float32]:
    """Colours of a scene; all NaN where it has none."""
    if "TCI" in scene.assets:
        planes = [_plane(scene, "TCI", frame, band) / 255 for band in range(3)]
    else:
        names = COLOURS if COLOURS[0] in scene.assets else TOA_COLOURS
        planes = [_plane(scene, name, frame) for name in names if name in scene.assets]
    if len(planes) < 3:
        return np.full((3, *frame.shape), np.nan, np.float32)
    colours = np.nan_to_num(np.stack(planes)).astype(np.float32)
    return np.where((colours > 0).any(axis=0), colours, np.nan)


def _plane(scene: Scene, name: str, frame: OverviewFrame, later: int = 0) -> NDArray[np.float64]:
    """Values of a band of an asset in the frame, `later` bands behind its first; NaN without data."""
    asset = scene.assets[name]
    height, width = frame.shape
    grid = {"crs": frame.crs, "transform": frame.transform, "height": height, "width": width}
    with raster_files.open_raster(asset.href) as raster:
        nodata = 0 if asset.nodata is None else asset.nodata
        with WarpedVRT(raster, resampling=Resampling.average, src_nodata=nodata, nodata=nodata, **grid) as warped:
            stored = warped.read(asset.band + later)
    return np.where(stored == nodata, np.nan, stored * asset.scale + asset.offset)
