"""Series: all dates of a region in one image, each pixel with the dates that see it. Knows no model.

An image of a series has a block of planes a date: the channels, then `PLANES`. All planes of a block are unknown where
its date sees nothing, and blocks without a date are unknown everywhere; standardised, what is unknown is 0. Images have
as many blocks as the region of the store with most dates.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

BLOCKS = "date_blocks"
"""Column of the table of samples that are series: blocks of their images."""

PLANES = ("seen", "day_sin", "day_cos")
"""Planes of a block after the channels: 1 where the date sees a pixel, sine and cosine of its day of the year."""

YEAR = 365.25
"""Days of a year."""


def blocks(index: pd.DataFrame) -> int:
    """Blocks of the images of a store: the most dates of a window of a region, of whatever role.

    Args:
        index: of the complete store, so that all roles have images of as many planes.
    """
    return int(index.groupby(["region", "row", "col"])["date"].nunique().max())


def count(rows: pd.DataFrame) -> int | None:
    """Blocks of the images of samples, T; None where they are no series."""
    return int(rows[BLOCKS].iloc[0]) if BLOCKS in rows and len(rows) else None


def names(channels: Sequence[str], number: int) -> list[str]:
    """The T (C + 3) names of the planes of images with `number` blocks, the earliest date first: "B04 of date 1"."""
    return [f"{name} of date {block + 1}" for block in range(number) for name in (*channels, *PLANES)]


def image(
    planes: NDArray[np.float32], seen: NDArray[np.bool_], dates: Sequence[str], number: int
) -> NDArray[np.float32]:
    """The image of a series.

    Args:
        planes: (T, C, H, W), the channels of each date.
        seen: (T, H, W), the pixels of each date that are neither padding nor nodata nor cloud.
        dates: T of them, ISO.
        number: blocks, T or more.

    Returns:
        (`number` (C + 3), H, W), NaN where not seen.
    """
    angles = 2 * np.pi * (pd.to_datetime(list(dates)).day_of_year.to_numpy() - 1) / YEAR
    days = np.stack([np.ones_like(angles), np.sin(angles), np.cos(angles)], axis=1)  # (T, 3), as PLANES
    beside = np.broadcast_to(days[:, :, None, None], (*days.shape, *seen.shape[1:]))
    filled = np.where(seen[:, None], np.concatenate([planes, beside], axis=1), np.nan)  # (T, C + 3, H, W)
    joined = np.full((number, *filled.shape[1:]), np.nan, np.float32)
    joined[: len(filled)] = filled
    return joined.reshape(-1, *seen.shape[1:])


def newest(masks: NDArray[np.float32], known: NDArray[np.bool_]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The degree of a series: that of the newest date at which a pixel is seen and labelled.

    Args:
        masks: (T, H, W) of each date, the newest last.
        known: (T, H, W), where they are seen and labelled.

    Returns:
        Degree (H, W), any value where not known; and whether it is known at any date.
    """
    last = len(known) - 1 - known[::-1].argmax(axis=0)  # (H, W)
    return np.take_along_axis(masks, last[None], axis=0)[0], np.asarray(known.any(axis=0))


def measured(images: NDArray[np.float32], number: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The channels of images (N, T (C + 3), H, W) as (N, T, C, H, W), and which pixels each date sees, (N, T, H, W)."""
    dated = by_date(images, number)
    return dated[:, :, : -len(PLANES)], dated[:, :, -len(PLANES)] > 0


def mean(images: NDArray[np.float32], number: int) -> NDArray[np.float32]:
    """Mean of each channel over the dates at which it is known, (N, C, H, W); NaN where it is at none."""
    values, visible = measured(images, number)
    known = visible[:, :, None] & np.isfinite(values)
    times = known.sum(axis=1)
    return np.where(times > 0, np.where(known, values, 0).sum(axis=1) / np.maximum(times, 1), np.nan)


def by_date(images: NDArray[np.float32], number: int) -> NDArray[np.float32]:
    """Images (N, T (C + 3), H, W) as (N, T, C + 3, H, W)."""
    return images.reshape(len(images), number, -1, *images.shape[2:])
