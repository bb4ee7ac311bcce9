"""Which columns of a table of GPS points are used, and how they become numbers and text."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

log = logging.getLogger(__name__)

TIME = ("time", "timestamp", "datetime", "date_time", "tidpunkt", "tid", "date", "datum")
"""Names of columns of times: English and Swedish. One that names a zone (`time (UTC)`) is none: the option does."""

TRACK = ("track", "track_fid")


def of_times(columns: Sequence[str], path: Path) -> str | None:
    """The column of times; None where no name is one, which the log reports with the names that there are."""
    time = named(columns, TIME)
    if time is None:
        listed = ", ".join(columns) or "no other"
        log.warning("%s has no column of times (%s): its points have none; it has %s", path, "/".join(TIME), listed)
    return time


def named(columns: Sequence[str], names: tuple[str, ...]) -> str | None:
    """The column with one of `names`, the first of these first, in upper or lower case; None without any."""
    return next((column for name in names for column in columns if column.lower().strip() == name), None)


def numbers(column: pa.Array) -> NDArray[np.float64]:
    """The column as (N,) float64, NaN where nothing stands."""
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)


def text(column: pa.Array) -> pa.Array:
    """The column as text."""
    plain = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    return plain.cast(pa.string())
