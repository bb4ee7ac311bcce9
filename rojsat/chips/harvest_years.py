"""Years since the latest harvest that is known: the channel, the column of the index, and the filter of chips.

A harvest on the day of a scene or later does not exist for that scene. Knows numpy and pandas only.
"""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

CHANNEL = "years_since_harvest"
"""The channel, years, NaN where no harvest is known; and the column of the index: that of the region, NaN likewise."""

ARRAY = "harvest"
"""The stored array: days since the latest harvest, 0 where none is known."""

YEAR = 365.25
"""Days of a year."""

LEAST_KNOWN = 0.5
"""Share of the pixels of a region that a harvest must be known of, so that the region has years."""


def channel(days: NDArray[np.uint16]) -> NDArray[np.float32]:
    """(H, W) years from days as stored; NaN where no harvest is known."""
    return np.where(days > 0, days / np.float32(YEAR), np.float32(np.nan)).astype(np.float32)


def words(index: pd.DataFrame) -> dict[str, str]:
    """Of how many regions years since harvest are known, for a report; nothing of a store that knows no harvests."""
    if CHANNEL not in index:
        return {}
    known = index[index[CHANNEL].notna()]
    span = f", {known[CHANNEL].min():.1f} to {known[CHANNEL].max():.1f} years" if len(known) else ""
    return {"years since harvest": f"known of {known['region'].nunique()} of {index['region'].nunique()} regions{span}"}


def check(youngest: float | None, oldest: float | None, *, known: bool) -> None:
    """Check a filter before anything is cut.

    Args:
        youngest: fewest years since harvest; None: any.
        oldest: most years since harvest; None: any.
        known: whether the data set has harvests.

    Raises:
        ValueError: if it leaves nothing, or there is nothing to filter by.
    """
    if youngest is None and oldest is None:
        return
    if not known:
        raise ValueError(
            "data.chips.youngest and oldest are years since harvest, and this data set knows no harvests: name files "
            "of them in data.harvests"
        )
    if youngest is not None and oldest is not None and youngest > oldest:
        raise ValueError(f"data.chips.youngest={youngest:g} is above data.chips.oldest={oldest:g}: no stand is left")


def left_aside(years: float, youngest: float | None, oldest: float | None) -> str | None:
    """Why a region of so many years since harvest is left aside; None if it stays."""
    if youngest is None and oldest is None:
        return None
    if math.isnan(years):
        return "no harvest known before the scene"
    if youngest is not None and years < youngest:
        return f"harvested less than {youngest:g} years before the scene"
    if oldest is not None and years > oldest:
        return f"harvested more than {oldest:g} years before the scene"
    return None
