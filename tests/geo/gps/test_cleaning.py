"""Cleaning against the same computed point by point."""

import geopandas as gpd
import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from rojsat.geo.gps import cleaning

UTM = pyproj.CRS("EPSG:32633")
WALKS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 40) | st.none(), st.integers(-30, 30), st.integers(-3, 3)), max_size=40
)


def columns(walk):
    """Track, time, x and y, sorted."""
    track = np.array([fix[0] for fix in walk], np.int32)
    time = np.array([None if fix[1] is None else 1000 * fix[1] for fix in walk], object).astype("M8[ms]")
    x, y = (np.array([fix[axis] for fix in walk], float) for axis in (2, 3))
    order = cleaning.order(track, time)
    return [column if order is None else column[order] for column in (track, time, x, y)]


@given(WALKS)
@settings(deadline=None)
def test_points_are_sorted_by_track_and_time_those_without_last(walk):
    track, time, _, _ = columns(walk)
    keys = [(t, np.isnat(m), 0 if np.isnat(m) else m.astype(int)) for t, m in zip(track, time, strict=True)]
    assert keys == sorted(keys)


@given(WALKS)
@settings(max_examples=100, deadline=None)
def test_repeated_points_are_those_seen_before(walk):
    _, time, x, y = columns(walk)
    seen, repeated = set(), []
    for moment, east, north in zip(time, x, y, strict=True):
        key = (moment, east, north)
        repeated.append(not np.isnat(moment) and key in seen)
        seen.add(key)
    assert cleaning.repeated(x, y, time, 0.01).tolist() == repeated


@given(WALKS, st.sampled_from([0.5, 2.0, 7.0]))
@settings(max_examples=100, deadline=None)
def test_fast_points_are_reached_and_left_too_fast(walk, limit):
    track, time, x, y = columns(walk)
    fast = np.zeros(len(x), bool)
    for number in range(3):
        rows = np.flatnonzero((track == number) & ~np.isnat(time))
        for before, row, after in zip(rows, rows[1:], rows[2:], strict=False):
            steps = [(before, row), (row, after)]
            gaps = [(time[b] - time[a]) / np.timedelta64(1000, "ms") for a, b in steps]
            far = [np.hypot(x[b] - x[a], y[b] - y[a]) for a, b in steps]
            fast[row] = all(gap and away > limit * gap for gap, away in zip(gaps, far, strict=True))
    assert cleaning.fast(x, y, time, track, crs=UTM, max_speed=limit).tolist() == fast.tolist()


@pytest.mark.parametrize(("crs", "factor"), [("EPSG:32633", 1.0), ("EPSG:2225", 1200 / 3937)])
def test_distances_are_metres_whatever_the_unit(crs, factor):
    metres = cleaning.distances(np.array([0, 30.0, 30]), np.array([0, 40.0, 40]), pyproj.CRS(crs))
    assert metres == pytest.approx([50 * factor, 0])


def test_distances_in_degrees_are_those_of_the_ellipsoid_within_half_a_percent():
    lon, lat = np.array([15.0, 15.01, 15.01, 179.9999, -179.9999]), np.array([58.0, 58.0, 58.01, 58.01, 58.01])
    _, _, expected = pyproj.Geod(ellps="WGS84").inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    metres = cleaning.distances(lon, lat, pyproj.CRS("EPSG:4326"))
    assert metres[[0, 1, 3]] == pytest.approx(np.array(expected)[[0, 1, 3]], rel=0.005)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=30))
@settings(deadline=None)
def test_points_lie_in_the_first_region_that_has_them(places):
    shapes = [box(1, 1, 4, 4), box(3, 3, 8, 8), Point(9, 9).buffer(2)]
    regions = gpd.GeoDataFrame(geometry=shapes, crs=UTM)
    x, y = np.array(places, float).reshape(-1, 2).T
    first = [next((n for n, shape in enumerate(shapes) if shape.intersects(Point(p))), -1) for p in places]
    assert cleaning.assign(x, y, regions).tolist() == first
