"""All dates of a place in one image, as a model of all dates takes them by name: "B04 of date 1", "seen of date 1".

Each date has a block of planes: the channels, then `PLANES`. All planes of a block are NaN where its date sees nothing,
and blocks without a date are NaN everywhere. docs/data.md describes the same of training.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

PLANES = ("seen", "day_sin", "day_cos")
"""Planes of a block after the channels: 1 where the date sees a pixel, sine and cosine of its day of the year."""

YEAR = 365.25
"""Days of a year."""


def names(channels: Sequence[str], blocks: int) -> list[str]:
    """The names of the planes of an image with so many blocks, the earliest date first."""
    return [f"{name} of date {block + 1}" for block in range(blocks) for name in (*channels, *PLANES)]


def image(
    planes: NDArray[np.float32], seen: NDArray[np.bool_], dates: Sequence[pd.Timestamp], blocks: int
) -> NDArray[np.float32]:
    """The image of a place.

    Args:
        planes: (T, C, H, W), the channels of each date.
        seen: (T, H, W), the pixels that each date sees.
        dates: T of them, the earliest first.
        blocks: T or more.

    Returns:
        (`blocks` (C + 3), H, W) float32.

    Raises:
        ValueError: for more dates than blocks.
    """
    count, channels = planes.shape[:2]
    if count > blocks:
        raise ValueError(f"the model reads at most {blocks} dates at once, not {count}")
    filled = np.full((blocks, channels + len(PLANES), *seen.shape[1:]), np.nan, np.float32)
    for number, date in enumerate(dates):
        angle = 2 * np.pi * (date.day_of_year - 1) / YEAR
        beside = np.array([1, np.sin(angle), np.cos(angle)], np.float32)
        filled[number, :channels] = np.where(seen[number], planes[number], np.nan)
        filled[number, channels:] = np.where(seen[number], beside[:, None, None], np.nan)
    return filled.reshape(-1, *seen.shape[1:])
