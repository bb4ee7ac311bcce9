"""What grows where: one row of properties for every forest stand and every parcel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rojsat.geo.sources.simulated.clearing_objects import ClearingObject
from rojsat.geo.sources.simulated.landcover import FOREST, Land
from rojsat.geo.sources.simulated.materials import COMPONENTS
from rojsat.geo.sources.simulated.noise import layered, stream

Column = NDArray[np.float32]

YOUNG = (4.0, 17.0)
"""Age in years at which a stand may need clearing (Swedish practice: 1.5 to 4 m height)."""

_AGES = ((0.0, 3.0), YOUNG, (18.0, 40.0), (41.0, 110.0))
_AGE_SHARES = (0.06, 0.28, 0.24, 0.42)
_UNTENDED = 0.4  # share of drawn boxes with a young stand that nobody cleared
_DUE_SHARE = 0.56  # of the young stands
CEREAL, LEY, PASTURE = 0, 1, 2
_CROP_SHARES = (0.55, 0.27, 0.18)


@dataclass(frozen=True)
class Units:
    """Properties by unit; every array is (units,) unless stated otherwise.

    Attributes:
        age: of the trees, years; NaN for parcels.
        pine: share of pine among the conifers, [0, 1].
        broadleaf: share of broadleaves in the canopy (old stands), [0, 1].
        fertility: standard normal; grass and growth.
        shrub: share of raspberry, heather and bracken in the ground cover, [0, 1].
        slash: share of slash and bare ground in the ground cover, [0, 1].
        closure: cover of the wanted saplings in a young stand, [0, 1].
        sprouts: level of broadleaf sprouts, about [0, 1]; 0 where not young.
        crowding: level of over-dense stems, about [0, 1]; 0 where not young.
        lag: days by which leaves turn later than usual.
        looks: (units, COMPONENTS) standard normal; how its materials differ from the mean.
        crop: CEREAL, LEY or PASTURE of a parcel.
        harvest: day of the year.
        autumn: True where a cereal is sown in autumn.
    """

    age: Column
    pine: Column
    broadleaf: Column
    fertility: Column
    shrub: Column
    slash: Column
    closure: Column
    sprouts: Column
    crowding: Column
    lag: Column
    looks: Column
    crop: NDArray[np.int64]
    harvest: Column
    autumn: NDArray[np.bool_]

    @property
    def young(self) -> NDArray[np.bool_]:
        """Stands at the age of clearing."""
        return (self.age >= YOUNG[0]) & (self.age <= YOUNG[1])


def draw(land: Land, objects: list[ClearingObject], boxes: str, seed: int) -> Units:
    """Draw the properties of every stand and parcel.

    Stands that need clearing differ from the others in sprouts and crowding alone; everything else that shapes a
    spectrum (age, soil, species, ground cover, looks) is drawn without regard to need. That is why few regions teach
    little.

    Args:
        land: the map with its clearing objects.
        objects: the clearing objects; their stands are young and need clearing.
        boxes: "drawn": some boxes touch young stands that nobody cleared; "tight": hardly any does.
        seed: of the world.

    Returns:
        One row a unit.
    """
    rng = stream(seed, "units")
    count = land.units
    soil = _mean(layered(rng, land.unit.shape, (40, 15), (0.6, 0.4)), land)
    fertility = 0.75 * soil + 0.65 * rng.standard_normal(count)
    object_stands, near = _around(land, objects)
    age = _ages(rng, land, object_stands, near)
    if boxes == "drawn":
        untended = _untended(stream(seed, "untended"), land, objects, near)
        age[list(untended)] = list(untended.values())
    young = (age >= YOUNG[0]) & (age <= YOUNG[1])
    sprouts, crowding = _need_levels(rng, count, object_stands)
    years = np.nan_to_num(age, nan=0)
    closure = 0.10 + 0.030 * (years - YOUNG[0]) + 0.07 * fertility + 0.10 * rng.standard_normal(count)
    numbers = {
        "age": age,
        "pine": rng.beta(0.5, 0.5, count) * (1 / (1 + np.exp(1.2 * fertility))) * 1.6,
        "broadleaf": rng.beta(0.45, 3.2, count),
        "fertility": fertility,
        "shrub": rng.beta(0.9, 1.1, count),
        "slash": rng.beta(1.0, 2.2, count) * np.exp(-years / 14),
        "closure": np.clip(closure, 0.04, 0.7),
        "sprouts": np.where(young, sprouts, 0),
        "crowding": np.where(young, crowding, 0),
        "lag": 5 * rng.standard_normal(count),
        "harvest": rng.uniform(212, 250, count),  # 31 July to 7 September
        "looks": rng.standard_normal((count, COMPONENTS)),
    }
    columns = {name: values.astype(np.float32) for name, values in numbers.items()}
    columns["pine"] = np.minimum(columns["pine"], 1)
    crop = rng.choice(3, count, p=_CROP_SHARES)
    return Units(**columns, crop=crop, autumn=rng.random(count) < 0.45)


def _mean(field: Column, land: Land) -> NDArray[np.float64]:
    pixels = np.maximum(np.bincount(land.unit.ravel(), minlength=land.units), 1)  # a unit may be all covered up
    return np.bincount(land.unit.ravel(), field.ravel(), minlength=land.units) / pixels


def _ages(
    rng: np.random.Generator, land: Land, object_stands: NDArray[np.int64], near: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(units,) years, NaN for parcels; stands of the objects are young, those near them mostly older."""
    low, high = np.array(_AGES)[rng.choice(len(_AGES), land.units, p=_AGE_SHARES)].T
    age = rng.uniform(low, high)
    age[near] = np.where(rng.random(len(near)) < 0.9, rng.uniform(20, 110, len(near)), age[near])
    age[object_stands] = rng.uniform(5, 15, len(object_stands))
    age[land.stands :] = np.nan
    return age


