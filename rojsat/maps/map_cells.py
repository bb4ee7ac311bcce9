"""Parts of a map that are predicted one after the other, so that memory does not grow with the map.

`scene`: squares of the pixel grid of the scenes; tiles of a network lie on that grid, so that neither a cell nor an
outline decides what is predicted at a pixel. `outlines`: the box of each outline by itself, its tiles placed as in the
evaluation of a run (`rojsat.learn.data.tiles`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from rojsat.chips import roles
from rojsat.geo.cutting import outlines
from rojsat.geo.cutting.regions import Region, windows
from rojsat.geo.scenes.catalog import Scene
from rojsat.geo.scenes.grid import overlap_area, region_grids, same_pixels

CELL = 512
"""Height and width of a cell, pixels: with 24 channels and their copies some 200 MB."""

SAME_TILE = 0.5
"""Share of the smaller of two scenes that both show, above which they are on one raster."""

LARGEST, FAR = 2**28, 2000
"""Pixels of a raster above which it is divided (50 km by 50 km), and between outlines that are divided (20 km)."""

SCENE, OUTLINES = "scene", "outlines"
TILES = (SCENE, OUTLINES)
"""How a map is cut into cells."""


@dataclass(frozen=True)
class MapGrid:
    """The grid of one raster of the map: the pixels of its scenes around outlines that lie on them.

    Attributes:
        grid: of the raster.
        boxes: the grid of the box of each outline, by its id.
    """

    grid: GeoBox
    boxes: Mapping[str, GeoBox]


@dataclass(frozen=True)
class MapCell:
    """A part of the map.

    Attributes:
        id: names it among all cells.
        raster: number of its `MapGrid`.
        region: its grid and surroundings, as chips are cut; of an outline with its pixels.
        boxes: row, column, height and width of what is needed; none: the pixels of the outline.
        name: what the place of tiles follows from; None: the pixel grid of the scenes.
    """

    id: str
    raster: int
    region: Region
    boxes: tuple[tuple[int, int, int, int], ...]
    name: str | None

    @property
    def own(self) -> tuple[slice, slice]:
        """The rows and columns of the cell in itself with its surroundings."""
        margin, (height, width) = self.region.margin, self.region.grid.shape
        return slice(margin, margin + height), slice(margin, margin + width)

    @property
    def needed(self) -> NDArray[np.bool_]:
        """(h, w): the pixels to be predicted."""
        if self.region.outline is not None:
            return np.asarray(self.region.outline[self.own] > 0)
        pixels = np.zeros(self.region.grid.shape, bool)
        for row, col, height, width in self.boxes:
            pixels[row : row + height, col : col + width] = True
        return pixels

    def place(self, grid: GeoBox) -> tuple[slice, slice]:
        """Its rows and columns in the raster of the map."""
        row, col = offset(self.region.grid, grid)
        height, width = self.region.grid.shape
        return slice(row, row + height), slice(col, col + width)


def offset(inner: GeoBox, outer: GeoBox) -> tuple[int, int]:
    """Row and column in `outer` of the upper-left pixel of `inner`, which has the same pixels."""
    first, second = outer.affine, inner.affine
    return round((second.f - first.f) / first.e), round((second.c - first.c) / first.a)


def map_grids(scenes: Sequence[Scene], stands: gpd.GeoDataFrame) -> list[MapGrid]:
    """The rasters of a map: one for all outlines whose scenes share their pixels, as those of one UTM zone do.

    Where that would have more than `LARGEST` pixels, groups of outlines that lie `FAR` apart have their own.

    Args:
        scenes: of the map.
        stands: outlines, with their ids in `region`; those that no scene covers are in no raster.
    """
    groups: list[dict[str, GeoBox]] = []
    for name, box in region_grids(scenes, stands).items():
        group = next((group for group in groups if same_pixels(next(iter(group.values())), box)), None)
        if group is None:
            groups.append({name: box})
        else:
            group[name] = box
    return [MapGrid(_around(list(group.values())), group) for each in groups for group in _divided(each)]


def _divided(boxes: Mapping[str, GeoBox]) -> list[Mapping[str, GeoBox]]:
    """The boxes in one group, or, where they would need too large a raster, in groups that lie `FAR` apart."""
    height, width = _around(list(boxes.values())).shape
    if height * width <= LARGEST:
        return [boxes]
    first = next(iter(boxes.values()))
    ends = [(*offset(each, first), *each.shape) for each in boxes.values()]
    rectangles = shapely.box(*np.array([[col, row, col + across, row + down] for row, col, down, across in ends]).T)
    near = shapely.buffer(rectangles, FAR / 2, cap_style="square", join_style="mitre")
    pairs = shapely.STRtree(near).query(near, predicate="intersects")
    graph = coo_array((np.ones(pairs.shape[1]), tuple(pairs)), shape=(len(near), len(near)))
    count, labels = connected_components(graph, directed=False)
    named = list(zip(boxes.items(), labels, strict=True))
    return [dict(pair for pair, label in named if label == number) for number in range(count)]


def scene_grids(scenes: Sequence[Scene]) -> list[MapGrid]:
    """The rasters of a map of complete scenes: one for each tile; scenes of a tile share most of their ground."""
    groups: list[list[GeoBox]] = []
    for grid in dict.fromkeys(scene.grid for scene in sorted(scenes, key=lambda scene: (scene.crs, scene.id))):
        group = next((group for group in groups if _is_same_tile(group[0], grid)), None)
        if group is None:
            groups.append([grid])
        else:
            group.append(grid)
    tiles = [_around(group) for group in groups]
    return [MapGrid(tile, {f"tile_{number + 1}": tile}) for number, tile in enumerate(tiles)]


def _is_same_tile(first: GeoBox, second: GeoBox) -> bool:
    """Whether two grids of the same pixels share more than half of the smaller; neighbouring tiles share a tenth."""
    if not same_pixels(first, second):
        return False
    smaller = min(first.shape[0] * first.shape[1], second.shape[0] * second.shape[1]) * abs(first.affine.a) ** 2
    return overlap_area(first, second) > SAME_TILE * smaller


def _around(boxes: Sequence[GeoBox]) -> GeoBox:
    """The smallest grid that holds all boxes, which share their pixels."""
    places = np.array([[*offset(box, boxes[0]), *box.shape] for box in boxes])
    top, left = places[:, :2].min(axis=0)
    bottom, right = (places[:, :2] + places[:, 2:]).max(axis=0)
    return _part(boxes[0], int(top), int(left), (int(bottom - top), int(right - left)))


def _part(grid: GeoBox, row: int, col: int, shape: tuple[int, int]) -> GeoBox:
    """A grid of the same pixels that begins `row` and `col` pixels from the upper-left one."""
    step = grid.affine
    corner = Affine(step.a, 0, step.c + col * step.a, 0, step.e, step.f + row * step.e)
    return GeoBox(shape, corner, grid.crs)


def of_scene(grids: Sequence[MapGrid], margin: int, size: int = CELL) -> Iterator[MapCell]:
    """Squares that hold a box of an outline; what is needed are the pixels of boxes.

    Args:
        grids: of the map.
        margin: pixels of surroundings: as many as a window of the network is wide.
        size: height and width of a cell.
    """
    for number, each in enumerate(grids):
        boxes = [(*offset(box, each.grid), *box.shape) for box in each.boxes.values()]
        height, width = each.grid.shape
        for row in range(0, height, size):
            for col in range(0, width, size):
                shape = (min(size, height - row), min(size, width - col))
                inside = tuple(_clipped(box, row, col, shape) for box in boxes)
                needed = tuple(box for box in inside if box[2] > 0 and box[3] > 0)
                if needed:
                    name = f"{number}_{row}_{col}"
                    yield MapCell(name, number, _region(name, _part(each.grid, row, col, shape), margin), needed, None)


def _clipped(box: Sequence[int], row: int, col: int, shape: tuple[int, int]) -> tuple[int, int, int, int]:
    """Row, column, height and width of a box within a cell at `row`, `col`; 0 or less high or wide: none of it."""
    top, left, down, across = box
    first = (max(top - row, 0), max(left - col, 0))
    last = (min(top + down - row, shape[0]), min(left + across - col, shape[1]))
    return first[0], first[1], last[0] - first[0], last[1] - first[1]


def of_outlines(
    grids: Sequence[MapGrid], stands: gpd.GeoDataFrame, margin: int, pixel: float, size: int | None = None
) -> Iterator[MapCell]:
    """The box of each outline, cut as chips are; what is needed are the pixels inside.

    Args:
        grids: of the map.
        stands: outlines, with their ids in `region`.
        margin: pixels of surroundings.
        pixel: metres of a pixel.
        size: height and width of a cell at most, pixels; None: boxes are not cut.
    """
    geometries = stands.set_index("region").geometry
    for number, each in enumerate(grids):
        for name, box in each.boxes.items():
            parts = windows(box.shape[0], box.shape[1], size)
            for count, (rows, cols) in enumerate(parts):
                part = _part(box, rows.start, cols.start, (rows.stop - rows.start, cols.stop - cols.start))
                region = outlines.surround(_region(name, part, 0), margin * pixel, geometries[name], str(stands.crs))
                suffix = f"_{count}" if len(parts) > 1 else ""
                yield MapCell(f"{number}_{name}{suffix}", number, region, (), name)


def _region(name: str, grid: GeoBox, margin: int) -> Region:
    window: tuple[tuple[slice, slice], ...] = ((slice(0, grid.shape[0]), slice(0, grid.shape[1])),)
    return Region(name, roles.CONTROL, None, None, grid, window, margin)


def tile_phase(cell: MapCell) -> tuple[int, int]:
    """Row and column, on the pixel grid of the scenes, of the upper-left pixel of a cell with its surroundings."""
    corner: Any = cell.region.chip_grid.affine
    return round(corner.f / corner.e), round(corner.c / corner.a)
