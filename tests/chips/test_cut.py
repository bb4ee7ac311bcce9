from dataclasses import replace

import numpy as np
import pytest

from rojsat.chips import piece_files, writer
from rojsat.chips.cut import Dropped
from rojsat.chips.reader import CHUNK, Chips
from rojsat.chips.writer import write
from tests.chips.test_reader import LAYOUT, MASK, cut

LAYOUTS = {"clearing": LAYOUT}


def stored(path, cuts, masks=None, layouts=None):
    write(path, cuts, layouts=layouts or LAYOUTS, masks=masks or {"1": MASK}, regions={}, recipe={})
    return Chips(path)


def test_a_cut_measures_itself():
    chip = cut()
    assert chip.id == "1_2019-08-01_065"
    assert chip.nodata == pytest.approx(1 / 30)
    assert chip.cloud == pytest.approx(1 / 29)
    bare = cut()
    del bare.arrays["scl"]
    assert np.isnan(bare.cloud)


def test_the_hash_is_of_the_pixels_alone():
    assert cut("1").hash == cut("2").hash
    other = cut()
    other.arrays["tci"][2, 4, 5] += 1
    assert other.hash != cut().hash


def test_the_digest_changes_with_pixels_masks_and_index(tmp_path):
    first = stored(tmp_path / "a", [cut(), cut("2")]).digest
    assert stored(tmp_path / "b", [cut("2"), cut()]).digest == first  # in whatever order they come
    assert stored(tmp_path / "c", [cut(), cut("2")], {"1": MASK / 2}).digest != first
    assert stored(tmp_path / "d", [cut(), cut("2", scale=2e-4)]).digest != first
    changed = cut()
    changed.arrays["boa"][0, 3, 3] += 1
    assert stored(tmp_path / "e", [changed, cut("2")]).digest != first


@pytest.mark.parametrize(
    ("cuts", "message"),
    [
        ([cut(), cut()], "chip 1_2019-08-01_065 was cut twice"),
        ([cut(height=9)], r"boa of chip .* is \(3, 9, 6\); it must fit into \(3, 8, 10\)"),
        ([Dropped("1", "clearing", "all cloud")], "no chip was cut; 1 were left out: all cloud"),
    ],
)
def test_faulty_chips_are_refused_and_leave_nothing(tmp_path, cuts, message):
    with pytest.raises(ValueError, match=message):
        stored(tmp_path / "x", cuts)
    assert not (tmp_path / "x").exists()


def test_a_chip_with_an_array_of_its_own_is_refused(tmp_path):
    with pytest.raises(ValueError, match="has cloud; the store has boa, scl, tci, toa"):
        near = cut()
        near.arrays["cloud"] = near.arrays["scl"]
        stored(tmp_path / "x", [near])


def test_scenes_may_lack_arrays_that_others_have(tmp_path):
    top = cut("2")  # a scene of which there is no L2A
    del top.arrays["boa"], top.arrays["scl"]
    store = stored(tmp_path / "x", [cut(), top])
    assert list(store.index["kinds"]) == ["boa,scl,tci,toa", "tci,toa"]
    chip = store.read("2_2019-08-01_065")
    assert set(chip.arrays) == {"tci", "toa"}
    assert (chip.seen()[: top.facts()["height"], : top.facts()["width"]] == (top.arrays["toa"] > 0).all(axis=0)).all()
    assert list(store.rows("clearing", ["B02"])["region"]) == ["1"]
    assert list(store.rows("clearing", ["toa.B02", "tci.r"])["region"]) == ["1", "2"]


def test_a_cloud_near_hides_the_ground(tmp_path):
    near = cut()
    near.arrays["cloud"] = np.zeros_like(near.arrays["scl"])
    near.arrays["cloud"][3, 3] = 1
    plain = stored(tmp_path / "x", [cut()]).read(0).seen()
    margin = stored(tmp_path / "y", [near], layouts={"clearing": replace(LAYOUT, cloud=True)}).read(0).seen()
    assert plain[3, 3]
    assert not margin[3, 3]
    assert (plain != margin).sum() == 1


def test_a_degree_is_zero_after_the_clearing(tmp_path):
    store = stored(tmp_path / "x", [cut(), replace(cut("2"), zeroed=True)], {"1": MASK, "2": MASK})
    before, after = store.read("1_2019-08-01_065").degree, store.read("2_2019-08-01_065").degree
    assert ((before == -1) == (after == -1)).all()
    assert before.max() > 0
    assert after.max() == 0


def test_pieces_fill_a_store_in_any_order_and_none_twice(tmp_path):
    def fill(folder, pieces):
        writer.create(folder, {"clearing": replace(LAYOUT, capacity=2 * CHUNK)})
        for piece, region, start in pieces:
            writer.fill(folder, piece, [cut(region)], {"clearing": start})
        assert piece_files.is_filled(folder, "a")
        facts = {"layouts": {"clearing": LAYOUT}, "masks": {"1": MASK}, "regions": {}, "recipe": {}}
        writer.finish(folder, **facts)
        return Chips(folder)

    pieces = [("a", "1", 0), ("b", "2", CHUNK)]
    in_order, reversed_order = fill(tmp_path / "x", pieces), fill(tmp_path / "y", pieces[::-1])
    assert in_order.index.equals(reversed_order.index)
    assert (in_order.read(1).arrays["boa"] == reversed_order.read(1).arrays["boa"]).all()
    assert (in_order.read(1).arrays["boa"][..., :5, :6] == cut("2").arrays["boa"]).all()
    assert not (tmp_path / "x" / "pieces").exists()
