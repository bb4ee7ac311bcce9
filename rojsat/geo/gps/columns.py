"""Which columns of a table of GPS points are used, and how they become numbers and text."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

TIME = ("time", "timestamp", "datetime")
TRACK = ("track", "track_fid")


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
