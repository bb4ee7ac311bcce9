import json

import pandas as pd
import pytest

from rojsat.chips import audit, splits, stand_parts
from rojsat.chips.reader import Chips
from rojsat.geo.vectors import region_parts
from rojsat.learn.data.preparation import prepare
from rojsat.learn.data.sample_source import Source
from tests.support import stores

PARTS = {"0": "a", "1": "a", "2": "b", "3": "b"}
"""Regions that are parts of stands; 4 and 5 are none."""


@pytest.fixture
def chips(tmp_path):
    """A store whose regions 0 and 1, 2 and 3 are parts of one stand each."""
    folder = stores.write_small(tmp_path)
    facts = json.loads((folder / "chips.json").read_text())
    facts["regions"] = {region: {"part_of": owner} for region, owner in PARTS.items()} | {"4": {}, "5": {}}
    (folder / "chips.json").write_text(json.dumps(facts))
    return Chips(folder)


def owners(table, part):
    return {PARTS.get(region, region) for region in table.loc[table["part"] == part, "region"]}


@pytest.mark.parametrize("fold", range(4))
def test_no_split_puts_parts_of_a_stand_into_two_parts_of_the_data(chips, fold):
    source = Source(chips, "clearing", ("B04", "B08"), None, "segmentation")
    prepared = prepare(source, split=lambda rows: splits.leave_one_region_out(rows, fold=fold))
    split = prepared.split
    assert owners(split, "test") == {["4", "5", "a", "b"][fold]}
    assert not any(owners(split, part) & owners(split, "train") for part in ("val", "test"))
    assert "part_of" in prepared.split  # regions keep their own ids
    assert set(split["region"]) == set("012345")


def test_a_split_that_parts_a_stand_leaks(chips):
    rows = chips.rows("clearing", ("B04",))
    parts = splits.regions(rows, val=["4"], test=["1", "5"])
    (leak,) = [each for each in audit.audit(rows, parts).leaks if each.kind == "regions"]
    assert (leak.names, leak.parts) == (("a",), ("train", "test"))


def test_regions_and_chips_have_one_name_for_it():
    assert region_parts.PART_OF == stand_parts.PART_OF


def test_a_store_without_parts_is_as_it_was():
    index = pd.DataFrame({"region": ["1"]})
    assert stand_parts.marked(index, {"1": {"shape": [2, 2]}}) is index
    assert stand_parts.together(index) is index
