import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest

from rojsat.chips import channels
from rojsat.chips.cut import Cut, Dropped
from rojsat.chips.reader import ORDER, Chips
from rojsat.chips.writer import Layout, write
from rojsat.config.lookup import UnknownNameError
from tests.support.stores import HEAT

BANDS = ("B02", "B04", "B08")
LAYOUT = Layout((8, 10), 9, BANDS, ("B10",), tci=True, scl=True)


def cut(region="1", day=1, height=5, width=6, **options):
    generator = np.random.default_rng(day)
    arrays = {
        "boa": generator.integers(1000, 5000, (3, height, width)).astype(np.uint16),
        "toa": np.full((1, height, width), 30, np.uint16),
        "tci": np.full((3, height, width), 51, np.uint8),
        "scl": np.full((height, width), 4, np.uint8),
    }
    arrays["boa"][1, 0, 0] = 0
    arrays["scl"][1, 1], arrays["scl"][2, 2] = 9, 3
    time = pd.Timestamp(f"2019-08-0{day}T10:00", tz="UTC")
    transform = (10.0, 0.0, 500000.0, 0.0, -10.0, 6400000.0)
    known = {"offset": -0.1, "toa_offset": 0.0} | options
    return Cut(region, known.pop("role", "clearing"), None, time, 65, "EPSG:32633", transform, arrays, **known)


MASK = np.linspace(0, 1, 30, dtype=np.float32).reshape(5, 6)


@pytest.fixture
def store(tmp_path):
    cuts = [cut("2"), Dropped("4", "clearing", "none"), cut(day=2), cut(day=1), cut("p", role="control")]
    layouts = {"clearing": LAYOUT, "control": LAYOUT}
    write(tmp_path / "x", cuts, layouts=layouts, masks={"1": MASK}, regions={}, recipe={"a": 1})
    return Chips(tmp_path / "x")


def test_the_index_is_sorted_and_says_what_was_dropped(store):
    assert store.index["chip"].tolist() == [
        "1_2019-08-01_065",
        "1_2019-08-02_065",
        "2_2019-08-01_065",
        "p_2019-08-01_065",
    ]
    assert store.index.equals(store.index.sort_values(ORDER, ignore_index=True))
    assert store.dropped["reason"].tolist() == ["none"]
    assert store.roles == ("clearing", "control")
    assert store.recipe == {"a": 1}
    assert store.facts["chips"] == 4


def test_pixels_come_back_as_they_went_in(store):
    for number, day in enumerate((1, 2)):
        chip, original = store.read(number), cut(day=day)
        for kind, array in original.arrays.items():
            assert (chip.arrays[kind][..., :5, :6] == array).all()
            assert chip.arrays[kind].dtype == array.dtype
            assert (chip.arrays[kind][..., 5:, :] == 0).all() and (chip.arrays[kind][..., 6:] == 0).all()


def test_planes_are_reflectance_and_nan_without_data(store):
    chip = store.read("1_2019-08-01_065")
    assert chip.plane("B02")[0, 0] == pytest.approx(cut().arrays["boa"][0, 0, 0] * 1e-4 - 0.1, abs=1e-6)
    assert np.isnan(chip.plane("B04")[0, 0])
    assert np.isnan(chip.plane("B02")[7, 9])
    assert chip.plane("toa.B10")[0, 0] == pytest.approx(0.003)
    assert chip.plane("tci.g")[0, 0] == pytest.approx(0.2)


def test_channels_are_computed_from_planes(store):
    values = store.channels(0, ["tci", "ndvi", "B08"])
    chip = store.read(0)
    assert values.shape == (5, 8, 10)
    assert values.dtype == np.float32
    expected = channels.compute(["ndvi"], {band: chip.plane(band) for band in BANDS})[0]
    assert np.array_equal(values[3], expected, equal_nan=True)
    assert np.isnan(values[3, 0, 0])


def test_channels_of_a_chunk_are_bit_for_bit_those_of_each_chip_alone(tmp_path):
    rows = [{"scale": 1e-4 * day, "offset": -0.01 * day, "toa_scale": 2e-4 / day} for day in range(1, 10)]
    cuts = [cut(day=day, **row) for day, row in enumerate(rows, 1)]
    cuts += [cut(f"r{number}") for number in range(20)]  # into a second chunk
    layouts = {"clearing": dataclasses.replace(LAYOUT, capacity=len(cuts))}
    write(tmp_path / "x", cuts, layouts=layouts, masks={}, regions={}, recipe={})
    store, other = Chips(tmp_path / "x"), Chips(tmp_path / "x")
    names = ("ndvi", "tci.g", "savi", "toa.B10", "B04")
    chips = np.random.default_rng(0).permutation(store.index["chip"])
    together = {chip: store.channels(chip, names) for chip in chips}
    for chip in chips:
        assert together[chip].tobytes() == other.read(chip).channels(names).tobytes()
    assert len({values.tobytes() for values in together.values()}) == 10  # those of r0, r1 … are alike
    together[chips[0]][:] = -1  # whoever gets channels may write into them
    assert not (store.channels(chips[0], names) == -1).any()


