"""Tracks that are the same work, may be, or are other work."""

import numpy as np
import pyproj
import pytest

from rojsat.geo.gps import copies
from rojsat.geo.gps.points import Points

CRS = pyproj.CRS("EPSG:32633")
SECONDS = np.arange(200)
X = 500000 + 0.8 * SECONDS + np.random.default_rng(0).normal(0, 0.5, 200)
Y = 6400000 + 20 * np.sin(SECONDS / 10)


def tracks(*walks):
    """Points of tracks, each x, y and seconds, or None for no times."""
    x, y = (np.concatenate([np.asarray(walk[axis], float) for walk in walks]) for axis in (0, 1))
    start = np.datetime64("2019-08-01T09:00:00.000", "ms")
    never = np.full(1000, "NaT", "M8[ms]")
    times = [never[: len(a)] if s is None else start + (1000 * np.asarray(s)).astype("m8[ms]") for a, _, s in walks]
    number = np.repeat(np.arange(len(walks)), [len(walk[0]) for walk in walks]).astype(np.int32)
    names = tuple(map(str, range(len(walks))))
    return Points(x, y, np.concatenate(times), np.zeros(len(x), np.int32), number, ("r",), names, CRS)


def rounded(values, step=1.1):
    return step * np.round(values / step)


WALK = (X, Y, SECONDS)


@pytest.mark.parametrize(
    "copy",
    [
        WALK,
        (rounded(X), rounded(Y), SECONDS),
        (rounded(X), rounded(Y), SECONDS + 1),
        (rounded(X), rounded(Y), None),
        (X[::-1], Y[::-1], None),
        (np.sort(X[:100]), Y[:100][np.argsort(X[:100])], None),
    ],
)
def test_the_shorter_or_later_of_two_is_a_copy(copy):
    assert copies.of(tracks(WALK, copy), CRS) == ([(1, 0)], [])


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ((X, Y, SECONDS + 7200), "at other times"),
        ((rounded(X), rounded(Y), SECONDS - 3600), "at other times"),
        ((rounded(X), rounded(Y), SECONDS // 60 * 60), "at other times"),
        ((X, Y, np.zeros(200)), "at other times"),
        ((X, Y + 8, SECONDS), "within 12 m"),
        ((rounded(X, 8), rounded(Y, 12), SECONDS), "lie there in the same seconds"),
        ((np.r_[X[:120], X[120:] + 90], Y, SECONDS), "lie there in the same seconds"),
    ],
)
def test_what_may_be_the_same_work_is_named_and_stays(other, why):
    found, ((track, original, words),) = copies.of(tracks(WALK, other), CRS)
    assert (found, track, original) == ([], 1, 0) and why in words


@pytest.mark.parametrize(
    "other",
    [(X, Y + 15, SECONDS), (X, Y + 15, None), (X[:4], Y[:4], None), (X + 3 * np.cos(SECONDS), Y + 3, SECONDS + 900)],
)
def test_other_work_is_other_work(other):
    assert copies.of(tracks(WALK, other), CRS) == ([], [])


def test_work_without_times_where_others_worked_closely_is_no_copy():
    rng = np.random.default_rng(1)
    closely = (rng.uniform(0, 60, 900), rng.uniform(0, 30, 900), np.arange(900))  # a point every 2 square metres
    across = (np.linspace(5, 55, 150) + rng.normal(0, 0.5, 150), np.full(150, 15.0) + rng.normal(0, 0.5, 150), None)
    assert copies.of(tracks(closely, across), CRS) == ([], [])
