"""The scene classification map: thresholds on what is seen, as Sen2Cor does it, with its mistakes; and the truth.

The rules follow the Level-2A Algorithm Theoretical Basis Document of Sen2Cor (brightness, vegetation, soil and
cirrus filters, shadows projected from the clouds that were found), in short.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from rojsat.geo.sources.simulated.noise import Field, layered
from rojsat.geo.sources.simulated.sensor import block_mean
from rojsat.geo.sources.simulated.sky import Sky

DARK, SHADOW, VEGETATION, BARE, WATER, UNCLASSIFIED, MEDIUM, HIGH, CIRRUS = range(2, 11)
_NEEDED = ("B02", "B04", "B8A", "B11")


def classify(
    seen: dict[str, Field], cirrus_band: Field, shift: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Scene classes from reflectance alone.

    Args:
        seen: by band name, (h, w) surface reflectance at 20 m; `_NEEDED` must be there.
        cirrus_band: (h, w) B10 at the top of the atmosphere, at 20 m.
        shift: from a cloud to its shadow, 20 m pixels; the height is only estimated.
        rng: where the wavering of the thresholds comes from.

    Returns:
        (h, w) classes 2 to 10.
    """
    b02, b04, b8a, b11 = (seen[name] for name in _NEEDED)
    waver = 0.18 * layered(rng, b02.shape, (4, 1), (0.5, 0.5))
    ndvi = (b8a - b04) / np.maximum(b8a + b04, 1e-3)
    probability = _ramp(b04, 0.07, 0.25) + waver * (b04 > 0.09)  # Sen2Cor step 1: thresholds 0.07 and 0.25
    probability = probability * (1 - _ramp(ndvi, 0.36, 0.46))  # step 3: vegetation
    probability = probability * _ramp(b02 / np.maximum(b11, 1e-3), 0.55, 0.80)  # step 5: soil is dark in the blue
    classes = np.full(b02.shape, UNCLASSIFIED, np.uint8)
    classes[(ndvi > 0.40 + 0.1 * waver) & (b8a > 0.10)] = VEGETATION
    classes[(ndvi < 0.36) & (b04 > 0.05)] = BARE
    classes[(b8a < 0.11) & (b11 < 0.09)] = DARK
    classes[(b8a < 0.06) & (b11 < 0.035) & (b02 >= b8a)] = WATER
    thick = ndimage.median_filter(probability, 3)
    cloud = thick > 0.35
    shade = _shade(cloud, shift, rng)
    classes[shade & (b8a < 0.17 + 0.05 * waver) & (b11 < 0.13) & (classes != WATER)] = SHADOW
    classes[(cirrus_band > 0.010 + 0.01 * np.abs(waver)) & ~cloud] = CIRRUS
    classes[cloud] = MEDIUM
    classes[thick > 0.65] = HIGH
    return classes


def truth(ground: dict[str, Field], water: Field, sky: Sky) -> NDArray[np.uint8]:
    """Scene classes as someone who knows the world would draw them.

    Args:
        ground: "B04" and "B8A" of the ground without any sky, (h, w) at 20 m.
        water: (h, w) share of water at 20 m.
        sky: the sky, on the 10 m grid.

    Returns:
        (h, w): high cloud above 0.6 opacity, medium above 0.2, cirrus above 0.06, shadow above 0.4 of a thick
        cloud's; else water, vegetation (NDVI above 0.4) or bare.
    """
    ndvi = (ground["B8A"] - ground["B04"]) / np.maximum(ground["B8A"] + ground["B04"], 1e-3)
    cloud, shadow, cirrus = (block_mean(field, 2) for field in (sky.cloud, sky.shadow, sky.cirrus))
    classes = np.where(water > 0.5, WATER, np.where(ndvi > 0.4, VEGETATION, BARE))
    classes = np.where(shadow > 0.4, SHADOW, classes)
    classes = np.where(cirrus > 0.06, CIRRUS, classes)
    return np.where(cloud > 0.6, HIGH, np.where(cloud > 0.2, MEDIUM, classes)).astype(np.uint8)


def _ramp(values: NDArray[np.floating], low: float, high: float) -> NDArray[np.floating]:
    return np.clip((values - low) / (high - low), 0, 1)


def _shade(cloud: NDArray[np.bool_], shift: tuple[int, int], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Where the shadows of the clouds found should fall, if their height were as guessed."""
    guess = rng.uniform(0.85, 1.15)
    moved = ndimage.shift(cloud.astype(np.uint8), [guess * move for move in shift], order=0)
    return ndimage.binary_dilation(moved > 0, iterations=5)
