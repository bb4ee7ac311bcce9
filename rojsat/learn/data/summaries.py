"""Series as features of one size, for estimators on tables: they take no sets of dates of which some are missing.

Of each channel the median over the dates that see a pixel, then the mean over those of each season of `SEASONS`; 0, as
of unseen pixels, where there is none. The least and largest values and the deviation beside them make estimators worse,
see docs/results.md.
"""

import warnings
from copy import copy

import numpy as np
from numpy.typing import NDArray
from torch import from_numpy

from rojsat.learn.data import series
from rojsat.learn.data.samples import Samples

SEASONS = (59, 151, 243, 334)
"""Days of the year, from 0, on which spring, summer, autumn and winter begin: 1 March, June, September, December."""


def of(samples: Samples) -> Samples:
    """Samples whose images are their features; samples that are no series stay as they are."""
    number = series.count(samples.rows)
    if number is None:
        return samples
    summarised = copy(samples)
    summarised.images = from_numpy(features(samples.images.numpy(), number))
    summarised.rows = samples.rows.drop(columns=series.BLOCKS)
    return summarised


def features(images: NDArray[np.float32], number: int) -> NDArray[np.float32]:
    """The features of standardised images.

    Args:
        images: (N, T (C + 3), H, W), as `series` says, 0 where not seen.
        number: T.

    Returns:
        (N, (1 + 4) C, H, W): all channels of the medians, then those of winter, spring, summer and autumn.
    """
    values, visible = series.measured(images, number)
    season = seasons(series.by_date(images, number)[:, :, -2:])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # numpy's, on pixels that no date sees
        seen = np.where(visible[:, :, None], values, np.float32("nan"))
        of_seasons = [np.where(season[:, :, None] == own, seen, np.float32("nan")) for own in range(len(SEASONS))]
        planes = [np.nanmedian(seen, axis=1), *(np.nanmean(dates, axis=1) for dates in of_seasons)]
    return np.nan_to_num(np.concatenate(planes, axis=1), nan=0).astype(np.float32)


def seasons(days: NDArray[np.float32]) -> NDArray[np.int64]:
    """The season of each date at each pixel.

    Args:
        days: (N, T, 2, H, W), sine and cosine of the day of the year.

    Returns:
        (N, T, H, W): 0 winter, 1 spring, 2 summer, 3 autumn.
    """
    angle = np.arctan2(days[:, :, 0], days[:, :, 1]) % (2 * np.pi)
    day = np.rint(angle / (2 * np.pi) * series.YEAR)
    return np.searchsorted(SEASONS, day, side="right") % len(SEASONS)
