import numpy as np
import pytest

from rojsat.evaluation import region_intervals
from rojsat.evaluation.region_intervals import RegionPixels


def world(regions, seed=0, offset=0.05, noise=0.05, pixels=20):
    """Regions whose errors share an offset, drawn alike for all, of different sizes."""
    rng = np.random.default_rng(seed)
    region = np.repeat(np.arange(regions), rng.integers(pixels // 2, 2 * pixels, regions))
    prediction = rng.uniform(0.4, 0.6, len(region))
    errors = rng.normal(0, offset, regions)[region] + rng.normal(0, noise, len(region))
    return RegionPixels(tuple(map(str, range(regions))), region, prediction, np.clip(prediction + errors, 0, 1))


def coverage(pixels, low, high):
    """Mean over regions."""
    covered = (low <= pixels.target) & (pixels.target <= high)
    return np.mean(np.bincount(pixels.region, covered) / np.bincount(pixels.region))


@pytest.mark.slow
@pytest.mark.parametrize(("regions", "repetitions"), [(20, 40), (60, 5)])
@pytest.mark.parametrize(("offset", "noise"), [(0.07, 0.07), (0.1, 0.01), (0, 0.1)])
def test_a_region_left_out_is_covered_as_promised(regions, repetitions, offset, noise):
    worlds = [world(regions, seed, offset, noise) for seed in range(repetitions)]
    covered = np.mean([coverage(pixels, *region_intervals.intervals(pixels, 0.9)) for pixels in worlds])
    assert 0.9 - 0.01 < covered < 0.9 + 1 / regions + 0.01  # 0.01: the draws of this test
    if regions == 60:
        assert covered == pytest.approx(0.9, abs=0.025)


def test_intervals_of_pixels_of_one_region_do_not_cover_new_regions():
    pixels = world(40, offset=0.1, noise=0.02)
    error = np.abs(pixels.target - pixels.prediction)
    own = pixels.region == 0
    radius = np.quantile(error[own], 0.9, method="higher")
    assert np.mean(error[own] <= radius) >= 0.9
    assert coverage(pixels, pixels.prediction - radius, pixels.prediction + radius) < 0.7
    assert coverage(pixels, *region_intervals.intervals(pixels, 0.9)) > 0.88


def test_the_targets_of_a_region_do_not_enter_its_own_intervals():
    pixels = world(12)
    before = region_intervals.intervals(pixels, 0.8)
    own = pixels.region == 3
    pixels.target[own] = 1 - pixels.target[own] / 2
    after = region_intervals.intervals(pixels, 0.8)
    for first, second in zip(before, after, strict=True):
        assert np.array_equal(first[own], second[own])
        assert not np.array_equal(first, second)


def test_intervals_are_asymmetric_and_wider_where_errors_are():
    rng = np.random.default_rng(0)
    region = np.repeat(np.arange(30), 60)
    prediction = np.tile(np.repeat([0.2, 0.5], 30), 30)
    error = np.where(prediction > 0.3, rng.uniform(0, 0.4, 1800), rng.uniform(-0.02, 0.02, 1800))
    pixels = RegionPixels(tuple(map(str, range(30))), region, prediction, prediction + error)
    low, high = region_intervals.intervals(pixels, 0.9)
    wide = prediction > 0.3
    assert (high - low)[wide].min() > 4 * (high - low)[~wide].max()
    assert (high - prediction)[wide].min() > 5 * (prediction - low)[wide].max()


def test_every_region_weighs_the_same_however_many_pixels_it_has():
    pixels = world(15)
    number = pixels.region == 2
    repeated = np.concatenate([np.arange(len(number)), *[np.flatnonzero(number)] * 9])
    many = RegionPixels(pixels.names, pixels.region[repeated], pixels.prediction[repeated], pixels.target[repeated])
    for once, often in zip(region_intervals.intervals(pixels, 0.9), region_intervals.intervals(many, 0.9), strict=True):
        np.testing.assert_allclose(often[: len(once)], once)


def test_too_few_regions_get_all_of_the_degrees():
    for regions, level, possible in ((9, 0.9, False), (10, 0.9, True), (2, 0.5, False), (3, 0.5, True)):
        low, high = region_intervals.intervals(world(regions), level)
        assert region_intervals.is_possible(regions, level) == possible
        assert (np.all(low == 0) and np.all(high == 1)) != possible


def test_a_bin_that_no_other_region_has_takes_the_errors_of_all():
    pixels = world(12)
    pixels.prediction[pixels.region == 5] = 0.9
    pixels.target[pixels.region == 5] = 0.95
    low, high = region_intervals.intervals(pixels, 0.9)
    own = pixels.region == 5
    assert np.all(low[own] < 0.9) and np.all(high[own] > 0.95)


def test_a_level_is_a_share():
    with pytest.raises(ValueError, match="between 0 and 1, not 90"):
        region_intervals.intervals(world(12), 90)
