"""Regions to be cut: each is made when it is asked for, so that a million of them take little memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from rojsat.geo.cutting.made_rows import MadeRows
from rojsat.geo.degrees import DatedLabel
from rojsat.geo.harvests.harvested_pixels import HarvestedPixels


@dataclass(frozen=True)
class Region:
    """A region to be cut.

    Attributes:
        id: its id.
        role: stand, clearing or control.
        label: need, clear or another label of the region, or None.
        cleared: ISO date of its clearing, or None.
        grid: its 10 m grid.
        windows: parts of the grid that become chips: one, or several where it is larger than chips may be.
        margin: pixels of surroundings that chips have on every side.
        outline: (h, w) uint8 on `chip_grid`, 1 inside the region's polygon; None: chips have none.
        harvested: when which pixels of `chip_grid` were harvested; None: the data set knows no harvests.
        dated: its labels by ISO date, where they depend on the day of the image; None: `label` is that of all days.
    """

    id: str
    role: str
    label: str | None
    cleared: str | None
    grid: GeoBox
    windows: tuple[tuple[slice, slice], ...]
    margin: int = 0
    outline: NDArray[np.uint8] | None = field(default=None, repr=False, compare=False)
    harvested: HarvestedPixels | None = field(default=None, repr=False, compare=False)
    dated: Mapping[str, DatedLabel] | None = field(default=None, repr=False, compare=False)

    @property
    def chip_grid(self) -> GeoBox:
        """Its grid with the surroundings."""
        return self.grid.pad(self.margin)


class RegionRows(MadeRows[Region]):
    """The rows of a table as regions without surroundings."""

    def __init__(
        self,
        table: gpd.GeoDataFrame,
        grids: Mapping[str, GeoBox],
        *,
        size: int | None = None,
        dated: Mapping[str, Mapping[str, DatedLabel]] | None = None,
    ) -> None:
        """Take a table.

        Args:
            table: the regions, in the sequence to keep.
            grids: of each of them.
            size: height and width of the largest window, pixels; None: a region is one window.
            dated: labels by ISO date, of the regions whose label depends on the day of the image.
        """
        columns = (table[name].to_numpy(object) for name in ("region", "role", "label", "cleared"))
        self._ids, self._roles, self._labels, self._cleared = columns
        self._grids, self._size, self._dated = grids, size, dated or {}

    def __len__(self) -> int:
        return len(self._ids)

    def row(self, number: int) -> Region:
        """The region of a row."""
        name = self._ids[number]
        grid, facts = self._grids[name], (self._roles[number], self._labels[number], self._cleared[number])
        return Region(
            name, *facts, grid, windows(grid.shape[0], grid.shape[1], self._size), dated=self._dated.get(name)
        )


@dataclass(frozen=True)
class RegionFacts:
    """What planning needs to know of N regions, in columns.

    Attributes:
        roles: (N,) role of each, numbers in `role_names`.
        role_names: sorted.
        shapes: (N, 2) height and width of their grids, pixels.
        windows: (N,) number of chips of each on a date.
        cleared: (N,) whether the day of its clearing is known.
        corners: (N, 2) easting and northing of the upper left corners of their grids.
        boxes: (N, 4) left, bottom, right, top of their grids.
        chip_boxes: (N, 4) those with the surroundings; the same array where none has surroundings.
        systems: (N,) coordinate system of each, numbers in `system_names`.
        system_names: EPSG codes.
        margin: pixels of surroundings of the region that has most.
        harvested: whether harvests are known of any.
    """

    roles: NDArray[np.int16]
    role_names: tuple[str, ...]
    shapes: NDArray[np.int32]
    windows: NDArray[np.int32]
    cleared: NDArray[np.bool_]
    corners: NDArray[np.float64]
    boxes: NDArray[np.float64]
    chip_boxes: NDArray[np.float64]
    systems: NDArray[np.int16]
    system_names: tuple[str, ...]
    margin: int
    harvested: bool


def region_facts(regions: Sequence[Region]) -> RegionFacts:
    """The facts of regions, each of which is asked for once."""
    count, margin, harvested = len(regions), 0, False
    shapes, numbers = np.zeros((count, 2), np.int32), np.zeros((3, count), np.int32)
    cleared, corners = np.zeros(count, bool), np.zeros((count, 2))
    boxes, chip_boxes = np.zeros((count, 4)), np.zeros((count, 4))
    roles: dict[str, int] = {}
    systems: dict[str, int] = {}
    for row, region in enumerate(regions):
        grid = region.grid
        shapes[row], corners[row] = grid.shape, (grid.affine.c, grid.affine.f)
        role = roles.setdefault(region.role, len(roles))
        numbers[:, row] = role, len(region.windows), systems.setdefault(str(grid.crs), len(systems))
        cleared[row], boxes[row] = region.cleared is not None, grid.boundingbox.bbox
        margin, harvested = max(margin, region.margin), harvested or region.harvested is not None
        chip_boxes[row] = region.chip_grid.boundingbox.bbox if region.margin else boxes[row]
    rank = {name: number for number, name in enumerate(sorted(roles))}
    return RegionFacts(
        roles=np.array([rank[name] for name in roles], np.int16)[numbers[0]],
        role_names=tuple(rank),
        shapes=shapes,
        windows=numbers[1],
        cleared=cleared,
        corners=corners,
        boxes=boxes,
        chip_boxes=chip_boxes if margin else boxes,
        systems=numbers[2].astype(np.int16),
        system_names=tuple(systems),
        margin=margin,
        harvested=harvested,
    )


def windows(height: int, width: int, size: int | None) -> tuple[tuple[slice, slice], ...]:
    """Cut a grid into even windows of at most `size` pixels each way: 85 becomes 43 and 42."""
    rows, cols = _spans(height, size), _spans(width, size)
    return tuple((row, col) for row in rows for col in cols)


def _spans(length: int, size: int | None) -> list[slice]:
    if size is None or length <= size:
        return [slice(0, length)]
    parts = np.array_split(np.arange(length), -(-length // size))
    return [slice(int(part[0]), int(part[-1]) + 1) for part in parts]