def _untended(
    rng: np.random.Generator, land: Land, objects: list[ClearingObject], near: NDArray[np.int64]
) -> dict[int, float]:
    """By stand, the age of those in some boxes, the largest beside the object, that are young and were not cleared."""
    ages = {}
    for item in objects:
        unit, count = np.unique(land.unit[item.window][land.cover[item.window] == FOREST], return_counts=True)
        count[~np.isin(unit, near)] = 0
        age = float(rng.uniform(5, 15))
        if rng.random() < _UNTENDED and count.any():
            ages[int(unit[np.argmax(count)])] = age
    return ages


def _need_levels(
    rng: np.random.Generator, count: int, object_stands: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Levels of sprouts and of crowding, (units,) each, about [0, 1], as if all were young."""
    due = rng.random(count) < _DUE_SHARE
    sprouts = np.where(due, rng.uniform(0.30, 0.85, count), rng.uniform(-0.15, 0.16, count))
    crowding = np.where(due, rng.uniform(0.15, 0.85, count), rng.uniform(-0.15, 0.22, count))
    sprouts[object_stands] = _spread(rng, 0.15, 0.45, len(object_stands))
    crowding[object_stands] = _spread(rng, 0.10, 0.40, len(object_stands))
    return sprouts, crowding


def _spread(rng: np.random.Generator, low: float, high: float, count: int) -> NDArray[np.float64]:
    """(count,) levels that fill the range evenly, in random order: ten objects never are all alike."""
    return low + (high - low) * (rng.permutation(count) + 0.5) / max(count, 1)


def _around(land: Land, objects: list[ClearingObject]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ids of the objects' own stands, and of the other stands in their boxes (mostly older)."""
    own = [np.unique(land.unit[item.window][item.area]) for item in objects]
    inside = [np.unique(land.unit[item.window][~item.area & (land.cover[item.window] == FOREST)]) for item in objects]
    object_stands = np.unique(np.concatenate(own)).astype(np.int64)
    return object_stands, np.setdiff1d(np.unique(np.concatenate(inside)), object_stands).astype(np.int64)
