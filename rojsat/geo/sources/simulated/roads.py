"""Roads and forest tracks: winding lines narrower than a pixel."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from rojsat.geo.sources.simulated.noise import Field

_STEP = 0.2  # distance between the dots that draw a line, pixels
_MAIN, _TRACK = 0.95, 0.45  # widths in pixels: 9.5 m with verges, 4.5 m


def draw_roads(rng: np.random.Generator, shape: tuple[int, int], water: NDArray[np.bool_]) -> Field:
    """Draw a few through roads and many forest tracks, none of them on water.

    Args:
        rng: where the numbers come from.
        shape: (H, W).
        water: (H, W), pixels no road crosses.

    Returns:
        (H, W) share of each pixel that is road, in [0, 1].
    """
    area = shape[0] * shape[1]
    share = np.zeros(shape, np.float32)
    for _ in range(max(2, round(area / 250_000) + 2)):
        _draw(share, _winding(rng, *_opposite(rng, shape), sway=0.06), _MAIN)
    for _ in range(max(4, area // 16_000)):
        start = rng.uniform((0, 0), shape)
        heading, length = rng.uniform(0, 2 * np.pi), rng.uniform(30, 120)
        end = start + length * np.array([np.sin(heading), np.cos(heading)])
        _draw(share, _winding(rng, start, end, sway=0.12), _TRACK)
    share[ndimage.binary_dilation(water)] = 0
    return np.minimum(share, 1)


def _opposite(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[NDArray, NDArray]:
    """Points on opposite edges of the map."""
    first, second = rng.uniform(0.1, 0.9, 2)
    if rng.random() < 0.5:
        return np.array([first * shape[0], 0.0]), np.array([second * shape[0], shape[1]])
    return np.array([0.0, first * shape[1]]), np.array([shape[0], second * shape[1]])


def _winding(rng: np.random.Generator, start: NDArray, end: NDArray, *, sway: float) -> NDArray:
    """(N, 2) points from start to end; the line leaves the straight one by `sway` of its length."""
    length = np.hypot(*(end - start))
    along = np.linspace(0, 1, max(2, int(length / _STEP)))[:, None]
    waves = np.arange(1, 6)
    size = rng.standard_normal(5) / waves**1.4
    offset = (np.sin(np.pi * along * waves) * size).sum(1, keepdims=True)
    normal = np.array([-(end - start)[1], (end - start)[0]])
    return start + along * (end - start) + sway * offset * normal


def _draw(share: Field, line: NDArray, width: float) -> None:
    at = np.floor(line).astype(int)
    inside = ((at >= 0) & (at < share.shape)).all(1)
    np.add.at(share, tuple(at[inside].T), np.float32(width * _STEP))
