"""Breaks of workers: many points of a track, no movement. An option lets them count for less."""

import numpy as np
from numpy.typing import NDArray

from rojsat.geo.gps.cleaning import distances
from rojsat.geo.gps.points import Points

_LOOK = 64
"""Points looked at in one go for the end of a break."""


def weights(points: Points, max_stop: float | None, radius: float) -> NDArray[np.float64]:
    """How much of a point each point stands for.

    A stop is a run of points of one track that stay within `radius` of the first of them; it ends before the first
    that does not. The points of a stop of `d` seconds, longer than `max_stop`, count `max_stop / d` each.

    Args:
        points: sorted by track and time.
        max_stop: seconds that a stop counts at most; None: all points count 1.
        radius: metres.

    Returns:
        (N,) in (0, 1]; 1 for points without time.

    Raises:
        ValueError: if `max_stop` or `radius` is not above 0.
    """
    weight = np.ones(len(points))
    if max_stop is None:
        return weight
    if not (max_stop > 0 and radius > 0):
        raise ValueError(f"max_stop is {max_stop!r} seconds and stop_radius {radius!r} metres; both must be above 0")
    time, last = _seconds(points), _ends(points)
    begins = _candidates(points, time, last, max_stop, radius)
    after = 0
    for begin in begins:
        if begin < after:
            continue  # in the stop before
        end = _end(points, begin, last[begin], radius)
        duration = time[end - 1] - time[begin]
        if duration > max_stop:
            weight[begin:end], after = max_stop / duration, end
    return weight


def _seconds(points: Points) -> NDArray[np.float64]:
    """(N,) seconds, NaN without time."""
    return np.asarray((points.time - np.datetime64("1970-01-01T00:00:00.000")) / np.timedelta64(1000, "ms"))


def _ends(points: Points) -> NDArray[np.int64]:
    """(N,) row after the last timed point of each point's track."""
    first = np.flatnonzero(np.r_[True, points.track[1:] != points.track[:-1]]) if len(points) else np.zeros(0, int)
    size = np.diff(np.r_[first, len(points)])
    timed = np.add.reduceat(~np.isnat(points.time), first, dtype=np.int64) if len(points) else size
    return np.repeat(first + timed, size)


def _candidates(
    points: Points, time: NDArray[np.float64], last: NDArray[np.int64], max_stop: float, radius: float
) -> NDArray[np.int64]:
    """Rows whose track goes on for more than `max_stop`, and is near them still when that has passed."""
    if np.isnan(time).all():
        return np.zeros(0, np.int64)
    start = np.nanmin(time)
    span = np.nanmax(time) - start + 2 * max_stop  # tracks one after the other, further apart than a stop may last
    line = points.track * span + np.nan_to_num(time - start, nan=span - max_stop / 2)
    later = np.searchsorted(line, line + max_stop, "right")
    rows = np.flatnonzero((later < last) & ~np.isnan(time))
    return rows[_apart(points, rows, later[rows]) <= radius]


def _end(points: Points, begin: int, last: int, radius: float) -> int:
    """Row of the first point of the track, after `begin`, that is further than `radius` from it."""
    for start in range(begin + 1, last, _LOOK):
        rows = np.arange(start, min(start + _LOOK, last))
        away = _apart(points, np.full(len(rows), begin), rows) > radius
        if away.any():
            return int(rows[away.argmax()])
    return int(last)


def _apart(points: Points, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.float64]:
    """(M,) metres between points of two lists of rows."""
    x, y = (np.stack([column[first], column[second]], 1).ravel() for column in (points.x, points.y))
    return distances(x, y, points.crs)[::2]
