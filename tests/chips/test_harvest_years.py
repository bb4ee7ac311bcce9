import numpy as np
import pandas as pd
import pytest

from rojsat.chips import harvest_years


def test_the_channel_is_years_and_unknown_where_nothing_was_harvested():
    years = harvest_years.channel(np.array([[0, 1461]], np.uint16))
    assert years.dtype == np.float32 and np.isnan(years[0, 0]) and years[0, 1] == 4


def test_a_report_says_of_how_many_regions_years_are_known():
    index = pd.DataFrame({"region": ["a", "a", "b"], "years_since_harvest": [2.0, 4.25, np.nan]})
    assert harvest_years.words(index) == {"years since harvest": "known of 1 of 2 regions, 2.0 to 4.2 years"}
    assert harvest_years.words(index[["region"]]) == {}


@pytest.mark.parametrize(
    ("years", "youngest", "oldest", "words"),
    [
        (float("nan"), None, None, None),
        (float("nan"), 5, None, "no harvest known"),
        (4.9, 5, 15, "less than 5 years"),
        (5, 5, 15, None),
        (15, 5, 15, None),
        (15.1, None, 15, "more than 15 years"),
    ],
)
def test_a_region_is_left_aside_with_a_reason(years, youngest, oldest, words):
    reason = harvest_years.left_aside(years, youngest, oldest)
    assert reason is None if words is None else words in reason


def test_a_filter_that_leaves_nothing_is_refused():
    with pytest.raises(ValueError, match="above data.chips.oldest=5"):
        harvest_years.check(6, 5, known=True)
    with pytest.raises(ValueError, match="data.harvests"):
        harvest_years.check(None, 5, known=False)
    harvest_years.check(None, None, known=False)
