import numpy as np
import pandas as pd
import pytest

from rojsat.evaluation import bootstrap, region_moments
from rojsat.evaluation.report_files import Predictions


def predictions(regions, prediction, target):
    known = target >= 0
    return Predictions(pd.DataFrame({"region": regions}), prediction, target, known, np.ones(prediction.shape, bool))


def degrees(errors):
    """Moments of regions of ten pixels, each with these squared errors in the mean."""
    target = np.zeros((len(errors), 1, 10))
    names = [f"{number:03d}" for number in range(len(errors))]
    prediction = np.broadcast_to(np.sqrt(errors)[:, None, None], target.shape)
    return [region_moments.of_predictions(predictions(names, prediction, target))]


def test_better_in_every_region_is_better():
    difference = bootstrap.paired_difference(degrees([0.2, 0.3] * 3), degrees([0.1, 0.2] * 3), "mse")
    assert difference.is_positive
    assert [difference.value, difference.low, difference.high] == pytest.approx([0.1, 0.1, 0.1])


def test_better_in_one_region_alone_is_not_shown_to_be_better():
    difference = bootstrap.paired_difference(degrees([0.9, *[0.5] * 5]), degrees([0.1, *[0.5] * 5]), "mse")
    assert difference.value > 0
    assert difference.low <= 0
    assert difference.is_positive is None


def test_the_interval_is_as_wide_as_theory_says():
    rng = np.random.default_rng(4)
    errors = rng.uniform(0.3, 0.4, 200)
    difference = bootstrap.paired_difference(degrees(errors), degrees(errors - rng.uniform(0, 0.2, 200)), "mse")
    deviation = 0.2 / 12**0.5
    assert difference.high - difference.low == pytest.approx(2 * 1.96 * deviation / 200**0.5, rel=0.1)


def moments(skill, regions=12, seed=0):
    """Moments of regions whose degree differs, by a predictor that explains so much of each pixel."""
    rng = np.random.default_rng(seed)
    target = np.clip(rng.normal(rng.normal(0.1, 0.2, (regions, 1, 1)), 0.35, (regions, 10, 20)), 0, 1)
    prediction = 0.2 + skill * (target - 0.2) + rng.normal(0, 0.05, target.shape)
    names = [f"{number:02d}" for number in range(regions)]
    return region_moments.of_predictions(predictions(names, prediction, target), 0.2)


def test_an_interval_holds_the_value_of_all_regions():
    tables = [moments(0.4), moments(0.5)]
    r2 = bootstrap.interval(tables, "r2")
    assert r2.value == pytest.approx(np.mean([region_moments.metrics(table)["r2"] for table in tables]))
    assert r2.low < r2.value < r2.high
    assert r2.regions == 12
    assert r2 == bootstrap.interval(tables, "r2")
    assert r2 != bootstrap.interval(tables, "r2", seed=1)


def test_more_regions_make_it_narrower():
    few, many = (bootstrap.interval([moments(0.4, regions)], "iou") for regions in (9, 90))
    assert (many.high - many.low) < 0.5 * (few.high - few.low)


def test_the_planted_better_model_is_better_and_equal_ones_are_undecided():
    better, worse = [moments(0.6)], [moments(0.3)]
    assert bootstrap.paired_difference(better, worse, "r2").is_positive is True
    assert bootstrap.paired_difference(worse, better, "r2").is_positive is False
    equal = bootstrap.paired_difference(better, better, "r2")
    assert (equal.value, equal.low, equal.high, equal.is_positive) == (0, 0, 0, None)


def test_a_difference_has_the_same_regions_on_both_sides():
    """Regions differ far more than the models do: without pairing the interval would be many times wider."""
    first, second = [moments(0.5)], [moments(0.45)]
    difference = bootstrap.paired_difference(first, second, "r2")
    alone = bootstrap.interval(first, "r2")
    assert (difference.high - difference.low) < 0.3 * (alone.high - alone.low)


def test_few_regions_have_a_value_and_no_interval():
    few = bootstrap.interval([moments(0.4, 4)], "r2")
    assert np.isfinite(few.value)
    assert np.isnan([few.low, few.high]).all()
    assert few.is_positive is None


def test_other_regions_or_pixels_cannot_be_compared():
    table = moments(0.4)
    fewer_pixels = table.assign(count=table["count"] - 1)
    for other in (moments(0.4, 11), fewer_pixels):
        with pytest.raises(ValueError, match="same pixels"):
            bootstrap.paired_difference([table], [other], "r2")
        with pytest.raises(ValueError, match="same pixels"):
            bootstrap.interval([table, other], "r2")
