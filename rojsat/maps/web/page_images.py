"""The pictures of a page: as fine and of as many dates as its size allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd

from rojsat.geo.scenes.catalog import Scene
from rojsat.maps.web import colour_tiles, degree_tiles, tile_grid
from rojsat.maps.web.colour_tiles import DatePicture
from rojsat.maps.web.tile_grid import MapTile


@dataclass(frozen=True)
class Fineness:
    """How finely dates are drawn.

    Attributes:
        coarser: zooms below the native one.
        around: metres of ground around the stands.
        quality: of WebP.
    """

    coarser: int
    around: float
    quality: int


STEPS = (
    Fineness(0, 1000, 75),
    Fineness(0, 300, 70),
    Fineness(0, 100, 55),
    Fineness(1, 300, 60),
    Fineness(1, 100, 45),
    Fineness(2, 100, 40),
)
"""The finest first; what a page has room for is drawn."""

LEAST_DATES = 6
"""Dates, the clearest, that are drawn by a coarser step before any of them is left out."""


@dataclass(frozen=True)
class PageImages:
    """The pictures of a page.

    Attributes:
        zoom: of the tiles of dates.
        dates: drawn ones, by date.
        left_out: dates that the page has no room for.
        degree_zoom: of the tiles of the degree.
        degree: PNG files by the names of tiles.
    """

    zoom: int
    dates: Sequence[DatePicture]
    degree_zoom: int
    degree: Mapping[str, bytes]
    left_out: Sequence[str] = field(default_factory=tuple)


def draw(
    scenes: Sequence[Scene], rasters: Sequence[Path], stands: gpd.GeoDataFrame, threshold: float, room: int
) -> PageImages:
    """Draw what a page has room for.

    All dates by the finest step that they fit with; where not even `LEAST_DATES` dates fit with the coarsest step, as
    many as do. Dates are left out from the cloudiest on.

    Args:
        scenes: of the map.
        rasters: of the map.
        stands: outlines.
        threshold: of the model.
        room: characters that pictures may take as base64.
    """
    native = tile_grid.native_zoom(stands)
    close = tile_grid.covering(native, tile_grid.surroundings(stands, 0))
    degree = degree_tiles.pictures(rasters, stands, close, threshold)
    left = room - _characters(degree)
    dates = colour_tiles.by_date(scenes)
    clear = {date: colour_tiles.clear_share(of_date, stands, close) for date, of_date in dates.items()}
    clearest = sorted(dates, key=lambda date: (-clear[date], date))
    step = _fitting(dates, clear, clearest, stands, native, left)
    zoom, tiles, areas = _ground(stands, native, step)
    drawn: list[DatePicture] = []
    for date in clearest:
        picture = colour_tiles.picture(date, dates[date], clear[date], tiles, areas, step.quality)
        left -= _characters(picture.tiles)
        if left < 0:
            break
        drawn.append(picture)
    shown = {picture.date for picture in drawn}
    left_out = tuple(date for date in dates if date not in shown)
    return PageImages(zoom, sorted(drawn, key=lambda picture: picture.date), native, degree, left_out)


def _fitting(
    dates: Mapping[str, Sequence[Scene]],
    clear: Mapping[str, float],
    clearest: Sequence[str],
    stands: gpd.GeoDataFrame,
    native: int,
    left: int,
) -> Fineness:
    """The step that there is room for, by what the clearest date takes."""
    first = clearest[0]
    for wanted in (len(dates), min(LEAST_DATES, len(dates))):
        for step in STEPS:
            _, tiles, areas = _ground(stands, native, step)
            picture = colour_tiles.picture(first, dates[first], clear[first], tiles, areas, step.quality)
            if _characters(picture.tiles) * wanted <= left:
                return step
    return STEPS[-1]


def _ground(stands: gpd.GeoDataFrame, native: int, step: Fineness) -> tuple[int, list[MapTile], gpd.GeoSeries]:
    """Zoom, tiles and what is shown of them."""
    areas = tile_grid.surroundings(stands, step.around)
    return native - step.coarser, tile_grid.covering(native - step.coarser, areas), areas


def _characters(tiles: Mapping[str, bytes]) -> int:
    """Length of files as base64."""
    return sum((len(content) + 2) // 3 * 4 for content in tiles.values())
