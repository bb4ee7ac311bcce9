"""The measures against sums computed point by point."""

import numpy as np
import pyproj
import pytest
from odc.geo.geobox import GeoBox

from rojsat.geo.gps import heat
from rojsat.geo.gps.points import Points

GRID = GeoBox.from_bbox((0, 0, 120, 80), "EPSG:32633", resolution=10)
TALL, WIDE = 8, 12


def points(x, y, time=None, track=None):
    time = np.full(len(x), "NaT", "M8[ms]") if time is None else np.asarray(time, "M8[s]").astype("M8[ms]")
    track = np.zeros(len(x), np.int32) if track is None else np.asarray(track, np.int32)
    names = tuple(map(str, range(track.max() + 1)))
    region = np.zeros(len(x), np.int32)
    return Points(np.array(x, float), np.array(y, float), time, region, track, ("r",), names, pyproj.CRS("EPSG:32633"))


@pytest.fixture
def many():
    rng = np.random.default_rng(3)
    size = 400
    track = np.sort(rng.integers(0, 5, size))
    time = rng.integers(0, 20000, size)
    order = np.lexsort((time, track))
    walked = points(rng.uniform(-30, 150, size), rng.uniform(-30, 110, size), time[order], track)
    walked.time[::17] = np.datetime64("NaT", "ms")
    return heat.Walks(walked, rng.uniform(0.1, 1, size))


def pixel(x, y):
    return int(np.floor((80 - y) / 10)), int(np.floor(x / 10))


def summed(walks, values):
    total = np.zeros((TALL, WIDE))
    for x, y, value in zip(walks.points.x, walks.points.y, values * walks.weight, strict=True):
        row, col = pixel(x, y)
        if 0 <= row < TALL and 0 <= col < WIDE:
            total[row, col] += value
    return total


def test_points_are_counted_in_the_pixel_they_lie_in():
    grid = GeoBox.from_bbox((0, 0, 30, 20), "EPSG:32633", resolution=10)
    fixes = points([0, 9.9, 10, 29, 30, -1, 5], [20, 10.1, 20, 0.1, 5, 5, 21])
    assert heat.counts(heat.Walks(fixes, np.ones(7)), grid).tolist() == [[2, 1, 0], [0, 0, 1]]


def test_counts_are_the_sum_of_the_weights(many):
    np.testing.assert_allclose(heat.counts(many, GRID), summed(many, np.ones(400)))


@pytest.mark.parametrize("max_gap", [None, 60, 7.5])
def test_seconds_go_to_the_pixel_that_the_worker_leaves(many, max_gap):
    gaps = np.zeros(400)
    for row in range(399):
        gap = many.points.time[row + 1] - many.points.time[row]
        if many.points.track[row] == many.points.track[row + 1] and not np.isnat(gap):
            gaps[row] = min(gap / np.timedelta64(1000, "ms"), max_gap or np.inf)
    np.testing.assert_allclose(heat.seconds(many, GRID, max_gap=max_gap), summed(many, gaps))


def test_the_time_of_a_way_out_of_the_grid_is_that_to_the_next_point_outside():
    fixes = points([5, 500, 5], [5, 5, 5], [0, 10, 50])
    assert heat.seconds(heat.Walks(fixes, np.ones(3)), GRID)[7, 0] == 10


@pytest.mark.parametrize("bandwidth", [3.0, 10.0, 40.0])
def test_density_is_a_gaussian_around_every_point_in_points_a_hectare(many, bandwidth):
    density = np.zeros((TALL, WIDE))
    for row in range(TALL):
        for col in range(WIDE):
            away = (many.points.x - (10 * col + 5)) ** 2 + (many.points.y - (75 - 10 * row)) ** 2
            kernel = np.exp(-away / 2 / bandwidth**2) / (2 * np.pi * bandwidth**2)
            density[row, col] = 10_000 * (kernel * many.weight).sum()
    np.testing.assert_allclose(heat.density(many, GRID, bandwidth=bandwidth), density, rtol=1e-4, atol=1e-4)


def test_density_integrates_to_the_number_of_points():
    inner = heat.Walks(points([60, 61, 55], [40, 42, 38]), np.ones(3))
    assert heat.density(inner, GRID, bandwidth=8.0).sum() * 100 / heat.HECTARE == pytest.approx(3, rel=1e-3)


@pytest.mark.parametrize("call", [{"max_gap": 0}, {"max_gap": -1}])
def test_gaps_below_zero_are_refused(many, call):
    with pytest.raises(ValueError, match="above 0 seconds"):
        heat.seconds(many, GRID, **call)


def test_a_bandwidth_of_nothing_is_refused(many):
    with pytest.raises(ValueError, match="above 0 metres"):
        heat.density(many, GRID, bandwidth=0)


def test_every_measure_has_a_unit_and_takes_no_points_for_none(many):
    empty = heat.Walks(many.points.take(np.zeros(0, int)), np.zeros(0))
    assert set(heat.UNITS) == set(heat.__all__)
    for name in heat.__all__:
        assert not getattr(heat, name)(empty, GRID).any()
