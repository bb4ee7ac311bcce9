"""The clearing objects: where their boxes lie and what young stands grow in them.

`tight` boxes just hold their object. `drawn` ones are as a person draws them: objects lie off centre, margins are
uneven, an edge may cut a little off, some boxes hold two objects.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from rojsat.geo.sources.simulated.landcover import FOREST, Land
from rojsat.geo.sources.simulated.layout import PASSED, WorldLayout
from rojsat.geo.sources.simulated.noise import Field, smooth, stream

_CANVAS = (96, 96)
_MARGIN = 2  # pixels between the object and the box drawn around it by hand
_TRIES = 4000
BOXES = ("tight", "drawn")
_TWO = 0.3  # share of drawn boxes with two objects
_ROOM = 24  # pixels: a box with a shorter side holds one
_FILLED = (0.5, 0.95)  # share of a side of a drawn box that its object takes
_CUT = 2  # pixels by which a drawn box may be too small
_STRETCH = 2.2  # longest objects in drawn boxes, length to width


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


def insert(land: Land, layout: WorldLayout, boxes: str, seed: int) -> tuple[Land, list[ClearingObject]]:
    """Put the clearing objects into the forest; each is one or two stands of its own.

    Args:
        land: the map without them.
        layout: heights and widths of their boxes, pixels; of drawn boxes, heights and widths in any combination.
        boxes: one of `BOXES`.
        seed: of the world.

    Returns:
        The map with them, and the objects, in order of their names.

    Raises:
        ValueError: the map has no room.
    """
    rng = stream(seed, "objects")
    if boxes == "drawn":
        layout = replace(layout, objects=_mixed(rng, layout.objects))
    corners = _corners(land, layout, rng)
    unit, cover, stands = land.unit.copy(), land.cover.copy(), land.stands
    fresh = land.units  # ids of the new stands, moved in front of the parcels below
    objects = []
    for number, (size, corner) in enumerate(zip(layout.objects, corners, strict=True), start=1):
        parts = np.zeros(size, int)
        if str(number) == PASSED:
            area = np.zeros(size, bool)
        elif boxes == "tight":
            area = _blob(rng, size)
        else:
            area, parts = _by_hand(rng, size)
        objects.append(ClearingObject(str(number), *corner, *size, area))
        window = objects[-1].window
        cover[window][area] = FOREST
        if number % 3 == 0 and not parts.any():
            parts = _halves(rng, size)
        for part in range(int(parts.max()) + 1):
            unit[window][area & (parts == part)] = fresh
            fresh += 1
    parcels = (unit >= stands) & (unit < land.units)
    added = fresh - land.units
    unit = np.where(parcels, unit + added, np.where(unit >= land.units, unit - land.units + stands, unit))
    density = np.where(cover == FOREST, 0, land.density).astype(np.float32)
    land = replace(land, unit=unit.astype(np.int32), cover=cover, stands=stands + added, density=density)
    return land, objects


def _mixed(rng: np.random.Generator, sizes: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Heights and widths in another combination; the box without an object stays small, for few fixes."""
    free = [number for number in range(len(sizes)) if str(number + 1) != PASSED]
    heights, widths = (rng.permutation([sizes[number][axis] for number in free]).tolist() for axis in (0, 1))
    mixed = dict(zip(free, zip(heights, widths, strict=True), strict=True))
    return tuple(mixed.get(number, size) for number, size in enumerate(sizes))


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
    rows, columns = np.indices(_CANVAS) / 48.0 - 1
    return np.pad(_outline(rng, rows, columns, (size[0] - 2 * _MARGIN, size[1] - 2 * _MARGIN)), _MARGIN)


def _by_hand(rng: np.random.Generator, size: tuple[int, int]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """One or two objects somewhere in a box, and the number of the object that each pixel is nearer to, 0 or 1."""
    parts = np.zeros(size, int)
    if rng.random() >= _TWO or min(size) < _ROOM:
        return _placed(rng, size), parts
    axis = int(rng.integers(2))
    middle = round(size[axis] * rng.uniform(0.35, 0.65))
    sizes = (
        [(middle, size[1]), (size[0] - middle, size[1])]
        if axis == 0
        else [(size[0], middle), (size[0], size[1] - middle)]
    )
    parts[(slice(middle, None),) if axis == 0 else (slice(None), slice(middle, None))] = 1
    return np.concatenate([_placed(rng, part) for part in sizes], axis), parts


def _placed(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.bool_]:
    """One object, long or round, anywhere in its room; it may reach a little beyond it, and is cut off there."""
    angle, stretch = rng.uniform(0, np.pi), rng.uniform(1, _STRETCH)
    rows, columns = np.indices(_CANVAS) / 48.0 - 1
    along = rows * np.cos(angle) + columns * np.sin(angle)
    across = stretch * (columns * np.cos(angle) - rows * np.sin(angle))
    inner = [round(side * share) for side, share in zip(size, rng.uniform(*_FILLED, 2), strict=True)]
    room = np.pad(np.zeros(size, bool), _CUT)
    row, column = (int(rng.integers(0, side + 2 * _CUT - length + 1)) for side, length in zip(size, inner, strict=True))
    room[row : row + inner[0], column : column + inner[1]] = _outline(rng, along, across, (inner[0], inner[1]))
    return room[_CUT:-_CUT, _CUT:-_CUT]


def _outline(rng: np.random.Generator, rows: Field, columns: Field, size: tuple[int, int]) -> NDArray[np.bool_]:
    """A winding outline that just fills `size`; rows and columns of the canvas are its coordinates, -1 to 1."""
    round_ = np.abs(rows) ** 2.4 + np.abs(columns) ** 2.4
    field = 0.42 - round_ + 0.42 * smooth(rng, _CANVAS, 10) + 0.09 * smooth(rng, _CANVAS, 2.5)
    labels, count = ndimage.label(field > 0)
    largest = labels == 1 + np.argmax(np.bincount(labels.ravel(), minlength=count + 1)[1:])
    box = ndimage.find_objects(ndimage.binary_fill_holes(largest).astype(int))[0]
    cut = np.asarray(field[box])
    return np.asarray(ndimage.zoom(cut, (size[0] / cut.shape[0], size[1] / cut.shape[1]), order=1) > 0)


def _halves(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.int64]:
    """A winding line through the middle: two stands of different looks in one object."""
    rows, columns = np.indices(size)
    angle = rng.uniform(0, np.pi)
    across = (rows - size[0] / 2) * np.cos(angle) + (columns - size[1] / 2) * np.sin(angle)
    return (across + 3 * smooth(rng, size, 5) > 0).astype(np.int64)
