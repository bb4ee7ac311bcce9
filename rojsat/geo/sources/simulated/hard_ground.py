"""Steep, wet or stony ground, where work is slow and points are dense whatever the need."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from rojsat.geo.sources.simulated.clearing_objects import ClearingObject
from rojsat.geo.sources.simulated.landcover import Land
from rojsat.geo.sources.simulated.noise import Field, layered, stream

_HOLLOW = 12  # pixels: ground lower than its surroundings of this size is wet
_STONES = (8.0, 2.5)  # correlation lengths of boulder fields, pixels


def draw(land: Land, objects: list[ClearingObject], share: float, seed: int) -> NDArray[np.bool_]:
    """Where the ground is hard to work on.

    Slope and hollows come from the terrain, so the image shows them as far as terrain shows; stones it does not show.

    Args:
        land: the map with its clearing objects.
        objects: the clearing objects.
        share: of all their worked pixels that is hard, [0, 1].
        seed: of the world.

    Returns:
        (H, W) True where it is.
    """
    shape, worked = land.unit.shape, np.zeros(land.unit.shape, bool)
    for item in objects:
        worked[item.window] |= item.area
    if share == 0 or not worked.any():
        return np.zeros(shape, bool)
    steep = np.hypot(*np.gradient(land.elevation))
    hollow = ndimage.gaussian_filter(land.elevation, _HOLLOW) - land.elevation
    stones = layered(stream(seed, "hard ground"), shape, _STONES, (0.6, 0.4))
    hardness = np.maximum.reduce([_standard(field, worked) for field in (steep, hollow, stones)])
    return np.asarray(hardness > np.quantile(hardness[worked], 1 - share))


def _standard(field: Field, worked: NDArray[np.bool_]) -> Field:
    """The field with mean 0 and variance 1 over worked pixels."""
    return np.asarray((field - field[worked].mean()) / max(field[worked].std(), 1e-12), np.float32)
