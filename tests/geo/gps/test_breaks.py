import numpy as np
import pyproj
import pytest

from rojsat.geo.gps import breaks
from rojsat.geo.gps.points import Points


def points(x, seconds, track=None, crs="EPSG:32633"):
    time = np.array([None if second is None else int(1000 * second) for second in seconds], object).astype("M8[ms]")
    track = np.zeros(len(x), np.int32) if track is None else np.array(track, np.int32)
    names = tuple(map(str, range(track.max() + 1)))
    x = np.array(x, float)
    return Points(x, np.zeros(len(x)), time, np.zeros(len(x), np.int32), track, ("r",), names, pyproj.CRS(crs))


def slow(walk, max_stop, radius):
    """The same, point by point."""
    weight, begin, size = np.ones(len(walk)), 0, len(walk)
    time = walk.time.astype("M8[ms]").astype(float) / 1000
    time[np.isnat(walk.time)] = np.nan
    while begin < size:
        end = begin
        while end < size and walk.track[end] == walk.track[begin] and not np.isnan(time[end]):
            if abs(walk.x[end] - walk.x[begin]) > radius:
                break
            end += 1
        if end > begin and time[end - 1] - time[begin] > max_stop:
            weight[begin:end] = max_stop / (time[end - 1] - time[begin])
            begin = end
        else:
            begin += 1
    return weight


def test_a_break_counts_for_as_long_as_it_may():
    walk = points([0, 30, 31, 29, 30, 60], [0, 10, 300, 600, 1010, 1020])
    assert breaks.weights(walk, 500, 10).tolist() == [1, 0.5, 0.5, 0.5, 0.5, 1]
    assert breaks.weights(walk, 1000, 10).tolist() == [1] * 6
    assert breaks.weights(walk, None, 10).tolist() == [1] * 6


def test_a_break_ends_with_its_track_and_before_points_without_time():
    walk = points([0, 0, 0, 0, 0], [0, 100, None, 0, 150], [0, 0, 0, 1, 1])
    assert breaks.weights(walk, 120, 10).tolist() == [1, 1, 1, 0.8, 0.8]
    nothing = points([0, 0], [None, None])
    assert breaks.weights(nothing, 120, 10).tolist() == [1, 1]
    assert breaks.weights(nothing.take(np.zeros(0, int)), 120, 10).tolist() == []


@pytest.mark.parametrize("seed", range(8))
def test_breaks_equal_a_search_point_by_point(seed):
    rng = np.random.default_rng(seed)
    track = np.sort(rng.integers(0, 4, 600))
    moved = rng.normal(0, 4, 600) * (rng.random(600) < 0.3)
    seconds = np.concatenate([np.cumsum(rng.integers(0, 30, (track == number).sum())) for number in range(4)]).astype(
        object
    )
    lost = np.r_[track[1:] != track[:-1], True] & (rng.random(600) < 0.7)
    seconds[lost] = None
    walk = points(np.cumsum(moved), seconds, track)
    for max_stop in (30, 200, 2000):
        np.testing.assert_allclose(breaks.weights(walk, max_stop, 6.0), slow(walk, max_stop, 6.0))


@pytest.mark.parametrize(("stop", "radius"), [(0, 10), (10, 0), (-5, 10)])
def test_breaks_of_nothing_are_refused(stop, radius):
    with pytest.raises(ValueError, match="both must be above 0"):
        breaks.weights(points([0], [0]), stop, radius)
