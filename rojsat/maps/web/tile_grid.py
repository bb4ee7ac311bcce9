"""Squares of the web's map grid that stands lie in: Web Mercator, cut as the tiles of all web maps are."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from affine import Affine
from odc.geo.geobox import GeoBox
from shapely.geometry import box

CRS = "EPSG:3857"

SIDE = 256
"""Height and width of a tile, pixels."""

HALF = math.pi * 6378137.0
"""Half the side of the world in Web Mercator, metres."""

PIXEL = 10.0
"""Metres on the ground that a pixel of the native zoom comes close to: those of the scenes."""


@dataclass(frozen=True, order=True)
class MapTile:
    """A square of the grid.

    Attributes:
        zoom: 0 for one tile that is the world.
        col: from the west.
        row: from the north.
    """

    zoom: int
    col: int
    row: int

    @property
    def name(self) -> str:
        """Its column and row, `4471_2490`."""
        return f"{self.col}_{self.row}"

    def grid(self, side: int = SIDE) -> GeoBox:
        """Its pixels, `side` x `side`."""
        length = 2 * HALF / 2**self.zoom
        corner = Affine(length / side, 0, self.col * length - HALF, 0, -length / side, HALF - self.row * length)
        return GeoBox((side, side), corner, CRS)


def native_zoom(stands: gpd.GeoDataFrame) -> int:
    """The zoom whose pixels come closest to those of the scenes, at the latitude of the stands."""
    bounds = stands.to_crs("EPSG:4326").total_bounds
    shrinking = math.cos(math.radians((bounds[1] + bounds[3]) / 2))
    return round(math.log2(2 * HALF * shrinking / (SIDE * PIXEL)))


def surroundings(stands: gpd.GeoDataFrame, metres: float) -> gpd.GeoSeries:
    """The box of each stand and `metres` of ground on all sides, in Web Mercator."""
    moved = stands.geometry.to_crs(CRS)
    latitudes = stands.to_crs("EPSG:4326").total_bounds[[1, 3]]
    stretched = metres / math.cos(math.radians(float(np.abs(latitudes).max())))
    boxes = [box(*bounds) for bounds in moved.bounds.to_numpy()]
    return gpd.GeoSeries(boxes, crs=CRS).buffer(stretched, join_style="mitre")


def covering(zoom: int, areas: gpd.GeoSeries) -> list[MapTile]:
    """The tiles that boxes in Web Mercator touch, each once."""
    length = 2 * HALF / 2**zoom
    tiles = set()
    for left, bottom, right, top in areas.bounds.to_numpy():
        cols = range(math.floor((left + HALF) / length), math.floor((right + HALF) / length) + 1)
        rows = range(math.floor((HALF - top) / length), math.floor((HALF - bottom) / length) + 1)
        tiles |= {MapTile(zoom, col, row) for col in cols for row in rows}
    return sorted(tiles)


def blocks(tiles: Sequence[MapTile], side: int = 4) -> list[tuple[list[MapTile], GeoBox]]:
    """Neighbouring tiles together, `side` x `side` at most, with the grid that just holds them: read at once."""
    together: dict[tuple[int, int], list[MapTile]] = {}
    for tile in tiles:
        together.setdefault((tile.row // side, tile.col // side), []).append(tile)
    return [(group, _around(group)) for group in together.values()]


def place(tile: MapTile, group: Sequence[MapTile], side: int = SIDE) -> tuple[slice, slice]:
    """Rows and columns of a tile in the grid around a group."""
    row = (tile.row - min(each.row for each in group)) * side
    col = (tile.col - min(each.col for each in group)) * side
    return slice(row, row + side), slice(col, col + side)


def _around(group: Sequence[MapTile]) -> GeoBox:
    cols, rows = [tile.col for tile in group], [tile.row for tile in group]
    corner = MapTile(group[0].zoom, min(cols), min(rows)).grid()
    return GeoBox(((max(rows) - min(rows) + 1) * SIDE, (max(cols) - min(cols) + 1) * SIDE), corner.affine, CRS)
