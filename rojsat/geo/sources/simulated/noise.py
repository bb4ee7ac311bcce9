"""Random streams and random fields. Knows nothing of what they stand for."""

import zlib

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

Field = NDArray[np.float32]


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Independent generator for one purpose, so that adding one purpose changes no other.

    Args:
        seed: of the world.
        purpose: any text, "need".

    Returns:
        A generator that depends on nothing but the two.
    """
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])


def smooth(rng: np.random.Generator, shape: tuple[int, int], length: float) -> Field:
    """Gaussian random field of mean 0 and variance 1.

    Args:
        rng: where the numbers come from.
        shape: (H, W).
        length: standard deviation of the smoothing kernel, pixels; 0 gives white noise.

    Returns:
        (H, W) float32.
    """
    step = max(1, int(length // 4))  # long waves are drawn on a coarse grid: 4 knots a kernel lose nothing
    coarse = tuple(int(np.ceil(size / step)) + 3 for size in shape)
    margin = int(np.ceil(2 * length / step))  # so that the edges are as varied as the middle
    white = rng.standard_normal([size + 2 * margin for size in coarse], np.float32)
    field = ndimage.gaussian_filter(white, length / step)
    inner = field[margin : margin + coarse[0], margin : margin + coarse[1]] / max(field.std(), 1e-12)
    if step > 1:
        rows = np.arange(shape[0], dtype=np.float32) / step + 1
        columns = np.arange(shape[1], dtype=np.float32) / step + 1
        inner = ndimage.map_coordinates(inner, np.meshgrid(rows, columns, indexing="ij"), order=1)
    return inner[: shape[0], : shape[1]].astype(np.float32)


def layered(
    rng: np.random.Generator, shape: tuple[int, int], lengths: tuple[float, ...], weights: tuple[float, ...]
) -> Field:
    """Sum of `smooth` fields of several lengths, scaled to variance 1.

    Args:
        rng: where the numbers come from.
        shape: (H, W).
        lengths: kernels, pixels.
        weights: share of the variance that each length carries; any positive numbers.

    Returns:
        (H, W) float32.
    """
    total = np.zeros(shape, np.float32)
    for length, weight in zip(lengths, weights, strict=True):
        total += np.float32(np.sqrt(weight / sum(weights))) * smooth(rng, shape, length)
    return total


def fractal(
    rng: np.random.Generator, shape: tuple[int, int], *, slope: float, longest: float, stretch: float = 1.0
) -> Field:
    """Random field with a power-law spectrum, as clouds and terrain have it; mean 0, variance 1.

    Args:
        rng: where the numbers come from.
        shape: (H, W).
        slope: power falls as wave number to the minus `slope` (clouds: 8/3 to 3, terrain: about 4).
        longest: waves longer than this many pixels get no more power.
        stretch: how much longer the structures are along x than along y.

    Returns:
        (H, W) float32.
    """
    size = [fft.next_fast_len(int(extent * 1.3) + 8, real=True) for extent in shape]  # the rest hides the period
    rows = np.fft.fftfreq(size[0])[:, None]
    columns = np.fft.rfftfreq(size[1])[None, :] * stretch
    power = (rows**2 + columns**2 + longest**-2.0) ** (-slope / 4)
    spectrum = fft.rfft2(rng.standard_normal(size, np.float32)) * power.astype(np.float32)
    field = fft.irfft2(spectrum, s=size)[: shape[0], : shape[1]]
    return ((field - field.mean()) / field.std()).astype(np.float32)
