import itertools
import math

import numpy as np
import pandas as pd
import pytest

from rojsat.maps import visit_choice


@pytest.fixture
def stands():
    """Five stands; need and intervals drawn, the last one not seen."""
    rng = np.random.default_rng(3)
    need = np.append(rng.uniform(0, 10, 5), np.nan)
    low, high = need - rng.uniform(0, 3, 6), need + rng.uniform(0, 3, 6)
    return pd.DataFrame({"region": list("abcdef"), "need_ha": need, "need_low_ha": low, "need_high_ha": high})


def test_the_chosen_visits_leave_the_least_squared_uncertainty(stands):
    def left(visited):
        rest = stands[~stands["region"].isin(visited)]
        low, high = rest["need_ha"] - rest["need_low_ha"], rest["need_high_ha"] - rest["need_ha"]
        return (low**2).sum() + (high**2).sum()

    best = min(itertools.combinations("abcde", 2), key=left)
    stands["visit"] = visit_choice.sequence(stands, 2)
    assert set(stands.loc[stands["visit"].notna(), "region"]) == set(best)
    assert sorted(stands["visit"].dropna()) == [1, 2]


def test_the_total_narrows_by_what_is_visited(stands):
    before = visit_choice.total(stands)
    half = (stands["need_ha"] - stands["need_low_ha"])[:5]
    assert before[0] == pytest.approx(stands["need_ha"].sum() - math.sqrt((half**2).sum()))
    stands["visit"] = visit_choice.sequence(stands, 5)
    assert visit_choice.total(stands, visited=True) == (stands["need_ha"].sum(), stands["need_ha"].sum())
    text = visit_choice.words(stands, 3, "need")
    assert "visits to these 5 stands" in text and f"{before[0]:.1f}-{before[1]:.1f} ha if they are independent" in text


def test_errors_that_go_one_way_leave_more_unknown_than_independent_ones(stands):
    widest, independent = visit_choice.total_of_one_error(stands), visit_choice.total(stands)
    assert widest == pytest.approx((stands["need_low_ha"].sum(), stands["need_high_ha"].sum()))
    assert widest[0] < independent[0] < independent[1] < widest[1]
    stands["visit"] = visit_choice.sequence(stands, 2)
    assert f"{widest[0]:.1f}-{widest[1]:.1f} ha in need if their errors go one way" in visit_choice.words(
        stands, 3, "need"
    )


def test_without_intervals_nothing_is_chosen_and_the_summary_says_so(stands):
    stands[["need_low_ha", "need_high_ha"]] = np.nan
    stands["visit"] = visit_choice.sequence(stands, 20)
    assert stands["visit"].isna().all() and "is not known" in visit_choice.words(stands, 3, "need")
