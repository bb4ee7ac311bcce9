"""One scene, from the ground through the sky to stored numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rojsat.chips.bands import BOA, MSI, RESOLUTION
from rojsat.geo.sources.simulated import atmosphere, ground, scenemap, season, sensor, sky
from rojsat.geo.sources.simulated.landcover import WATER
from rojsat.geo.sources.simulated.noise import Field, smooth, stream
from rojsat.geo.sources.simulated.orbits import Acquisition, swath

_CALIBRATION = 0.015  # relative error of a band in one scene
_AEROSOL_ERROR = 0.005  # error of the aerosol correction at 492 nm, reflectance


@dataclass(frozen=True)
class Rendering:
    """One acquisition as delivered.

    Attributes:
        acquisition: time, orbit and satellite.
        assets: by name (B01 …, SCL, TCI, TOA-B01 …), (h, w) or (3, h, w) stored numbers on the native grid.
        truth: (h, w) uint8 scene classes at 20 m as they are, 0 outside the swath.
    """

    acquisition: Acquisition
    assets: dict[str, NDArray[np.generic]]
    truth: NDArray[np.uint8]


def scene(world: ground.Ground, acquisition: Acquisition, seed: int, *, toa: bool = True) -> Rendering:
    """Render one acquisition.

    Args:
        world: the ground.
        acquisition: time, orbit, satellite and cloud cover.
        seed: of the world.
        toa: whether the bands at the top of the atmosphere are stored too; nothing else depends on it.

    Returns:
        Everything that is stored of it.
    """
    rng = stream(seed, f"scene {acquisition.name}")
    sun = season.sun(acquisition.time)
    surface = ground.reflectance(world, acquisition.day, sun, acquisition.orbit)
    above = sky.draw(rng, world.land.unit.shape, acquisition.cover, sun)
    bare = {name: sensor.block_mean(surface[BOA.index(name)], 2) for name in ("B04", "B8A")}
    water = sensor.block_mean((world.land.cover == WATER).astype(np.float32), 2)
    classes = scenemap.truth(bare, water, above)
    sky.cover_ground(surface, above)
    off = sensor.misregistration(rng)
    exposed = {name: sensor.expose(surface[band], name, off, rng) for band, name in enumerate(BOA)}
    return _deliver(rng, acquisition, sun, exposed, above, classes, toa)


def _deliver(
    rng: np.random.Generator,
    acquisition: Acquisition,
    sun: season.Sun,
    exposed: dict[str, Field],
    above: sky.Sky,
    classes: NDArray[np.uint8],
    toa: bool,
) -> Rendering:
    seen = swath(acquisition.orbit, above.cloud.shape)
    inside = {size: sensor.block_mean(seen.astype(np.float32), size // 10) > 0.999 for size in (10, 20, 60)}
    retrieved = _retrieve(rng, exposed)
    high = atmosphere.cirrus_band(above.cirrus, above.cloud)
    scl = _classes(rng, retrieved, high, above.shift)
    scl[~inside[20]] = classes[~inside[20]] = 0
    assets: dict[str, NDArray[np.generic]] = {
        name: sensor.store(plane, inside[RESOLUTION[name]]) for name, plane in retrieved.items()
    }
    assets["SCL"] = scl
    assets["TCI"] = sensor.true_colour([retrieved[name] for name in ("B04", "B03", "B02")], inside[10])
    for name, plane in (_top(rng, exposed, sun, high) if toa else {}).items():
        assets[f"TOA-{name}"] = sensor.store(plane, inside[RESOLUTION[name]])
    return Rendering(acquisition, assets, classes)


def _retrieve(rng: np.random.Generator, exposed: dict[str, Field]) -> dict[str, Field]:
    """Surface reflectance as the processor finds it: right but for calibration and aerosol."""
    wavelength = {band.name: band.wavelength for band in MSI}
    missed = rng.normal(0, _AEROSOL_ERROR)
    drift = smooth(rng, exposed["B02"].shape, 60)
    retrieved = {}
    for name, plane in exposed.items():
        blue = (492.4 / wavelength[name]) ** 1.3
        step = RESOLUTION[name] // 10
        aerosol = blue * (missed + 0.3 * _AEROSOL_ERROR * drift[::step, ::step])
        retrieved[name] = (plane * (1 + rng.normal(0, _CALIBRATION)) + aerosol).astype(np.float32)
    return retrieved


def _classes(
    rng: np.random.Generator, retrieved: dict[str, Field], high: Field, shift: tuple[int, int]
) -> NDArray[np.uint8]:
    at_20 = {
        name: plane if RESOLUTION[name] == 20 else sensor.block_mean(plane, 2)
        for name, plane in retrieved.items()
        if RESOLUTION[name] != 60
    }
    return scenemap.classify(at_20, sensor.block_mean(high, 2), (shift[0] // 2, shift[1] // 2), rng)


def _top(rng: np.random.Generator, exposed: dict[str, Field], sun: season.Sun, high: Field) -> dict[str, Field]:
    """All 13 bands at the top of the atmosphere, on their native grids."""
    column = atmosphere.AirColumn(sun.zenith, aot=rng.uniform(0.05, 0.22), vapour=rng.uniform(0.8, 2.4))
    top = {name: atmosphere.to_top(plane, column, band) for band, (name, plane) in enumerate(exposed.items())}
    return top | {"B10": sensor.expose(high, "B10", (0.0, 0.0), rng)}
