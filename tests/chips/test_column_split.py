import pandas as pd
import pytest

from rojsat.chips import column_split, kept_facts, splits

MUNICIPALITIES = {"a": "Enonkoski", "b": "Enonkoski", "c": "Kitee", "d": "Kitee", "e": "Kitee", "f": "Savonlinna"}


def index(**of_regions):
    """Two chips a region, with what their files state of them."""
    facts = {region: {"kept_municipality": name, "shape": [2, 2]} for region, name in MUNICIPALITIES.items()}
    return kept_facts.added(pd.DataFrame({"region": [*MUNICIPALITIES] * 2}), facts | of_regions)


@pytest.mark.parametrize("folds", [None, 3])
def test_each_municipality_is_tested_once_and_stands_on_one_side(folds):
    rows, tested = index(), []
    options = {"column": "municipality", "folds": folds}
    assert splits.folds_of("by_column", rows, options) == 3
    for fold in range(3):
        parts = splits.by_column(rows, fold=fold, val=1, **options)
        test = rows.loc[parts == "test", "kept_municipality"]
        assert test.nunique() == 1 and not set(rows.loc[parts != "test", "kept_municipality"]) & set(test)
        assert rows.loc[parts == "val", "region"].nunique() == 1
        tested.append(test.iloc[0])
    assert sorted(tested) == ["Enonkoski", "Kitee", "Savonlinna"]
    assert folds is not None or tested == sorted(tested)


def test_the_number_of_a_column_is_that_of_its_values():
    assert column_split.count(index(), "municipality") == 3


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (index(), {"column": "owner"}, r"no column 'owner'.*there is municipality.*`columns: \[owner\]`"),
        (pd.DataFrame({"region": ["a"]}), {"column": "owner"}, "there is none"),
        (index(f={"shape": [2, 2]}), {"column": "municipality"}, r"1 regions have no municipality \(f\)"),
        (index(), {"column": "municipality", "fold": 3}, "numbered from 0 to 2"),
        (index(), {"column": "municipality", "folds": 4}, "there are 3 values of the column municipality"),
    ],
)
def test_what_cannot_be_is_refused_with_what_is_possible(rows, options, message):
    with pytest.raises(ValueError, match=message):
        splits.by_column(rows, **options)
