"""Squares around every pixel: what their values combine to, in a number of steps that grows with log2 of the side.

From runs of 1, 2, 4, … values, each combined of two halves, along columns and then along rows: no running sum, whose
rounding would depend on what stands far away. Of NumPy arrays and of tensors alike.
"""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Images = TypeVar("Images", NDArray[np.floating], Tensor)
"""(N, C, H, W), of one kind."""


def combined(padded: Images, side: int, combine: Callable[[Images, Images], Images]) -> Images:
    """Combine the values of squares of `side` pixels: (N, C, H + side - 1, W + side - 1) to (N, C, H, W).

    Args:
        padded: planes with `side // 2` pixels more on each side.
        side: of the squares, pixels, odd.
        combine: of two arrays value by value, in any order: a sum, a minimum, a maximum.
    """
    columns = _runs(padded.swapaxes(2, 3), side, combine).swapaxes(2, 3)
    return _runs(columns, side, combine)


def _runs(planes: Images, length: int, combine: Callable[[Images, Images], Images]) -> Images:
    """Combine every run of `length` values along the last axis: (..., W) to (..., W - length + 1)."""
    width, start, size, runs, result = planes.shape[-1] - length + 1, 0, 1, planes, None
    while True:
        if length & size:
            part = runs[..., start : start + width]
            result = part if result is None else combine(result, part)
            start += size
        if start == length:
            assert result is not None  # a length has at least one binary digit
            return result
        runs, size = combine(runs[..., :-size], runs[..., size:]), 2 * size
