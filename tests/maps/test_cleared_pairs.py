import pytest

from rojsat.chips import change_pairs
from rojsat.chips.reader import Chips
from rojsat.maps import cleared_pairs
from tests.support import stores, tended_stands


def test_the_rule_is_evaluated_on_pairs_with_a_known_answer(tmp_path):
    chips = tended_stands.write(tmp_path, after=tended_stands.FELLED, every=4)
    pairs = chips.index.dropna(subset=[change_pairs.MOMENT])
    assert set(pairs["date"]) == {"2017-07-10", "2018-07-01"} and pairs["region"].nunique() == 24
    table = cleared_pairs.evaluate(chips)
    assert table.to_dict("list") == {
        "kind": ["tended between the dates", "not tended"],
        "stands": [6, 18],
        "decided": [6, 18],
        "cleared": [6, 0],
        "share": [1, 0],
    }


def test_stores_without_changes_are_refused(tmp_path):
    with pytest.raises(ValueError, match="completed_tendings"):
        cleared_pairs.evaluate(Chips(stores.write_small(tmp_path / "chips")))
