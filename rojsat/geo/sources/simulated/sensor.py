"""The camera: blur, native pixels, noise, and reflectance as stored numbers."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from rojsat.chips.bands import RESOLUTION
from rojsat.geo.sources.simulated.noise import Field

SCALE, OFFSET, NODATA = 1e-4, -0.1, 0
"""Processing baseline 04.00: reflectance = stored * SCALE + OFFSET (ESA, Sentinel-2 Products Specification 14.9)."""

_BLUR = 0.44
"""Standard deviation of the optics in native pixels; with the pixel's own box the modulation transfer at the
Nyquist frequency becomes 0.25, within ESA's 0.15 to 0.30."""
_REGISTRATION = 0.18  # standard deviation of the shift between dates, 10 m pixels (ESA: 0.3 pixel at 95 %)
_FLOOR, _RATIO = 0.0006, 0.005  # noise: signal-to-noise about 160 for bright ground


def misregistration(rng: np.random.Generator) -> tuple[float, float]:
    """How far one scene lies off the grid.

    Args:
        rng: where the numbers come from.

    Returns:
        Rows and columns, 10 m pixels.
    """
    rows, columns = rng.normal(0, _REGISTRATION, 2)
    return float(rows), float(columns)


def expose(plane: Field, band: str, off: tuple[float, float], rng: np.random.Generator) -> Field:
    """What the detector measures.

    Args:
        plane: (H, W) reflectance on the 10 m grid.
        band: its name; decides the pixel size.
        off: misregistration, 10 m pixels.
        rng: where the noise comes from.

    Returns:
        (H / factor, W / factor) reflectance on the band's native grid.
    """
    factor = RESOLUTION[band] // 10
    for axis, shift in enumerate(off):
        plane = ndimage.correlate1d(plane, _kernel(_BLUR * factor, shift), axis=axis, mode="nearest")
    seen = block_mean(plane, factor)
    return seen + (_FLOOR + _RATIO * seen) * rng.standard_normal(seen.shape, np.float32)


def block_mean(plane: NDArray[np.float32], factor: int) -> Field:
    """Mean of blocks.

    Args:
        plane: (H, W).
        factor: side of a block, pixels.

    Returns:
        (H / factor, W / factor) float32.
    """
    height, width = plane.shape[0] // factor, plane.shape[1] // factor
    return plane.reshape(height, factor, width, factor).mean((1, 3), dtype=np.float32)


def store(reflectance: Field, seen: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """Reflectance as ESA stores it.

    Args:
        reflectance: (h, w) on a native grid.
        seen: (h, w) inside the swath.

    Returns:
        (h, w), NODATA outside the swath.
    """
    numbers = np.clip(np.rint((reflectance - OFFSET) / SCALE), 1, 65535)
    return np.where(seen, numbers, NODATA).astype(np.uint16)


def true_colour(bands: list[Field], seen: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """True colour image as ESA makes it: reflectance 0.3 is white.

    Args:
        bands: B04, B03, B02, each (H, W).
        seen: (H, W) inside the swath.

    Returns:
        (3, H, W), 1 to 255, 0 outside the swath.
    """
    colours = np.clip(np.rint(255 * np.stack(bands) / 0.3), 1, 255)
    return np.where(seen, colours, 0).astype(np.uint8)


def _kernel(spread: float, shift: float) -> NDArray[np.float64]:
    """Gaussian off centre: blur and shift at once."""
    reach = int(np.ceil(3 * spread)) + 1
    kernel = np.exp(-((np.arange(-reach, reach + 1) - shift) ** 2) / (2 * spread**2))
    return kernel / kernel.sum()
