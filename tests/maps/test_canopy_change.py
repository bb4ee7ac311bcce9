import numpy as np
import pandas as pd
import pytest

from rojsat.maps import canopy_change

JULY, AUGUST, OCTOBER, YEAR_LATER = "2019-07-11", "2019-08-17", "2019-10-14", "2020-07-12"


def signals(values, clear=1.0):
    """Signals of stands by date: (stand, date) to value; all with the same clear share."""
    return pd.DataFrame(
        [(str(stand), date, clear, value) for (stand, date), value in values.items()],
        columns=["region", "date", "clear", "value"],
    )


def usual(before, after, stands=12, drop=0.05, spread=0.01):
    """Stands that change alike, but for a small spread around the median of `drop`."""
    own = np.linspace(-spread, spread, stands)
    return {(n, before): 0.6 for n in range(stands)} | {(n, after): 0.6 - drop + own[n] for n in range(stands)}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (usual(JULY, AUGUST) | {("x", JULY): 0.6, ("x", AUGUST): 0.3}, True),
        (usual(JULY, YEAR_LATER) | {("x", JULY): 0.6, ("x", YEAR_LATER): 0.4}, True),
        (usual(JULY, AUGUST) | {("x", JULY): 0.6, ("x", AUGUST): 0.46}, False),  # 0.09 below the others
        (usual(JULY, AUGUST, drop=0.3) | {("x", JULY): 0.6, ("x", AUGUST): 0.3}, False),  # all fell alike: drought
        (usual(JULY, AUGUST, spread=0.2) | {("x", JULY): 0.6, ("x", AUGUST): 0.3}, False),  # they differ as much
        (usual(JULY, OCTOBER) | {("x", JULY): 0.6, ("x", OCTOBER): 0.1}, None),  # another season
        (usual(JULY, AUGUST) | {("x", AUGUST): 0.1}, None),  # one date
        (usual(JULY, AUGUST, stands=6) | {("x", JULY): 0.6, ("x", AUGUST): 0.1}, None),  # too few to compare with
        (usual(JULY, AUGUST) | {("x", JULY): 0.6, ("x", AUGUST): 0.1, ("x", YEAR_LATER): np.nan}, True),
    ],
)
def test_a_stand_is_cleared_whose_signal_falls_more_than_that_of_others(values, expected):
    change = canopy_change.changes(signals(values)).get("x")
    assert (None if change is None else change.cleared) is expected


def test_the_date_on_which_a_stand_was_looked_at_is_what_its_newest_is_compared_with():
    values = usual(JULY, AUGUST) | {(n, "2019-07-24"): 0.6 for n in range(12)}
    pairs = canopy_change.changes(signals(values), {"3": "2019-07-30", "4": "2019-01-01"})
    assert (pairs["3"].before, pairs["5"].before) == ("2019-07-24", JULY) and "4" not in pairs


def test_a_stand_under_cloud_is_not_compared():
    values = usual(JULY, AUGUST) | {("x", JULY): 0.6, ("x", AUGUST): 0.1}
    cloudy = signals(values)
    cloudy.loc[cloudy["region"] == "x", "clear"] = 0.4
    assert "x" not in canopy_change.changes(cloudy)
