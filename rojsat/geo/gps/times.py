"""Times as files state them: with a time zone, or as a local clock showed them."""

import re
import zoneinfo
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from rojsat.config import lookup

Times = NDArray[np.datetime64]
"""(N,) UTC in milliseconds, NaT where there is none."""

_ZONED = r"\d[Tt ]\d\d.*([Zz]|[+-]\d\d(:?\d\d)?)$"
"""Text that ends with a zone: the last numbers of a plain date are none."""


_OTHERS = {
    r"\d{5}([.,]\d+)?$": "they look like Excel's days since 1899-12-30: format the cells as yyyy-mm-dd hh:mm:ss, or ",
    r"\d{10}([.,]\d+)?$": "they look like seconds since 1970: ",
    r"\d{13}$": "they look like milliseconds since 1970: ",
    r"\d{1,2}[./-]\d{1,2}[./-]\d{2}": "of day and month either may come first: ",
    r"\d{1,2}:\d\d": "they have no day: ",
}
"""What times that are no ISO 8601 look like."""


def check_zone(zone: str) -> None:
    """Refuse the name of a time zone that does not exist.

    Raises:
        ValueError: naming the nearest ones.
    """
    names = zoneinfo.available_timezones()
    if zone not in names:
        near = ", ".join(repr(name) for name in lookup.nearest(zone, names)[:3])
        raise ValueError(f"time zone {zone!r} does not exist; the nearest names of IANA's list are {near}")


def moment(value: Any, option: str) -> np.datetime64:
    """A bound of times that an option sets: UTC where it states no zone.

    Raises:
        ValueError: if it is no date.
    """
    try:
        stamp = pd.Timestamp(value)
        if pd.isna(stamp):
            raise ValueError("it is no time")
        aware = stamp.tz_localize("UTC") if stamp.tz is None else stamp.tz_convert("UTC")
    except (ValueError, TypeError) as error:
        raise ValueError(f"{option} is {value!r}, not a date such as 2019-08-01 ({error})") from error
    return aware.tz_localize(None).to_datetime64().astype("datetime64[ms]")


def read(column: pa.Array, zone: str) -> tuple[Times, NDArray[np.bool_]]:
    """Times of a column, whatever it holds.

    Args:
        column: (N,) timestamps, dates, or ISO 8601 text, with or without a zone, even mixed.
        zone: IANA name of the zone of times that state none. Of an hour that the clock shows twice in autumn the
            second (winter time) is meant; a time that it skips in spring is the first moment after the gap.

    Returns:
        The times, and (N,) whether something is stated that cannot be read as a time.

    Raises:
        ValueError: if the column holds neither times nor text.
    """
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_null(kind):
        return np.full(len(column), "NaT", "datetime64[ms]"), np.zeros(len(column), bool)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return _stamps(column, zone), np.zeros(len(column), bool)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _texts(column.cast(pa.string()), zone)
    example = next((str(number) for number in column.drop_null()[:1].to_pylist()), "")
    raise ValueError(
        f"its column of times holds {kind}; times must be timestamps or ISO 8601 text; as {example}: {advice(example)}"
    )


def advice(text: str) -> str:
    """What to do about times that cannot be read.

    Args:
        text: one of them.

    Returns:
        What they look like, if that is known, and how to write them.
    """
    looks = next((words for pattern, words in _OTHERS.items() if re.match(pattern, text.strip())), "")
    return f"{looks}write them as 2019-08-01T09:30:00Z"


def _stamps(column: pa.Array, zone: str) -> Times:
    aware = pa.types.is_timestamp(column.type) and column.type.tz is not None
    plain = column.cast(pa.timestamp(column.type.unit)) if aware else column
    fine = pa.types.is_timestamp(plain.type) and plain.type.unit in ("us", "ns")
    times = plain.cast(pa.timestamp("ms"), safe=not fine).to_numpy(zero_copy_only=False)
    return times.astype("datetime64[ms]") if aware else _localise(times.astype("datetime64[ms]"), zone)


def _texts(column: pa.Array, zone: str) -> tuple[Times, NDArray[np.bool_]]:
    text = pc.utf8_trim_whitespace(column)
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    for kind in (pa.timestamp("ms", "UTC"), pa.timestamp("ms")):  # quick where all texts are alike
        try:
            return _stamps(text.cast(kind), zone), np.zeros(len(text), bool)
        except pa.ArrowInvalid:
            continue
    zoned = pc.fill_null(pc.match_substring_regex(text, _ZONED), False).to_numpy(zero_copy_only=False)
    words = pd.Series(text.to_numpy(zero_copy_only=False), dtype=object)
    parsed = pd.to_datetime(words, utc=True, errors="coerce", format="ISO8601")
    times = parsed.dt.tz_localize(None).to_numpy().astype("datetime64[ms]")
    times = np.where(zoned, times, _localise(times, zone))
    return times, np.isnat(times) & words.notna().to_numpy()


def _localise(times: Times, zone: str) -> Times:
    """UTC of what clocks in `zone` show; NaT in years for which pandas knows no zones."""
    if zone == "UTC":
        return times
    known = (times > np.datetime64("1700-01-01")) & (times < np.datetime64("2250-01-01"))
    clock = pd.DatetimeIndex(np.where(known, times, np.datetime64("NaT", "ms")))
    winter = np.zeros(len(clock), bool)
    local = clock.tz_localize(zone, ambiguous=winter, nonexistent="shift_forward")
    return local.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[ms]")
