"""The clearing objects: where their boxes lie and what young stands grow in them."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from rojsat.geo.sources.simulated.landcover import FOREST, Land
from rojsat.geo.sources.simulated.layout import PASSED, WorldLayout
from rojsat.geo.sources.simulated.noise import smooth, stream

_MARGIN = 2  # pixels between the object and the box drawn around it by hand
_TRIES = 4000


@dataclass(frozen=True)
class ClearingObject:
    """One box that was delivered as a clearing object.

    Attributes:
        name: "1", "2", …
        row: first row of its box.
        column: first column of its box.
        height: rows of its box.
        width: columns of its box.
        area: (height, width) True where workers clear; nowhere if it is no clearing object.
    """

    name: str
    row: int
    column: int
    height: int
    width: int
    area: NDArray[np.bool_]

    @property
    def window(self) -> tuple[slice, slice]:
        """Its box in the world's grid."""
        return slice(self.row, self.row + self.height), slice(self.column, self.column + self.width)


def insert(land: Land, layout: WorldLayout, seed: int) -> tuple[Land, list[ClearingObject]]:
    """Put the clearing objects into the forest; each is one or two stands of its own.

    Args:
        land: the map without them.
        layout: heights and widths of their boxes, pixels.
        seed: of the world.

    Returns:
        The map with them, and the objects, in order of their names.

    Raises:
        ValueError: the map has no room.
    """
    rng = stream(seed, "objects")
    corners = _corners(land, layout, rng)
    unit, cover, stands = land.unit.copy(), land.cover.copy(), land.stands
    fresh = land.units  # ids of the new stands, moved in front of the parcels below
    objects = []
    for number, (size, corner) in enumerate(zip(layout.objects, corners, strict=True), start=1):
        area = _blob(rng, size) if str(number) != PASSED else np.zeros(size, bool)
        objects.append(ClearingObject(str(number), *corner, *size, area))
        window = objects[-1].window
        cover[window][area] = FOREST
        parts = _halves(rng, size) if number % 3 == 0 else np.zeros(size, int)
        for part in range(int(parts.max()) + 1):
            unit[window][area & (parts == part)] = fresh
            fresh += 1
    parcels = (unit >= stands) & (unit < land.units)
    added = fresh - land.units
    unit = np.where(parcels, unit + added, np.where(unit >= land.units, unit - land.units + stands, unit))
    density = np.where(cover == FOREST, 0, land.density).astype(np.float32)
    land = replace(land, unit=unit.astype(np.int32), cover=cover, stands=stands + added, density=density)
    return land, objects


def _corners(land: Land, layout: WorldLayout, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Upper-left corners, the largest box placed first, where there is much forest and no other box."""
    forest = np.pad((land.cover == FOREST).astype(np.int64), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    occupied = np.zeros(layout.shape, bool)
    corners: dict[int, tuple[int, int]] = {}
    for index in sorted(range(len(layout.objects)), key=lambda i: -np.prod(layout.objects[i])):
        height, width = layout.objects[index]
        last = (layout.height - height - 6, layout.width - width - 6)
        if min(last) < 7:
            raise ValueError(f"a world of {layout.shape} has no room for a box of {height} x {width} pixels")
        tries = rng.integers((6, 6), last, (_TRIES, 2))
        free = [not occupied[r - 4 : r + height + 4, c - 4 : c + width + 4].any() for r, c in tries]
        if not any(free):
            raise ValueError(f"a world of {layout.shape} has no room for {len(layout.objects)} clearing objects")
        r, c = tries.T
        share = forest[r + height, c + width] - forest[r, c + width] - forest[r + height, c] + forest[r, c]
        score = np.where(free, share / (height * width) + 0.15 * rng.random(_TRIES), -1)
        row, column = (int(value) for value in tries[np.argmax(score)])
        occupied[row : row + height, column : column + width] = True
        corners[index] = (row, column)
    return [corners[index] for index in sorted(corners)]


def _blob(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.bool_]:
    """A winding outline that just fills the box less its margin."""
    canvas = (96, 96)
    rows, columns = np.indices(canvas) / 48.0 - 1
    round_ = np.abs(rows) ** 2.4 + np.abs(columns) ** 2.4
    field = 0.42 - round_ + 0.42 * smooth(rng, canvas, 10) + 0.09 * smooth(rng, canvas, 2.5)
    labels, count = ndimage.label(field > 0)
    largest = labels == 1 + np.argmax(np.bincount(labels.ravel(), minlength=count + 1)[1:])
    box = ndimage.find_objects(ndimage.binary_fill_holes(largest).astype(int))[0]
    inner = (size[0] - 2 * _MARGIN, size[1] - 2 * _MARGIN)
    cut = np.asarray(field[box])
    zoomed = ndimage.zoom(cut, (inner[0] / cut.shape[0], inner[1] / cut.shape[1]), order=1)
    return np.pad(zoomed > 0, _MARGIN)


def _halves(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.int64]:
    """A winding line through the middle: two stands of different looks in one object."""
    rows, columns = np.indices(size)
    angle = rng.uniform(0, np.pi)
    across = (rows - size[0] / 2) * np.cos(angle) + (columns - size[1] / 2) * np.sin(angle)
    return (across + 3 * smooth(rng, size, 5) > 0).astype(np.int64)
