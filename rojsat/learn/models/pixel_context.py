"""What lies around a pixel, for estimators on pixels: moments and ends of every channel in squares of several sizes.

A function of the image alone: a visible pixel is one that is not 0 in all channels, as `sample_arrays.standardise`
leaves those that are not seen. What is known of labels, or asked for, cannot reach a feature.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rojsat.learn.models import sliding

STATISTICS = ("mean", "deviation", "minimum", "maximum")
"""Of each channel in a square, in this order."""

Batch = NDArray[np.floating]
"""(N, C, H, W)."""


def check(sides: Sequence[int]) -> None:
    """Refuse squares that are not possible.

    Raises:
        ValueError: for a side that is even, below 3 or there twice.
    """
    is_odd = all(isinstance(side, int) and side > 2 and side % 2 for side in sides)
    if isinstance(sides, str) or not is_odd or len(set(sides)) < len(sides):
        raise ValueError(
            f"model.options.windows={sides}: a list of different odd numbers from 3 on, sides of squares around a "
            "pixel, as [5, 9, 21]"
        )


def statistics(images: NDArray[np.float32], sides: Sequence[int]) -> NDArray[np.float32]:
    """Mean, deviation, minimum and maximum of every channel in squares around every pixel, of visible pixels alone.

    Args:
        images: (N, C, H, W) standardised, 0 where not seen.
        sides: of the squares, pixels; odd.

    Returns:
        (N, 4 C sides, H, W): side by side in their order, of each `STATISTICS`, of each all channels; 0 where nothing
        in the square is visible. The same whatever lies beyond the square, to the last bit.
    """
    is_visible = visible(images)[:, None]
    planes = [plane for side in sides for plane in _of_squares(images, is_visible, side)]
    return np.concatenate(planes, axis=1)


def visible(images: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The pixels of standardised images (N, C, H, W) that are not 0 in all channels, (N, H, W)."""
    mask: NDArray[np.bool_] = (images != 0).any(axis=1)
    return mask


def _of_squares(images: NDArray[np.float32], visible: NDArray[np.bool_], side: int) -> Iterator[NDArray[np.float32]]:
    """`STATISTICS` of the visible pixels of squares, each (N, C, H, W)."""
    count = _slide(visible.astype(np.float64), side, np.add, 0)
    some = count > 0
    values = np.where(visible, images, np.float32(0)).astype(np.float64)
    mean = _slide(values, side, np.add, 0) / np.maximum(count, 1)
    square = _slide(values**2, side, np.add, 0) / np.maximum(count, 1)
    yield mean.astype(np.float32)
    yield np.sqrt(np.maximum(square - mean**2, 0)).astype(np.float32)
    for combine, end in ((np.minimum, np.inf), (np.maximum, -np.inf)):
        ends = _slide(np.where(visible, images, np.float32(end)), side, combine, end)
        yield np.where(some, ends, np.float32(0))


def _slide(planes: Batch, side: int, combine: Callable[[Batch, Batch], Batch], outside: float) -> Batch:
    """Combine the values of squares around all pixels, `outside` beyond the image: (N, C, H, W)."""
    around = side // 2
    padded = np.pad(planes, ((0, 0), (0, 0), (around, around), (around, around)), constant_values=outside)
    return sliding.combined(padded, side, combine)