def test_channels_that_the_scene_of_a_chip_does_not_have_are_refused(tmp_path):
    without = cut(day=1)
    del without.arrays["toa"]
    write(tmp_path / "x", [without, cut(day=2)], layouts={"clearing": LAYOUT}, masks={}, regions={}, recipe={})
    store = Chips(tmp_path / "x")
    assert store.channels(1, ["toa.B10"]).shape == (1, 8, 10)
    with pytest.raises(ValueError, match="1_2019-08-01_065 has no toa"):
        store.channels(0, ["toa.B10"])


def test_seen_is_neither_padding_nor_nodata_nor_cloud(store):
    seen = store.seen(0)
    assert seen.sum() == 5 * 6 - 2
    assert not seen[0, 0] and not seen[1, 1] and seen[2, 2]
    assert not store.seen(0, cloud=(3, 8, 9, 10))[2, 2]


def test_a_mask_is_unknown_where_unseen_or_unlabelled(store):
    mask = store.mask(0)
    assert mask[4, 5] == 1
    assert mask[0, 0] == mask[1, 1] == mask[5, 0] == mask[0, 6] == -1
    assert (mask[1, 2:6] == MASK[1, 2:6]).all()
    assert (store.mask("2_2019-08-01_065") == -1).all()


def test_a_window_gets_its_part_of_the_mask(tmp_path):
    parts = [cut(height=5, width=3, window=True), cut(height=5, width=3, col=3, window=True)]
    write(tmp_path / "x", parts, layouts={"clearing": LAYOUT}, masks={"1": MASK}, regions={}, recipe={})
    chips = Chips(tmp_path / "x")
    assert chips.index["chip"].tolist() == ["1_2019-08-01_065_r0c0", "1_2019-08-01_065_r0c3"]
    assert (chips.read(1).degree[:5, :3] == MASK[:, 3:]).all()


def test_masks_of_heat_are_read_as_stored_and_as_degrees_over_all_regions(tmp_path):
    for name, factor, heat in (("degrees", 1, None), ("heat", 3, HEAT)):
        facts = {"masks": {"1": MASK * factor}, "regions": {}, "recipe": {}, "heat": heat}
        write(tmp_path / name, [cut()], layouts={"clearing": LAYOUT}, **facts)
    degrees, heat = Chips(tmp_path / "degrees"), Chips(tmp_path / "heat")
    assert degrees.heat is None and "unscaled" not in degrees.facts and heat.heat == HEAT
    assert (degrees.stored(0) == degrees.read(0).degree).all()
    assert (heat.region_mask("1") == MASK * 3).all() and heat.region_mask("2") is None
    assert heat.stored(0)[4, 5] == 3 and heat.mask(0)[4, 5] == 1
    assert heat.stored(0)[5, 0] == -1
    assert heat.digest != degrees.digest


def test_names_say_what_a_role_can_give(store):
    assert store.names("clearing") == (*channels.TCI, *BANDS, "toa.B10", "bndvi", "evi", "msavi2", "ndvi", "savi")
    assert store.expand("clearing", ["boa", "toa"]) == (*BANDS, "toa.B10")
    with pytest.raises(UnknownNameError, match="Did you mean 'ndvi'"):
        store.channels(0, ["ndvii"])
    with pytest.raises(ValueError, match="no chips of role 'stand'; it has clearing, control"):
        store.names("stand")


def test_absent_stores_and_chips_say_what_to_do(store, tmp_path):
    with pytest.raises(ValueError, match="python -m rojsat.stages.chips data=beetle"):
        Chips(tmp_path / "beetle")
    with pytest.raises(ValueError, match=r"no chip '7'; ids look like '1_2019-08-01_065'"):
        store.read("7")


def test_a_store_can_go_to_another_process(store):
    again = pickle.loads(pickle.dumps(store))
    assert (again.channels(1, ["boa"])[0] > -1).any()
