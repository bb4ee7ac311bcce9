"""Clouds with their shadows, thin cirrus and haze over one scene."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rojsat.chips.bands import BOA, MSI
from rojsat.geo.sources.simulated import materials
from rojsat.geo.sources.simulated.noise import Field, fractal, smooth
from rojsat.geo.sources.simulated.season import Sun

_SHADOW = np.array([0.45, 0.52, 0.62, 0.68, 0.70, 0.73, 0.75, 0.77, 0.78, 0.78, 0.82, 0.84], np.float32)
"""Light that a thick cloud takes away, by band: blue light still comes from the rest of the sky."""
_CIRRUS_CHANCE, _HAZE_CHANCE = 0.45, 0.55
_WAVELENGTH = np.array([band.wavelength for band in MSI if band.name in BOA])  # nanometres


@dataclass(frozen=True)
class Sky:
    """What stands between the ground and the satellite; every array (H, W) in [0, 1].

    Attributes:
        cloud: opacity.
        bright: how bright the cloud is, about 0.6 (thin) to 1.15 (thick).
        shadow: cloud opacity along the way to the sun.
        cirrus: opacity of thin high cloud.
        haze: opacity of low haze.
        shift: (rows, columns) from a cloud to its shadow, pixels.
    """

    cloud: Field
    bright: Field
    shadow: Field
    cirrus: Field
    haze: Field
    shift: tuple[int, int]


def draw(rng: np.random.Generator, shape: tuple[int, int], cover: float, sun: Sun) -> Sky:
    """Draw one sky.

    Args:
        rng: where the numbers come from.
        shape: (H, W).
        cover: share of the sky that is cloud, [0, 1].
        sun: decides where the shadows fall.

    Returns:
        The sky.
    """
    height = rng.uniform(600, 2000)  # metres, cumulus and stratocumulus
    away = np.deg2rad(sun.azimuth + 180)
    length = height * np.tan(np.deg2rad(sun.zenith)) / 10
    shift = (round(-length * np.cos(away)), round(length * np.sin(away)))  # rows grow southwards
    cloud, bright = _clouds(rng, (shape[0] + abs(shift[0]), shape[1] + abs(shift[1])), cover)
    over, behind = _windows(shape, shift)
    cirrus, haze = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    if rng.random() < _CIRRUS_CHANCE:
        veil = fractal(rng, shape, slope=3.5, longest=160, stretch=3)
        cirrus = np.clip(0.09 * (veil - rng.uniform(0.0, 1.6)), 0, 0.3).astype(np.float32)
    if rng.random() < _HAZE_CHANCE:
        haze = np.clip(rng.uniform(0.01, 0.10) * (1 + 0.6 * smooth(rng, shape, 45)), 0, 0.3).astype(np.float32)
    return Sky(cloud[over], bright[over], cloud[behind], cirrus, haze, shift)


def cover_ground(surface: NDArray[np.float32], sky: Sky) -> None:
    """Put the sky over the ground, in place.

    Args:
        surface: (12, H, W) reflectance of the ground; becomes what is seen with the air's own part removed.
        sky: the sky.
    """
    white = materials.cloud()
    for band in range(len(BOA)):
        plane = surface[band]
        plane *= 1 - _SHADOW[band] * sky.shadow
        blue = np.float32((492.4 / _WAVELENGTH[band]) ** 1.1)
        plane += sky.haze * (0.28 * blue - 0.7 * plane)
        plane += sky.cirrus * (0.85 * white[band] - plane)
        plane += sky.cloud * (sky.bright * white[band] - plane)


def _clouds(rng: np.random.Generator, shape: tuple[int, int], cover: float) -> tuple[Field, Field]:
    puffy = rng.random() < 0.6
    slope, longest = (3.4, rng.uniform(60, 160)) if puffy else (4.0, rng.uniform(120, 260))
    field = fractal(rng, shape, slope=slope, longest=longest)
    depth = np.maximum(field - np.quantile(field, 1 - cover), 0) if cover > 0 else np.zeros(shape, np.float32)
    thickness = (3.0 if puffy else 0.9) * depth**1.2
    opacity = 1 - np.exp(-thickness)
    return opacity.astype(np.float32), (0.62 + 0.5 * (1 - np.exp(-0.5 * thickness))).astype(np.float32)


def _windows(shape: tuple[int, int], shift: tuple[int, int]) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Windows of the larger canvas: clouds overhead, and clouds whose shadows fall on the same pixels."""
    over, behind = [], []
    for size, move in zip(shape, shift, strict=True):
        over.append(slice(max(move, 0), max(move, 0) + size))
        behind.append(slice(max(-move, 0), max(-move, 0) + size))
    return (over[0], over[1]), (behind[0], behind[1])
