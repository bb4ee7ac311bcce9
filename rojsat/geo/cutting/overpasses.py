"""Which scenes show a region on each overpass of a satellite: those of one day and orbit make one picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from rojsat.geo.degrees import DatedLabel
from rojsat.geo.harvests.harvested_pixels import HarvestedPixels
from rojsat.geo.scenes.catalog import Scene
from rojsat.geo.scenes.grid import overlap_areas, same_pixels

BAND = 5120
"""Height of the bands in which regions are cut one after the other, metres: half a block of ESA's own files."""


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
        dated: its labels by ISO date, where they depend on the day of the image; None: `label` is that of all days.
        harvested: when which pixels of `chip_grid` were harvested; None: the data set knows no harvests.
    """

    id: str
    role: str
    label: str | None
    cleared: str | None
    grid: GeoBox
    windows: tuple[tuple[slice, slice], ...]
    margin: int = 0
    outline: NDArray[np.uint8] | None = field(default=None, repr=False, compare=False)
    dated: Mapping[str, DatedLabel] | None = field(default=None, repr=False, compare=False)
    harvested: HarvestedPixels | None = field(default=None, repr=False, compare=False)

    @property
    def chip_grid(self) -> GeoBox:
        """Its grid with the surroundings."""
        return self.grid.pad(self.margin)


@dataclass(frozen=True)
class Visit:
    """A region on one overpass.

    Attributes:
        region: the region.
        scenes: those that show it: first the scene that its chips are cut from, then those that fill what it lacks.
    """

    region: Region
    scenes: tuple[Scene, ...]

    @property
    def is_late(self) -> bool:
        """Whether it is on a later day than that of the region's clearing."""
        return self.region.cleared is not None and self.scenes[0].date > self.region.cleared

    @property
    def dated(self) -> DatedLabel | None:
        """The label of its day, where labels depend on it."""
        return None if self.region.dated is None else self.region.dated[self.scenes[0].date]


def plan(scenes: Sequence[Scene], regions: Sequence[Region]) -> list[list[Visit]]:
    """Assign every region on every overpass to one scene, with the scenes that fill what is missing there.

    First come scenes on the region's own pixels, then others; of these, those that cover more of it. Scenes that show
    nothing but its surroundings come last, and none of them is an overpass by itself.

    Args:
        scenes: all scenes of a data set.
        regions: all regions to be cut.

    Returns:
        For each scene its visits, from north to south in bands of its blocks, then from west to east.
    """
    grids, chip_grids = [region.grid for region in regions], [region.chip_grid for region in regions]
    visits: list[list[Visit]] = [[] for _ in scenes]
    for overpass in _overpasses(scenes):
        areas = np.stack([overlap_areas(scenes[number].grid, grids) for number in overpass])  # (scenes, regions)
        around = np.stack([overlap_areas(scenes[number].grid, chip_grids) for number in overpass])
        for column in np.flatnonzero(areas.any(axis=0)).tolist():
            area = {number: areas[row, column] for row, number in enumerate(overpass) if around[row, column] > 0}
            ranked = sorted(area, key=lambda number: _rank(scenes[number], grids[column], area[number]))
            visits[ranked[0]].append(Visit(regions[column], tuple(scenes[number] for number in ranked)))
    return [sorted(of_scene, key=_north_west) for of_scene in visits]


def _overpasses(scenes: Sequence[Scene]) -> list[list[int]]:
    """Numbers of the scenes of each overpass: those of one day and relative orbit."""
    members: dict[tuple[str, int], list[int]] = {}
    for number, scene in enumerate(scenes):
        members.setdefault((scene.date, scene.relative_orbit), []).append(number)
    return list(members.values())


def _rank(scene: Scene, grid: GeoBox, area: float) -> tuple[bool, bool, float, str]:
    return area == 0, not same_pixels(scene.grid, grid), -area, scene.id


def _north_west(visit: Visit) -> tuple[int, float, float]:
    corner = visit.region.grid.affine
    return -int(corner.f // BAND), corner.c, -corner.f
