"""Tracks that come twice, exported in two formats, rounded or without times: the same work counts once."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyproj
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from rojsat.geo.gps.points import Points

NEAR = 5.0
"""Metres: points of two tracks at the same second that lie nearer than this are of one worker, or of two phones of
one; phones differ from each other by as much as their error, some metres."""

BESIDE = 12.0
"""Metres: two workers side by side, or one track rounded to four decimals of a degree (11 m), or shifted."""

ROUNDED = 1.5
"""Metres that a copy may lie off: five decimals of a degree are 1.1 m."""

EXACT = 0.05
"""Metres within which places are the same, whatever their order."""

ORDERED = 0.98
"""Correlation, or its opposite, of the order of a track's points with the order of the points that they repeat: work
that covers an object closely comes near most of its points again, but in another order."""

SHARE = 0.9
"""Share of its sampled points that a track has in common with another when it is a copy of it."""

PART = 0.3
"""Share from which two tracks are named: they overlap, as two exports of one day do."""

FEWEST = 5
"""Points below which a track is not looked at: few points agree by chance."""

SAMPLE = 64
"""Points of a track that are looked for in others."""


class Doubt(NamedTuple):
    """A track that may be the same work as another.

    Attributes:
        track: its number.
        other: number of the other.
        why: in words.
    """

    track: int
    other: int
    why: str


def of(points: Points, crs: pyproj.CRS) -> tuple[list[tuple[int, int]], list[Doubt]]:
    """Find tracks that are copies of others.

    Args:
        points: sorted by track and time.
        crs: a coordinate system in metres to measure in.

    Returns:
        Numbers of the tracks that are copies, ascending, each with the number of the one that it is a copy of, which is
        not a copy itself; and those that may be.
    """
    placed = points.to_crs(crs)
    timed = ~np.isnat(placed.time)
    sizes = np.bincount(placed.track)
    doubts: list[Doubt] = []
    copies: dict[int, int] = {}
    for copy, original in [*_timed(placed, timed, sizes, doubts), *_placed(placed, timed, sizes, doubts)]:
        while original in copies:
            original = copies[original]
        if copy not in copies and copy != original:
            copies[copy] = original
    kept = {frozenset(doubt[:2]): doubt for doubt in doubts if doubt.track not in copies and doubt.other not in copies}
    return sorted(copies.items()), sorted(kept.values())


def _timed(
    points: Points, timed: NDArray[np.bool_], sizes: NDArray[np.int64], doubts: list[Doubt]
) -> Iterator[tuple[int, int]]:
    """Tracks with times, and the track that was at the same places in the same seconds."""
    seconds = points.time.astype("datetime64[s]").view(np.int64)
    order = np.flatnonzero(timed)[np.argsort(seconds[timed], kind="stable")]
    clock = seconds[order]
    for track, rows in _samples(points, timed):
        near: dict[int, int] = {}
        beside: dict[int, int] = {}
        first, last = (np.searchsorted(clock, seconds[rows], side) for side in ("left", "right"))
        for row, start, stop in zip(rows, first, last, strict=True):
            others = order[start:stop]
            apart = np.hypot(points.x[others] - points.x[row], points.y[others] - points.y[row])
            for hits, reach in ((near, NEAR), (beside, BESIDE)):
                for other in set(points.track[others[apart <= reach]].tolist()) - {track}:
                    hits[other] = hits.get(other, 0) + 1
        yield from _best(track, near, len(rows), sizes)
        for other, count in beside.items():
            share = near.get(other, 0) / len(rows)
            if PART <= share < SHARE:
                doubts.append(Doubt(track, other, f"{share:.0%} of its points lie there in the same seconds"))
            elif share < PART and count >= SHARE * len(rows):
                doubts.append(Doubt(track, other, f"they were within {BESIDE:.0f} m of each other all the time"))


def _placed(
    points: Points, timed: NDArray[np.bool_], sizes: NDArray[np.int64], doubts: list[Doubt]
) -> Iterator[tuple[int, int]]:
    """Tracks without times, and the track whose places they repeat; of those with times such tracks are doubts."""
    tree = cKDTree(np.column_stack([points.x, points.y]), balanced_tree=False, compact_nodes=False)
    for has_times in (False, True):
        for track, rows in _samples(points, timed == has_times):
            hits = {
                other: len(places)
                for other, places in _repeats(points, tree, track, rows).items()
                if _in_order(places) or sum(away <= EXACT for _, _, away in places) >= SHARE * len(rows)
            }
            if not has_times:
                yield from _best(track, hits, len(rows), sizes)
                continue
            for _, other in _best(track, hits, len(rows), sizes):
                doubts.append(Doubt(track, other, "it lies at the same places, at other times: another clock?"))


def _repeats(
    points: Points, tree: cKDTree, track: int, rows: NDArray[np.int64]
) -> dict[int, list[tuple[int, int, float]]]:
    """By other track: number of each sampled point that it repeats, the nearest of its rows, and the metres between."""
    places: dict[int, list[tuple[int, int, float]]] = {}
    for number, near in enumerate(tree.query_ball_point(np.column_stack([points.x[rows], points.y[rows]]), ROUNDED)):
        others = np.array(near, np.int64)
        others = others[points.track[others] != track]
        away = np.hypot(points.x[others] - points.x[rows[number]], points.y[others] - points.y[rows[number]])
        nearest: dict[int, tuple[int, int, float]] = {}
        for at in np.argsort(away, kind="stable"):
            nearest.setdefault(int(points.track[others[at]]), (number, int(others[at]), float(away[at])))
        for other, place in nearest.items():
            places.setdefault(other, []).append(place)
    return places


def _in_order(places: list[tuple[int, int, float]]) -> bool:
    """Whether the rows rise, or fall, with the numbers of the points."""
    if len(places) < FEWEST:
        return False
    numbers, rows, _ = np.array(places).T
    return bool(np.ptp(rows) > 0 and abs(np.corrcoef(numbers, rows)[0, 1]) >= ORDERED)


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
