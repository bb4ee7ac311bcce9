"""Which GPS points to leave out: broken clocks, doubles, driving; and which clearing object the others lie in."""

from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from rojsat.geo.gps.points import NOWHERE, Index

EARTH = 6371008.8
"""Mean radius of the Earth, metres (IUGG 1980)."""

SHORTEST = 1000
"""Milliseconds that two points lie apart at least when their speed is computed: many phones log to the second."""

NEVER = np.iinfo(np.int64).min
"""NaT as a number."""


def impossible(time: NDArray[np.datetime64], earliest: np.datetime64, latest: np.datetime64) -> NDArray[np.bool_]:
    """(N,) True for times before `earliest` or after `latest`: the clock was wrong. NaT is not."""
    return np.asarray((time < earliest) | (time > latest))


def order(track: NDArray[np.int32], time: NDArray[np.datetime64]) -> NDArray[np.int64] | None:
    """Rows by track and time, points without time last in their track, equals as they came; None if they are so."""
    moments = _moments(time)
    ahead, same = track[1:] > track[:-1], track[1:] == track[:-1]
    if bool((ahead | (same & (moments[1:] >= moments[:-1]))).all()):
        return None
    return np.lexsort((moments, track))


def repeated(
    x: NDArray[np.float64], y: NDArray[np.float64], time: NDArray[np.datetime64], precision: float
) -> NDArray[np.bool_]:
    """(N,) True for points with the time and the position of an earlier row; never for points without time.

    Args:
        x: (N,) coordinates.
        y: (N,) coordinates.
        time: (N,) times.
        precision: positions are the same that round to the same multiple of it, units of the coordinates.
    """
    east, north = np.rint(x / precision).astype(np.int64), np.rint(y / precision).astype(np.int64)
    moments = time.astype("datetime64[ms]").view(np.int64)
    later = np.zeros(len(x), bool)
    rows = _suspects(east, north, moments)
    if len(rows):
        sort = rows[np.lexsort((north[rows], east[rows], moments[rows]))]
        same = [column[sort[1:]] == column[sort[:-1]] for column in (moments, east, north)]
        later[sort[1:][np.logical_and.reduce(same)]] = True
    return later


def _suspects(*columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows, ascending, whose mixed-up columns equal those of another row; the last column must not be NaT."""
    mixed = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        mixed = (mixed ^ column.view(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)  # Knuth: 2^64 over the golden ratio
        mixed ^= mixed >> np.uint64(29)
    timed = columns[-1] != NEVER
    ranked = np.sort(mixed[timed])
    shared = np.unique(ranked[1:][ranked[1:] == ranked[:-1]])
    return np.flatnonzero(timed & np.isin(mixed, shared)) if len(shared) else np.zeros(0, np.int64)


def fast(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    time: NDArray[np.datetime64],
    track: NDArray[np.int32],
    *,
    crs: pyproj.CRS,
    max_speed: float,
) -> NDArray[np.bool_]:
    """(N,) True for points that the worker both reached and left faster than `max_speed`, metres a second.

    So a single wild fix goes and its neighbours stay, and of a drive all but its first and last point go. Between
    two points of the same time there is no speed. Points without time are skipped; rows must be in `order`.
    """
    timed = np.flatnonzero(~np.isnat(time))
    too_fast = np.zeros(len(x), bool)
    if len(timed) < 3:
        return too_fast
    moments = time[timed].astype("datetime64[ms]").view(np.int64)
    apart = np.maximum(np.diff(moments), SHORTEST) / 1000  # seconds
    quick = distances(x[timed], y[timed], crs) > max_speed * apart
    quick &= (track[timed[1:]] == track[timed[:-1]]) & (moments[1:] != moments[:-1])
    too_fast[timed[1:-1][quick[:-1] & quick[1:]]] = True
    return too_fast


def distances(x: NDArray[np.float64], y: NDArray[np.float64], crs: pyproj.CRS) -> NDArray[np.float64]:
    """(N - 1,) metres between each row and the next: plane, or on the sphere's tangent where `crs` is in degrees."""
    unit = crs.axis_info[0].unit_conversion_factor  # radians or metres
    east, north = np.diff(x), np.diff(y)
    if not crs.is_geographic:
        return np.asarray(np.hypot(east, north) * unit)
    east = (east + np.pi / unit) % (2 * np.pi / unit) - np.pi / unit  # the short way round
    shrink = np.cos((y[1:] + y[:-1]) / 2 * unit)
    return np.asarray(np.hypot(east * shrink, north) * unit * EARTH)


def assign(x: NDArray[np.float64], y: NDArray[np.float64], regions: gpd.GeoDataFrame) -> NDArray[np.int32]:
    """(N,) row of `regions` that each point lies in, the first where several do, -1 where none does.

    Args:
        x: (N,) coordinates in the CRS of the regions.
        y: (N,) coordinates.
        regions: polygons; their edges belong to them.
    """
    region, index = np.full(len(x), NOWHERE, np.int32), Index(x, y)
    for number in reversed(range(len(regions))):
        polygon: Any = regions.geometry.iloc[number]
        rows = index.within(*polygon.bounds)
        shapely.prepare(polygon)
        region[rows[shapely.intersects_xy(polygon, x[rows], y[rows])]] = number
    return region


def _moments(time: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Times as numbers that sort NaT last."""
    moments = time.astype("datetime64[ms]").view(np.int64)
    return np.where(moments == NEVER, np.iinfo(np.int64).max, moments)
