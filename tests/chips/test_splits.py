import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rojsat.chips import splits


def table(regions=3, dates=10):
    keys = [(f"{r}", f"2019-07-{d + 1:02d}") for r in range(regions) for d in range(dates)]
    return pd.DataFrame(keys, columns=["region", "date"])


def test_the_last_dates_of_every_region_test_and_those_before_them_validate():
    index = table()
    parts = splits.dates(index, val=0.1, test=0.2)
    for _, group in index.groupby("region"):
        assert list(parts[group.index]) == ["train"] * 7 + ["val"] + ["test"] * 2


def test_a_region_with_fewer_than_three_dates_trains():
    assert set(splits.dates(table(dates=2))) == {"train"}
    assert list(splits.dates(table(regions=1, dates=3))) == ["train", "val", "test"]


def test_chips_of_one_region_and_date_go_together():
    index = pd.concat([table(), table()], ignore_index=True).sample(frac=1, random_state=0)
    parts = splits.dates(index)
    assert parts.index.equals(index.index)
    assert (index.assign(part=parts).groupby(["region", "date"])["part"].nunique() == 1).all()


@pytest.mark.parametrize("shares", [{"val": 0.5, "test": 0.5}, {"val": -0.1}])
@pytest.mark.parametrize("split", [splits.dates, splits.hashed])
def test_shares_that_leave_nothing_are_refused(split, shares):
    with pytest.raises(ValueError, match="shares"):
        split(table(), **shares)


def test_shares_that_leave_a_short_region_nothing_name_it():
    with pytest.raises(ValueError, match="region 0's 3 dates"):
        splits.dates(table(dates=3), val=0.4, test=0.4)


def test_named_regions_validate_and_test():
    parts = splits.regions(table(dates=1), val=["0"], test=["2"])
    assert list(parts) == ["val", "train", "test"]


def test_regions_are_evaluated_on_the_months_asked_for_and_trained_on_all():
    index = pd.DataFrame([(r, f"2019-{m:02d}-01") for r in "012" for m in (4, 7, 8)], columns=["region", "date"])
    parts = splits.regions(index, val=["0"], test=["2"], months=[7, 8])
    assert list(parts) == ["unused", "val", "val", "train", "train", "train", "unused", "test", "test"]
    with pytest.raises(ValueError, match="no chips of 0, 2 in months"):
        splits.regions(index, val=["0"], test=["2"], months=[12])
    with pytest.raises(ValueError, match="from 1 to 12"):
        splits.regions(index, val=["0"], test=["2"], months=[0, 7])


@pytest.mark.parametrize(
    ("val", "test", "message"),
    [
        (["7"], ["1"], "no chips of 7; there are: 0, 1, 2"),
        (["0"], ["0"], "not in both"),
        (["0", "1"], ["2"], "at least one"),
    ],
)
def test_regions_that_cannot_be_are_named(val, test, message):
    with pytest.raises(ValueError, match=message):
        splits.regions(table(), val=val, test=test)


@settings(deadline=None, max_examples=30)
@given(st.sets(st.text(min_size=1, max_size=4), min_size=1, max_size=30), st.text(max_size=3))
def test_a_region_added_moves_no_other(names, salt):
    names = sorted(names)
    all_of_them = splits.hashed(pd.DataFrame({"region": names}), salt=salt)
    without_last = splits.hashed(pd.DataFrame({"region": names[:-1]}), salt=salt)
    assert list(all_of_them[:-1]) == list(without_last)


def test_hashed_shares_are_about_those_asked_for():
    parts = splits.hashed(table(regions=4000, dates=1), val=0.2, test=0.3).value_counts(normalize=True)
    assert parts["val"] == pytest.approx(0.2, abs=0.03)
    assert parts["test"] == pytest.approx(0.3, abs=0.03)


def test_hashed_stays_what_it_was():
    assert list(splits.hashed(table(regions=8, dates=1))) == HASHED


HASHED = ["val", "train", "train", "val", "val", "train", "train", "train"]
