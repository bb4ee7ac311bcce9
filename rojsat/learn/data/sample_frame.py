"""The frame of samples: what of a stored chip a sample has, and at which size. Knows numpy and pandas only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rojsat.chips import boxes
from rojsat.learn.data import windows


def resized(array: np.ndarray, height: int, width: int) -> np.ndarray:
    """(..., H, W) to (..., `height`, `width`): cut, or padded with 0; the array itself where it has this size."""
    if array.shape[-2:] == (height, width):
        return array
    canvas, cut = np.zeros((*array.shape[:-2], height, width), array.dtype), array[..., :height, :width]
    canvas[..., : cut.shape[-2], : cut.shape[-1]] = cut
    return canvas


@dataclass(frozen=True)
class SampleFrame:
    """What of a stored chip becomes a sample.

    Attributes:
        stored: the table of the chips as stored.
        rows: the table of the samples.
        shape: height and width of the samples.
        cropped: whether chips are cropped to their boxes.
    """

    stored: pd.DataFrame
    rows: pd.DataFrame
    shape: tuple[int, ...]
    cropped: bool

    @classmethod
    def of(cls, rows: pd.DataFrame, shape: tuple[int, ...], window: int | None, inside: bool) -> "SampleFrame":
        """The frame of chips of a shape."""
        stored = boxes.with_boxes(rows)
        if window is not None:
            return cls(stored, windows.framed(stored, window, inside=inside), shape, cropped=False)
        if not boxes.has_surroundings(stored):
            return cls(stored, stored, shape, cropped=False)
        around = (2 * int(stored[name].max()) for name in ("box_row", "box_col"))
        largest = tuple(side - beyond for side, beyond in zip(shape, around, strict=True))
        return cls(stored, boxes.own(stored), largest, cropped=True)

    def crop(self, plane: np.ndarray, box: Mapping[Any, Any]) -> np.ndarray:
        """(..., H, W) of a stored chip as the sample has it; `box` is that of its region, by `boxes.COLUMNS`."""
        if not self.cropped:
            return plane
        down, across = boxes.inside(box)
        return resized(plane[..., down, across], *self.shape)
