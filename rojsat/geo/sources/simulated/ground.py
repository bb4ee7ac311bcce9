"""Reflectance of the ground on a day, from fractions, spectra, season and slope; no sky, no sensor."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rojsat.chips.bands import BOA
from rojsat.geo.sources.simulated import growth, looks, season
from rojsat.geo.sources.simulated.landcover import WATER, Land
from rojsat.geo.sources.simulated.looks import Looks
from rojsat.geo.sources.simulated.materials import library
from rojsat.geo.sources.simulated.noise import Field, layered, smooth, stream
from rojsat.geo.sources.simulated.units import Units

_KINDS = {
    "still": ("spruce", "pine", "sapling", "slash", "built", "roof", "gravel", "water"),
    "leaves": ("broadleaf", "sprout"),
    "shrub": ("shrub",),
    "grass": ("grass", "turf"),
}
"""Materials that change together through the season."""
_CROPS = ("green", "straw", "soil", "grass")
_DIRECT = np.array([0.35, 0.42, 0.5, 0.56, 0.58, 0.6, 0.62, 0.64, 0.65, 0.66, 0.72, 0.75], np.float32)
"""Share of the light that comes straight from the sun and so changes with the slope."""
_ORBIT_VIEW = {65: 0.0, 22: 0.05, 108: -0.05}
"""Relative brightness by view direction: an orbit to the east looks with the sun behind it."""


@dataclass(frozen=True)
class Ground:
    """All that stays through the season.

    Attributes:
        land: the map.
        units: its stands and parcels.
        summer: by kind, (12, H, W) reflectance times share, in full summer.
        crops: by material, (12, pixels of fields) reflectance.
        fields: (H, W) True on fields.
        lag: (H, W) days by which leaves turn later.
        slope: (2, H, W) rise per metre southwards and eastwards.
    """

    land: Land
    units: Units
    summer: dict[str, NDArray[np.float32]]
    crops: dict[str, NDArray[np.float32]]
    fields: NDArray[np.bool_]
    lag: Field
    slope: NDArray[np.float32]


def prepare(land: Land, units: Units, share: dict[str, Field], signal: str, seed: int) -> Ground:
    """Compute the spectra of the map in full summer, by kind.

    Args:
        land: the map.
        units: its stands and parcels.
        share: cover of every material (`growth.fractions`).
        signal: how far spectra of one material differ, one of `looks.SIGNALS`.
        seed: of the world.

    Returns:
        The ground.
    """
    rng = stream(seed, "ground")
    shape = land.unit.shape
    deviations = looks.draw(rng, land.unit, units, signal, seed)
    summer = {kind: _spectra(names, share, deviations) for kind, names in _KINDS.items()}
    for cover in summer.values():
        cover *= 1 + 0.035 * smooth(rng, shape, 0.7)  # crowns, shadows between them
    fields = growth.fields(land)
    spectra = library()
    crops = {
        name: spectra[name].mean[:, None] + spectra[name].loadings @ deviations.of(name, fields) * 0.8
        for name in _CROPS
    }
    crops = {name: np.maximum(values, 0.008) for name, values in crops.items()}
    lag = units.lag[land.unit] + 2 * layered(rng, shape, (6, 1.5), (0.6, 0.4))
    slope = np.array(np.gradient(land.elevation, 10.0), np.float32)
    slope[:, fields] *= 0.5  # the plain is farmed
    slope[:, land.cover == WATER] = 0
    return Ground(land, units, summer, crops, fields, lag.astype(np.float32), slope)


def reflectance(ground: Ground, day: int, where: season.Sun, orbit: int) -> NDArray[np.float32]:
    """Reflectance at the surface on one day, as if there were no air.

    Args:
        ground: what stays.
        day: of the year.
        where: the sun.
        orbit: relative orbit that looks.

    Returns:
        (12, H, W) in the order of `bands.BOA`.
    """
    result = ground.summer["still"].copy()
    for kind in ("leaves", "shrub", "grass"):
        far, bare = season.turned(kind, day, ground.lag), season.bare(kind, day, ground.lag)
        look = season.bare_look(kind)
        for band in range(len(BOA)):
            result[band] += ground.summer[kind][band] * (1 + far * (season.TURNED[band] - 1) + bare * (look[band] - 1))
    covers = season.field_cover(ground.units, day)
    unit, open_ = ground.land.unit[ground.fields], 1 - ground.land.road[ground.fields]
    for name, values in ground.crops.items():
        result[:, ground.fields] += covers[name][unit] * open_ * values
    light = _light(ground.slope, where) * (1 + _ORBIT_VIEW.get(orbit, 0.0))
    for band, direct in enumerate(_DIRECT):
        result[band] *= 1 + direct * (light - 1)
    return np.maximum(result, 0.001)


def _spectra(names: tuple[str, ...], share: dict[str, Field], deviations: Looks) -> NDArray[np.float32]:
    """(12, H, W): the sum over materials of share times (mean + loadings @ deviations), never below 0.002 a share."""
    total = np.zeros((len(BOA), *deviations.unit.shape), np.float32)
    for name in names:
        material, where = library()[name], share[name] > 0
        spectrum = material.mean[:, None] + material.loadings @ deviations.of(name, where)
        total[:, where] += share[name][where] * np.maximum(spectrum, 0.25 * material.mean[:, None])
    return total


def _light(slope: NDArray[np.float32], where: season.Sun) -> Field:
    """Direct light relative to flat ground: cosine of the angle between the sun and the slope's normal."""
    azimuth, zenith = np.deg2rad(where.azimuth), np.deg2rad(where.zenith)
    facing = -slope[1] * np.sin(azimuth) + slope[0] * np.cos(azimuth)  # rows grow southwards
    light = (1 + facing * np.tan(zenith)) / np.sqrt(1 + slope[0] ** 2 + slope[1] ** 2)
    return np.clip(light, 0.3, 1.7).astype(np.float32)
