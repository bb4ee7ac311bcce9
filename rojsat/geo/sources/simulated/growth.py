"""Need and cover: from the properties of the units to fields on the 10 m grid."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rojsat.geo.sources.simulated.landcover import BUILT, FIELD, FOREST, SPORTS, WATER, Land
from rojsat.geo.sources.simulated.noise import Field, layered, smooth, stream
from rojsat.geo.sources.simulated.units import Units

_PATCHES = (2.0, 5.0, 13.0)  # correlation lengths of need, pixels: groups of stems, glades, soil
_WEIGHTS = (0.22, 0.38, 0.40)


@dataclass(frozen=True)
class Need:
    """What a worker would have to cut; every array (H, W), NaN outside young stands.

    Attributes:
        sprouts: broadleaf sprouts, [0, 1].
        crowding: over-dense stems, [0, 1].
        degree: of need for clearing, [0, 1].
    """

    sprouts: Field
    crowding: Field
    degree: Field


def need(land: Land, units: Units, seed: int) -> Need:
    """Draw the need of every young stand: its level plus patches of several sizes.

    Args:
        land: the map.
        units: its stands.
        seed: of the world.

    Returns:
        The truth that the masks only sample.
    """
    rng = stream(seed, "need")
    young = units.young[land.unit] & (land.cover == FOREST)
    spread = 0.36 * np.clip(0.25 + units.sprouts + units.crowding, 0, 1)  # where little grows, little varies
    parts = []
    for level in (units.sprouts, units.crowding):
        field = level[land.unit] + spread[land.unit] * layered(rng, land.unit.shape, _PATCHES, _WEIGHTS)
        parts.append(np.where(young, np.clip(field, 0, 1), np.nan).astype(np.float32))
    return Need(parts[0], parts[1], np.clip(0.70 * parts[0] + 0.45 * parts[1], 0, 1))


def fractions(land: Land, units: Units, need: Need, seed: int) -> dict[str, Field]:
    """Share of each pixel that each material covers, apart from what farmers change within the season.

    Args:
        land: the map.
        units: its stands and parcels.
        need: of the young stands.
        seed: of the world.

    Returns:
        By material, (H, W) float32; they add up to 1 outside fields, to the road's share inside.
    """
    rng = stream(seed, "fractions")
    share = {name: np.zeros(land.unit.shape, np.float32) for name in _NAMES}
    forest = land.cover == FOREST
    _young(rng, share, land, units, need, forest & units.young[land.unit])
    _old(rng, share, land, units, forest & ~units.young[land.unit])
    _built(rng, share, land)
    share["water"][land.cover == WATER] = 1
    for name, field in share.items():
        field *= 1 - land.road
        if name == "gravel":
            field += land.road
    return share


_NAMES = (
    *("spruce", "pine", "broadleaf", "sapling", "sprout", "grass", "shrub", "slash"),
    *("built", "roof", "gravel", "turf", "water"),
)


def _young(
    rng: np.random.Generator,
    share: dict[str, Field],
    land: Land,
    units: Units,
    need: Need,
    where: NDArray[np.bool_],
) -> None:
    """Sprouts, saplings and ground cover; what makes the ground varies within a stand as much as need does."""
    unit, shape = land.unit[where], land.unit.shape
    soft, fine = smooth(rng, shape, 4)[where], rng.standard_normal(unit.size).astype(np.float32)
    sprouts, crowding = need.sprouts[where], need.crowding[where]
    sprout = np.clip(0.06 + 0.50 * sprouts + 0.05 * fine * (0.4 + sprouts) + 0.03 * soft, 0, 0.85)
    closure = units.closure[unit] + 0.10 * soft + 0.04 * rng.standard_normal(unit.size)
    sapling = np.clip(closure + 0.34 * crowding, 0.02, 0.9) * (1 - sprout)
    ground = 1 - sprout - sapling
    shrub = np.clip(units.shrub[unit] + 0.20 * smooth(rng, shape, 3)[where], 0, 0.95)
    slash = np.clip(units.slash[unit] + 0.08 * smooth(rng, shape, 2)[where], 0, 1)
    old = np.where(rng.random(unit.size) < 0.015, 0.4, 0.0)  # seed trees and groups left standing
    pine = units.pine[unit]
    parts = {
        "sprout": sprout,
        "sapling": sapling * (1 - 0.4 * pine),
        "pine": sapling * 0.4 * pine,
        "slash": ground * slash,
        "shrub": ground * (1 - slash) * shrub,
        "grass": ground * (1 - slash) * (1 - shrub),
    }
    for name, part in parts.items():
        share[name][where] = part * (1 - old)
    share["pine"][where] += old


def _old(rng: np.random.Generator, share: dict[str, Field], land: Land, units: Units, where: NDArray[np.bool_]) -> None:
    """Clear-cuts, thinned and mature forest."""
    unit, shape = land.unit[where], land.unit.shape
    age = units.age[unit]
    canopy = np.clip(0.04 + 0.93 * (1 - np.exp(-np.maximum(age - 2, 0) / 7)), 0, 0.97)
    canopy = np.clip(canopy * (1 + 0.05 * smooth(rng, shape, 1.5)[where] - 0.05 * (age > 70)), 0, 0.99)
    leaves = np.clip(units.broadleaf[unit] + 0.10 * smooth(rng, shape, 4)[where] - 0.03, 0, 1)
    pine = np.clip(units.pine[unit] + 0.08 * smooth(rng, shape, 5)[where], 0, 1)
    bare = np.clip(1 - age / 9, 0, 1)  # slash fades under grass within a few years
    share["broadleaf"][where] = canopy * leaves
    share["pine"][where] = canopy * (1 - leaves) * pine
    share["spruce"][where] = canopy * (1 - leaves) * (1 - pine)
    share["slash"][where] = (1 - canopy) * (0.15 + 0.75 * bare)
    share["shrub"][where] = (1 - canopy) * (0.85 - 0.75 * bare) * 0.6
    share["grass"][where] = (1 - canopy) * (0.85 - 0.75 * bare) * 0.4


def _built(rng: np.random.Generator, share: dict[str, Field], land: Land) -> None:
    """Houses amid gardens; halls and squares in the middle; turf and a track on the sports ground."""
    shape = land.unit.shape
    where, sports = land.cover == BUILT, land.cover == SPORTS
    dense = land.density[where]
    houses = rng.random(where.sum()) < 0.10 + 0.35 * dense
    halls = (smooth(rng, shape, 1.6)[where] > 1.6 - 0.9 * dense) & (dense > 0.35)
    roof = np.clip(0.25 * houses + 0.75 * halls + 0.05, 0, 0.9)
    gravel = np.clip((0.08 + 0.30 * dense) * (1 - roof), 0, 1)
    trees = np.clip(0.12 + 0.10 * smooth(rng, shape, 2)[where], 0, 0.4) * (1 - roof - gravel)
    share["roof"][where], share["gravel"][where], share["broadleaf"][where] = roof, gravel, trees
    share["built"][where] = 1 - roof - gravel - trees
    _sports(share, sports)


def _sports(share: dict[str, Field], where: NDArray[np.bool_]) -> None:
    rows, columns = np.nonzero(where)
    if not len(rows):
        return
    row, column = rows - rows.min(), columns - columns.min()
    hall = (column < 4) & (row < 6)
    edge = (row % 7 == 0) | (column % 11 == 4)  # paths around the pitches
    share["roof"][where] = hall * 0.9
    share["gravel"][where] = np.where(hall, 0.1, 0.75 * edge)
    share["turf"][where] = np.where(hall, 0, np.where(edge, 0.25, 1.0))


def fields(land: Land) -> NDArray[np.bool_]:
    """(H, W) True on farmed parcels."""
    return np.asarray(land.cover == FIELD)
