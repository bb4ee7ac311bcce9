"""Intervals over groups and draws are those over regions where each region is a group and there is one draw."""

import numpy as np
import pandas as pd
import pytest

from rojsat.evaluation import bootstrap, group_intervals

COLUMNS = ["confusion_0_0", "confusion_0_1", "confusion_1_0", "confusion_1_1"]


def moments(skill, stands=12, seed=0):
    """Ten samples a stand, of which the share `skill` or so is right."""
    rng = np.random.default_rng(seed)
    right = rng.binomial(5, np.clip(skill + rng.normal(0, 0.1, (stands, 2)), 0, 1))
    table = np.stack([right[:, 0], 5 - right[:, 0], 5 - right[:, 1], right[:, 1]], axis=1).astype(float)
    return pd.DataFrame(table, columns=COLUMNS, index=pd.Index([f"s{n:02d}" for n in range(stands)], name="region"))


ALONE = {name: name for name in moments(0.5).index}
PAIRS = {name: str(number // 2) for number, name in enumerate(ALONE)}


@pytest.mark.parametrize("metric", ["accuracy", "kappa"])
def test_each_region_a_group_and_one_draw_is_the_interval_over_regions(metric):
    first, second = moments(0.8), moments(0.6, seed=1)
    assert group_intervals.interval([first], ALONE, metric) == bootstrap.interval([first], metric)
    paired = group_intervals.paired_difference([first], [second], ALONE, metric)
    assert paired == bootstrap.paired_difference([first], [second], metric)


def test_twins_in_a_group_make_nothing_more_certain():
    one = moments(0.7, stands=6)
    twins = pd.concat([one, one.rename(index="twin {}".format)])
    groups = {name: name.removeprefix("twin ") for name in twins.index}
    alone = group_intervals.interval([one], {name: name for name in one.index}, "accuracy")
    both = group_intervals.interval([twins], groups, "accuracy")
    assert (both.low, both.high, both.regions) == pytest.approx((alone.low, alone.high, 6))


def test_draws_that_differ_widen_the_interval_and_those_alike_do_not():
    same, other = moments(0.7), moments(0.7) * 0 + [2, 3, 3, 2]
    even = group_intervals.interval([same, same], PAIRS, "accuracy")
    alone = group_intervals.interval([same], PAIRS, "accuracy")
    assert (even.low, even.high) == pytest.approx((alone.low, alone.high))
    mixed = group_intervals.interval([moments(0.9), other], PAIRS, "accuracy")
    assert mixed.value == pytest.approx((group_intervals.interval([moments(0.9)], PAIRS, "accuracy").value + 0.4) / 2)
    assert mixed.high - mixed.low > even.high - even.low


def test_other_samples_are_refused():
    with pytest.raises(ValueError, match="not evaluated on the same samples"):
        group_intervals.paired_difference([moments(0.8)], [moments(0.8) * 2], PAIRS, "accuracy")
