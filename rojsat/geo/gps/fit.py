"""Positions in Garmin's FIT files, which watches and hand-held receivers write (FIT SDK, profile message `record`)."""

import logging
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fitdecode
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from rojsat.geo.gps.batch import WGS84, Batch

log = logging.getLogger(__name__)

EPOCH = np.datetime64("1989-12-31T00:00:00", "s")
"""Second 0 of a FIT file, UTC."""

FIRST = 0x10000000
"""Numbers below are seconds since the device was switched on: it did not know the time (FIT SDK, `date_time`)."""

SEMICIRCLE = 180 / 2**31
"""Degrees of the unit of positions."""

_SESSION, _RECORD = 18, 20
"""Numbers of the messages that are used."""

_LATITUDE, _LONGITUDE, _START, _TIME = 0, 1, 2, 253
"""Numbers of their fields; 2 is the start of a session."""

_BROKEN = (fitdecode.FitError, struct.error, ArithmeticError, LookupError, TypeError, ValueError, AssertionError)
"""What fitdecode raises of files that are none or cut off."""


def read(path: Path) -> Iterator[Batch]:
    """The records of a FIT file that have a position; every session, or file chained to it, is a track.

    Raises:
        ValueError: if it is none, is cut off, or its checksum contradicts its bytes.
    """
    records: list[list[int | None]] = []
    starts: list[tuple[int, int]] = []
    try:
        with fitdecode.FitReader(
            path,
            processor=None,
            check_crc=fitdecode.CrcCheck.READONLY,
            error_handling=fitdecode.ErrorHandling.IGNORE,
        ) as file:
            for frame in file:
                if isinstance(frame, fitdecode.FitCRC):
                    _check(path, frame)
                if not isinstance(frame, fitdecode.FitDataMessage):
                    continue
                part = int(file.fit_file_index or 0)  # of files chained to one
                if frame.global_mesg_num == _RECORD:
                    records.append([part, *(_number(frame, field) for field in (_LATITUDE, _LONGITUDE, _TIME))])
                elif frame.global_mesg_num == _SESSION and (start := _number(frame, _START)) is not None:
                    starts.append((part, start))
            if not file.fit_files_count:
                raise ValueError("it is empty")
    except _BROKEN as error:
        raise ValueError(f"it is no complete FIT file ({error}); copy it again, or export it as GPX") from error
    parts, lat, lon, time = np.array(records, np.float64).reshape(-1, 4).T  # None is NaN
    placed = ~(np.isnan(lat) | np.isnan(lon))
    if not placed.any():
        log.warning("%s has 0 positions in %d records: recorded indoors, or without a fix", path, len(records))
        return
    if not placed.all():
        log.warning("%s: %d of %d records have no position", path, int((~placed).sum()), len(records))
    tracks = _tracks(parts[placed], time[placed], starts)
    yield Batch(WGS84, lon[placed] * SEMICIRCLE, lat[placed] * SEMICIRCLE, _times(path, time[placed]), tracks)


def _check(path: Path, checksum: Any) -> None:
    """Compare a checksum with that of the bytes.

    Raises:
        ValueError: if they differ; the value 0 is that of programs which compute none, and logged.
    """
    if checksum.matched:
        return
    if checksum.crc:
        raise ValueError("its checksum is wrong: bytes have changed since it was written")
    log.warning("%s has no checksum: whether it is as it was written is not known", path)


def _number(message: Any, field: int) -> int | None:
    """Value of a field as it is stored; None where there is none."""
    stored = next((data for data in message.fields if data.def_num == field and not _of_developer(data)), None)
    return stored.raw_value if stored is not None and isinstance(stored.raw_value, int) else None


def _of_developer(data: Any) -> bool:
    return data.field_def is not None and bool(data.field_def.is_dev)


def _times(path: Path, seconds: NDArray[np.float64]) -> pa.Array:
    """UTC; null where the device did not know the time."""
    known = seconds >= FIRST  # False for NaN
    if not known.all():
        log.warning("%s: %d of %d positions have no time of day", path, int((~known).sum()), len(known))
    moments = EPOCH + np.where(known, seconds, 0).astype("timedelta64[s]")
    return pa.array(np.where(known, moments, np.datetime64("NaT", "s"))).cast(pa.timestamp("s", "UTC"))


def _tracks(parts: NDArray[np.float64], time: NDArray[np.float64], starts: list[tuple[int, int]]) -> pa.Array:
    """Name of each point's track: numbers of the chained file and of the session that had begun in it."""
    order = sorted(set(starts))
    names = []
    for number, second in zip(parts, time, strict=True):
        begun = bisect_right(order, (number, second)) - bisect_left(order, (number, 0))
        names.append(f"{int(number) + 1}.{begun}")
    return pa.array(names, pa.string())
