"""Which scenes show a region on each overpass of a satellite: those of one day and orbit make one picture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from rojsat.geo.cutting.made_rows import MadeRows
from rojsat.geo.cutting.regions import Region, RegionFacts
from rojsat.geo.degrees import DatedLabel
from rojsat.geo.scenes.catalog import Scene
from rojsat.geo.scenes.grid import overlap_areas, same_pixels

BAND = 5120
"""Height of the bands in which regions are cut one after the other, metres: half a block of ESA's own files."""


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


class Visits(MadeRows[Visit]):
    """Visits of one scene, eight bytes each; where they are sent to another process, only their own regions go."""

    def __init__(
        self,
        regions: Sequence[Region],
        rows: NDArray[np.int32],
        series: Sequence[tuple[Scene, ...]],
        numbers: NDArray[np.int32],
    ) -> None:
        """Take the regions of all scenes.

        Args:
            regions: all regions.
            rows: (V,) which of them are visited.
            series: scenes that show a region together.
            numbers: (V,) which of these each visit has.
        """
        self._regions, self.rows = regions, rows
        self._series, self._numbers = series, numbers

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, number: int) -> Visit:
        """The visit at a place."""
        return Visit(self._regions[int(self.rows[number])], self._series[self._numbers[number]])

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, ([*self],)


def plan(scenes: Sequence[Scene], regions: Sequence[Region], facts: RegionFacts) -> list[Visits]:
    """Assign every region on every overpass to one scene, with the scenes that fill what is missing there.

    First come scenes on the region's own pixels, then others; of these, those that cover more of it. Scenes that show
    nothing but its surroundings come last, and none of them is an overpass by itself.

    Args:
        scenes: all scenes of a data set.
        regions: all regions to be cut.
        facts: of these.

    Returns:
        For each scene its visits, from north to south in bands of its blocks, then from west to east.
    """
    visited: dict[int, list[tuple[NDArray[np.int32], tuple[int, ...]]]] = {number: [] for number in range(len(scenes))}
    for overpass in _overpasses(scenes):
        for rows, ranked in _shown(scenes, overpass, regions, facts):
            visited[ranked[0]].append((rows, ranked))
    return [_visits(scenes, regions, facts, groups) for groups in visited.values()]


def _shown(
    scenes: Sequence[Scene], overpass: Sequence[int], regions: Sequence[Region], facts: RegionFacts
) -> Iterator[tuple[NDArray[np.int32], tuple[int, ...]]]:
    """Rows of regions that the same scenes show in the same rank, ascending, and the numbers of these scenes."""
    parts = [_of_scene(scenes[number].grid, facts) for number in overpass]
    row = np.concatenate([rows for rows, _ in parts])
    area = np.concatenate([areas for _, areas in parts])
    shown = np.zeros(len(regions), bool)
    shown[row[area > 0]] = True
    counts = np.bincount(row, minlength=len(regions))
    for number, (rows, _) in zip(overpass, parts, strict=True):
        alone = rows[shown[rows] & (counts[rows] == 1)]
        if len(alone):
            yield alone, (number,)
    by_region: dict[int, dict[int, float]] = {}
    for number, (rows, areas) in zip(overpass, parts, strict=True):
        together = shown[rows] & (counts[rows] > 1)
        for region, shared in zip(rows[together].tolist(), areas[together].tolist(), strict=True):
            by_region.setdefault(region, {})[number] = shared
    groups: dict[tuple[int, ...], list[int]] = {}
    for region, shares in sorted(by_region.items()):
        grid = regions[region].grid
        ranked = tuple(sorted(shares, key=lambda number: _rank(scenes[number], grid, shares[number])))
        groups.setdefault(ranked, []).append(region)
    for ranked, rows_together in groups.items():
        yield np.array(rows_together, np.int32), ranked


def _of_scene(grid: GeoBox, facts: RegionFacts) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Rows of the regions of which a scene shows something, surroundings included, and how much of their own grids."""
    area = _areas(grid, facts, facts.boxes)
    around = area if facts.chip_boxes is facts.boxes else _areas(grid, facts, facts.chip_boxes)
    rows = np.flatnonzero(around > 0).astype(np.int32)
    return rows, area[rows]


def _areas(grid: GeoBox, facts: RegionFacts, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    areas = np.zeros(len(boxes))
    for number, crs in enumerate(facts.system_names):
        rows = facts.systems == number
        areas[rows] = overlap_areas(grid, boxes[rows], crs)
    return areas


def _visits(
    scenes: Sequence[Scene],
    regions: Sequence[Region],
    facts: RegionFacts,
    groups: Sequence[tuple[NDArray[np.int32], tuple[int, ...]]],
) -> Visits:
    """The visits of one scene in their order."""
    rows = np.concatenate([np.zeros(0, np.int32), *(rows for rows, _ in groups)])
    numbers = np.repeat(np.arange(len(groups), dtype=np.int32), [len(rows) for rows, _ in groups])
    east, north = facts.corners[rows].T
    order = np.lexsort((rows, -north, east, -np.trunc(north // BAND)))  # north to south by bands, then west to east
    series = [tuple(scenes[number] for number in ranked) for _, ranked in groups]
    return Visits(regions, rows[order], series, numbers[order])


def _overpasses(scenes: Sequence[Scene]) -> list[list[int]]:
    """Numbers of the scenes of each overpass: those of one day and relative orbit."""
    members: dict[tuple[str, int], list[int]] = {}
    for number, scene in enumerate(scenes):
        members.setdefault((scene.date, scene.relative_orbit), []).append(number)
    return list(members.values())


def _rank(scene: Scene, grid: GeoBox, area: float) -> tuple[bool, bool, float, str]:
    return area == 0, not same_pixels(scene.grid, grid), -area, scene.id
