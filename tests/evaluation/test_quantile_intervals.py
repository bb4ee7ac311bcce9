from dataclasses import replace

import numpy as np
import pytest

from rojsat.evaluation import quantile_intervals, region_intervals
from rojsat.evaluation.region_intervals import RegionPixels


def world(regions, seed=0, scale=1.0, pixels=40):
    """Errors that share an offset in a region, spread as each pixel says; quantiles `scale` times as far as true."""
    rng = np.random.default_rng(seed)
    region = np.repeat(np.arange(regions), rng.integers(pixels // 2, 2 * pixels, regions))
    prediction, spread = rng.uniform(0.4, 0.6, len(region)), rng.choice([0.02, 0.05, 0.12], len(region))
    error = spread * (rng.normal(0, 0.5, regions)[region] + rng.normal(0, 1, len(region)))
    ends = (prediction + sign * 1.645 * scale * spread for sign in (-1, 1))
    return RegionPixels(tuple(map(str, range(regions))), region, prediction, prediction + error, *ends)


def coverage(pixels, low, high):
    """Mean over regions."""
    covered = (low <= pixels.target) & (pixels.target <= high)
    return np.mean(np.bincount(pixels.region, covered) / np.bincount(pixels.region))


@pytest.mark.parametrize("scale", [0.2, 1.0, 3.0])
def test_a_region_left_out_is_covered_however_wrong_the_quantiles_are(scale):
    worlds = [world(30, seed, scale) for seed in range(20)]
    covered = np.mean([coverage(pixels, *quantile_intervals.bands(pixels, 0.9)) for pixels in worlds])
    alone = np.mean([coverage(pixels, *quantile_intervals.ends(pixels)) for pixels in worlds])
    assert 0.9 - 0.015 < covered < 0.9 + 1 / 30 + 0.015  # 0.015: the draws of this test
    assert abs(alone - 0.9) > 0.015 or scale == 1


def test_their_width_depends_on_the_pixel_where_that_by_the_degree_does_not():
    pixels = world(30)
    low, high = quantile_intervals.bands(pixels, 0.9)
    by_degree = np.diff(region_intervals.bands(pixels, 0.9), axis=0)[0]
    numbers = quantile_intervals.parts(pixels)
    assert np.allclose(np.bincount(numbers, pixels.weights()), 10, rtol=0.05)  # 30 regions, in thirds
    narrow, wide = (numbers == number for number in (0, 2))
    assert (high - low)[narrow].mean() < (high - low)[wide].mean() / 3
    assert by_degree[narrow].mean() == pytest.approx(by_degree[wide].mean(), rel=0.05)
    covered = (low <= pixels.target) & (pixels.target <= high)
    assert covered[narrow].mean() == pytest.approx(covered[wide].mean(), abs=0.1)


def test_the_targets_of_a_region_do_not_enter_its_own_intervals():
    pixels = world(12)
    own = pixels.region == 3
    other = replace(pixels, target=np.where(own, pixels.target + 0.3, pixels.target))
    before, after = (quantile_intervals.bands(each, 0.8) for each in (pixels, other))
    for first, second in zip(before, after, strict=True):
        assert np.array_equal(first[own], second[own])
        assert not np.array_equal(first, second)


def test_an_interval_holds_its_prediction_however_far_it_is_narrowed():
    low, high = quantile_intervals.bands(world(20, scale=10.0), 0.5)
    prediction = world(20, scale=10.0).prediction
    assert (low <= prediction).all() and (prediction <= high).all()
    assert (low == high).any()


def test_too_few_regions_get_all_of_the_degrees_and_no_quantiles_are_an_error():
    low, high = quantile_intervals.bands(world(9), 0.9)
    assert (low == 0).all() and (high == 1).all()
    with pytest.raises(ValueError, match="variant=quantiles"):
        quantile_intervals.bands(replace(world(12), lower=None), 0.9)
