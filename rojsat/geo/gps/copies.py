"""Tracks that come twice, exported in two formats, rounded or without times: the same work counts once."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pyproj
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from rojsat.geo.gps.points import Points

NEAR = 5.0
"""Metres: points of two tracks at the same second that lie nearer than this are of one worker, or of two phones of
one; phones differ from each other by as much as their error, some metres."""

ROUNDED = 1.5
"""Metres that a copy without times may lie off: five decimals of a degree are 1.1 m."""

SHARE = 0.9
"""Share of its sampled points that a track has in common with another when it is a copy of it."""

FEWEST = 5
"""Points below which a track is not looked at: few points agree by chance."""

SAMPLE = 64
"""Points of a track that are looked for in others."""


def of(points: Points, crs: pyproj.CRS) -> list[tuple[int, int]]:
    """Find tracks that are copies of others.

    Args:
        points: sorted by track and time.
        crs: a coordinate system in metres to measure in.

    Returns:
        Numbers of the tracks that are copies, ascending, each with the number of the one that it is a copy of, which is
        not a copy itself.
    """
    placed = points.to_crs(crs)
    seconds = placed.time.astype("datetime64[s]").view(np.int64)
    timed = ~np.isnat(placed.time)
    sizes = np.bincount(placed.track)
    copies: dict[int, int] = {}
    for copy, original in [*_timed(placed, seconds, timed, sizes), *_untimed(placed, timed, sizes)]:
        while original in copies:
            original = copies[original]
        if copy not in copies and copy != original:
            copies[copy] = original
    return sorted(copies.items())


def _timed(
    points: Points, seconds: NDArray[np.int64], timed: NDArray[np.bool_], sizes: NDArray[np.int64]
) -> Iterator[tuple[int, int]]:
    """Tracks with times, and the track that was at the same places in the same seconds."""
    order = np.flatnonzero(timed)[np.argsort(seconds[timed], kind="stable")]
    clock = seconds[order]
    for track, rows in _samples(points, timed):
        hits: dict[int, int] = {}
        first, last = (np.searchsorted(clock, seconds[rows], side) for side in ("left", "right"))
        for row, start, stop in zip(rows, first, last, strict=True):
            others = order[start:stop]
            apart = np.hypot(points.x[others] - points.x[row], points.y[others] - points.y[row])
            for other in set(points.track[others[apart <= NEAR]].tolist()) - {track}:
                hits[other] = hits.get(other, 0) + 1
        yield from _best(track, hits, len(rows), sizes)


def _untimed(points: Points, timed: NDArray[np.bool_], sizes: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Tracks without times, and the track whose places they repeat."""
    samples = list(_samples(points, ~timed))
    if not samples:
        return
    tree = cKDTree(np.column_stack([points.x, points.y]))
    for track, rows in samples:
        hits: dict[int, int] = {}
        for near in tree.query_ball_point(np.column_stack([points.x[rows], points.y[rows]]), ROUNDED):
            for other in set(points.track[near].tolist()) - {track}:
                hits[other] = hits.get(other, 0) + 1
        yield from _best(track, hits, len(rows), sizes)


def _best(track: int, hits: dict[int, int], sampled: int, sizes: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """The track that has most of the sampled points, if it has enough: the longer of two, else the first, stays."""
    enough = [other for other, count in hits.items() if count >= SHARE * sampled]
    originals = [other for other in enough if (sizes[other], -other) > (sizes[track], -track)]
    if originals:
        yield track, max(originals, key=lambda other: (sizes[other], -other))


def _samples(points: Points, chosen: NDArray[np.bool_]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Every track with enough of the chosen points, and rows of some of them, evenly spread."""
    rows = np.flatnonzero(chosen)
    starts = np.flatnonzero(np.diff(points.track[rows], prepend=-1))
    for begin, end in pairwise([*starts, len(rows)]):
        if end - begin >= FEWEST:
            picked = np.unique(np.linspace(begin, end - 1, min(SAMPLE, end - begin)).round().astype(np.int64))
            yield int(points.track[rows[begin]]), rows[picked]
