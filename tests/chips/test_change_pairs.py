"""Two dates for every stand: around its tending, or those of a tended stand of its own class."""

import logging

import pandas as pd
import pytest

from rojsat.chips import change_pairs
from rojsat.chips.change_pairs import TENDED

DATES = ("2016-07-01", "2016-12-01", "2017-07-10", "2018-06-20", "2019-07-05")


def index(regions, dates=DATES, hidden=()):
    """Chips of every region on every date; those of `hidden`, region and date, are under cloud."""
    rows = [
        (f"{region}_{day}", region, 0, 0, day, 0.0, 0.9 if (region, day) in hidden else float("nan"))
        for region in regions
        for day in dates
    ]
    return pd.DataFrame(rows, columns=["chip", "region", "row", "col", "date", "nodata", "cloud"])


def history(tended=None, development_class="T2", quiet=("2015-01-01", "2020-01-01")):
    return {
        "development_class": development_class,
        "tended": tended,
        "quiet_from": quiet[0],
        "quiet_until": quiet[1],
    }


def pairs(table, histories):
    """The two dates of each region, and whether it was tended between."""
    marked = change_pairs.marked(table, histories)
    chips = marked.set_index("chip")
    by_region = {}
    for before, after in change_pairs.of_pairs(marked):
        assert chips.loc[before, TENDED] == chips.loc[after, TENDED]
        by_region[chips.loc[before, "region"]] = (*chips.loc[[before, after], "date"], chips.loc[before, TENDED])
    return by_region


def test_a_tended_stand_has_the_nearest_dates_of_one_season_and_its_class_the_same():
    histories = {"t": history("2017-09-01"), "same": history(), "other": history(development_class="02")}
    assert pairs(index(["t", "same", "other", "nobody"]), histories) == {
        "t": ("2017-07-10", "2018-06-20", True),
        "same": ("2017-07-10", "2018-06-20", False),
    }


@pytest.mark.parametrize(
    ("tended", "expected"),
    [
        ("2017-07-30", ("2016-07-01", "2018-06-20", True)),  # 20 days after a date: the work may have begun
        ("2018-06-01", ("2017-07-10", "2019-07-05", True)),  # 19 days before one: it may go on
        ("2016-06-01", None),  # nothing before it
        ("2019-08-01", None),  # nothing after it
    ],
)
def test_dates_are_not_taken_near_the_completion(tended, expected):
    assert pairs(index(["t"]), {"t": history(tended)}).get("t") == expected


def test_dates_under_cloud_and_dates_beyond_other_operations_are_not_taken():
    clouded = index(["t", "n"], hidden=[("t", "2018-06-20")])
    assert pairs(clouded, {"t": history("2017-09-01")})["t"][:2] == ("2017-07-10", "2019-07-05")
    thinned = history("2017-09-01", quiet=("2015-01-01", "2018-01-01"))
    assert pairs(index(["t"]), {"t": thinned}) == {}
    busy = {"t": history("2017-09-01"), "n": history(quiet=("2017-08-01", "2020-01-01"))}
    assert list(pairs(index(["t", "n"]), busy)) == ["t"]
    under_cloud = {"t": history("2017-09-01"), "n": history()}
    assert list(pairs(index(["t", "n"], hidden=[("n", "2017-07-10")]), under_cloud)) == ["t"]


def test_stands_without_tending_are_spread_over_the_dates_of_those_with(caplog):
    caplog.set_level(logging.INFO)
    histories = {"a": history("2017-09-01"), "b": history("2017-09-02"), "c": history("2016-09-01")}
    histories |= {f"n{number}": history() for number in range(6)} | {"x": history(development_class="T1")}
    by_region = pairs(index(list(histories)), histories)
    untended = [pair[:2] for pair in by_region.values() if not pair[2]]
    assert untended.count(("2017-07-10", "2018-06-20")) == 4 and untended.count(("2016-07-01", "2017-07-10")) == 2
    assert "3 stands tended between two dates, 6 not; left aside: 1 not tended and without the two dates" in caplog.text


def test_a_report_counts_the_stands_of_both_kinds():
    marked = change_pairs.marked(index(["t", "n", "m"]), {"t": history("2017-09-01"), "n": history(), "m": history()})
    assert change_pairs.counts(marked) == {"pairs of dates": "1 stands tended between two dates, 2 not"}
    assert change_pairs.counts(index(["t"])) == {}


def test_stores_without_changes_are_refused_in_words():
    with pytest.raises(ValueError, match="completed_tendings"):
        next(change_pairs.of_pairs(index(["t"])))
