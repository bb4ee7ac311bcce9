import numpy as np
import pytest
from test_chips import LAYOUT, MASK, cut

from rojsat.chips import Chips
from rojsat.cuts import Dropped, write

LAYOUTS = {"clearing": LAYOUT}


def made(path, given, masks=None, layouts=None):
    write(path, given, layouts=layouts or LAYOUTS, masks=masks or {"1": MASK}, regions={}, recipe={})
    return Chips(path)


def test_a_cut_measures_itself():
    one = cut()
    assert one.id == "1_2019-08-01_065"
    assert one.nodata == pytest.approx(1 / 30)
    assert one.cloud == pytest.approx(1 / 29)
    del one.arrays["scl"]
    assert np.isnan(one.cloud)


def test_the_hash_is_of_the_pixels_alone():
    assert cut("1").hash == cut("2").hash
    other = cut()
    other.arrays["tci"][2, 4, 5] += 1
    assert other.hash != cut().hash


def test_the_digest_changes_with_pixels_masks_and_what_is_said_of_them(tmp_path):
    first = made(tmp_path / "a", [cut(), cut("2")]).digest
    assert made(tmp_path / "b", [cut("2"), cut()]).digest == first  # in whatever order they come
    assert made(tmp_path / "c", [cut(), cut("2")], {"1": MASK / 2}).digest != first
    assert made(tmp_path / "d", [cut(), cut("2", scale=2e-4)]).digest != first
    changed = cut()
    changed.arrays["boa"][0, 3, 3] += 1
    assert made(tmp_path / "e", [changed, cut("2")]).digest != first


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([cut(), cut()], "chip 1_2019-08-01_065 was cut twice"),
        ([cut(height=9)], r"boa of chip .* is \(3, 9, 6\); it must fit into \(3, 8, 10\)"),
        ([Dropped("1", "clearing", "all cloud")], "no chip was cut; 1 were left out: all cloud"),
    ],
)
def test_faulty_chips_are_refused_and_leave_nothing(tmp_path, given, message):
    with pytest.raises(ValueError, match=message):
        made(tmp_path / "x", given)
    assert not (tmp_path / "x").exists()


def test_chips_without_all_arrays_are_refused(tmp_path):
    bare = cut()
    del bare.arrays["scl"]
    with pytest.raises(ValueError, match=r"has \['boa', 'tci', 'toa'\], the others have"):
        made(tmp_path / "x", [bare])
