"""Which scenes show a region on each pass of a satellite: those of one day and orbit make one picture."""

from collections.abc import Mapping, Sequence

import numpy as np
from odc.geo.geobox import GeoBox

from rojsat.geo.scenes.catalog import Scene
from rojsat.geo.scenes.grid import overlap_areas, same_pixels


def plan(scenes: Sequence[Scene], grids: Mapping[str, GeoBox]) -> dict[int, list[tuple[str, tuple[int, ...]]]]:
    """Give every region on every pass to one scene, and name the scenes that fill what is missing there.

    First come scenes on the region's own pixels, then others; of these, those that cover more of it.

    Args:
        scenes: all scenes of a data set.
        grids: grid of every region.

    Returns:
        For each scene, by its number, the regions given to it, from north to south in bands of its blocks, then from
        west to east: id, and the numbers of the scenes that show it on this pass, the scene itself first.
    """
    ids, boxes = list(grids), list(grids.values())
    passes: dict[tuple[str, int], list[int]] = {}
    for number, scene in enumerate(scenes):
        passes.setdefault((f"{scene.datetime:%Y-%m-%d}", scene.relative_orbit), []).append(number)
    found: dict[int, list[tuple[str, tuple[int, ...]]]] = {number: [] for number in range(len(scenes))}
    for members in passes.values():
        areas = np.stack([overlap_areas(scenes[number].grid, boxes) for number in members])  # (S, R)
        for place in np.flatnonzero(areas.any(axis=0)):
            shown = [(number, areas[row, place]) for row, number in enumerate(members) if areas[row, place] > 0]
            shown.sort(key=lambda one: _rank(scenes[one[0]], boxes[place], one[1]))
            found[shown[0][0]].append((ids[place], tuple(number for number, _ in shown)))
    for given in found.values():
        given.sort(key=lambda one: _north_west(grids[one[0]]))
    return found


BAND = 5120
"""Height of the bands in which regions are worked through, metres: half a block of a scene as ESA delivers it."""


def _rank(scene: Scene, grid: GeoBox, area: float) -> tuple[bool, float, str]:
    return not same_pixels(scene.grid, grid), -area, scene.id


def _north_west(grid: GeoBox) -> tuple[int, float, float]:
    return -int(grid.affine.f // BAND), grid.affine.c, -grid.affine.f
