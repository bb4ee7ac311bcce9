import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import rasterio

from rojsat.chips import Chips
from rojsat.geo import cutting, masks, planes, scenes, vectors


def cut(world, name="chips", **options):
    made = world.parent / "masks"
    if not made.exists():
        made.mkdir()
        masks.write(world, made, source="gps", percentile=99)
    cutting.write(world, made, world.parent / name, recipe={"chips": options}, **options)
    return Chips(world.parent / name)


def test_every_region_of_every_scene_is_a_chip_or_has_a_reason(world):
    chips = cut(world)
    first = [f"{region}_2019-08-01_065" for region in ("1", "2", "c", "n")]
    assert chips.index["chip"].tolist() == [*first, "n_2019-08-03_065"]
    reasons = {(row.region, row.date): row.reason for row in chips.dropped.itertuples()}
    assert reasons["4", None] == "not a clearing object: 3 GPS points, fewer than 100"
    assert reasons["far", None] == "no scene covers it"
    assert reasons["1", "2019-08-02"] == "100% under cloud (at most 90%)"
    assert reasons["1", "2019-08-03"] == "53% without data (at most 50%)"
    assert reasons["2", "2019-08-03"] == "100% without data (at most 50%)"
    assert len(reasons) == 9
    assert chips.recipe == {"chips": {}}


def test_limits_let_more_through(world):
    chips = cut(world, max_nodata=0.6, max_cloud=1.0)
    assert len(chips.index[chips.index["region"] == "1"]) == 3
    assert len(chips.index[chips.index["region"] == "2"]) == 2  # never a chip without any data
    row = chips.index.set_index("chip").loc["1_2019-08-03_065"]
    assert row["nodata"] == pytest.approx(80 / 150)
    assert row["cloud"] == pytest.approx(4 / 70)


def test_chips_are_padded_right_and_below_to_the_largest_of_their_role(world):
    chips = cut(world)
    assert chips.size("clearing") == (16, 15)  # rows of region 2, columns of region 1
    assert chips.size("stand") == (6, 8)
    one = chips.read("1_2019-08-01_065")
    assert (one.row["height"], one.row["width"]) == (10, 15)
    assert (one.arrays["boa"][:, 10:] == 0).all()
    assert (one.arrays["boa"][1, :10, :15] > 0).all()
    assert one.arrays["boa"][1, 0, 0] == 1000 + 60 * 20 + 10 + 1
    assert (one.row["easting"], one.row["northing"], one.row["crs"]) == (500100, 6399800, "EPSG:32633")
    assert list(one.row["transform"]) == [10, 0, 500100, 0, -10, 6399800]
    assert one.plane("B02")[0, 0] == pytest.approx(0.2211 - 0.1)  # scale and offset


def test_a_mask_follows_seen_and_known(world):
    chips = cut(world)
    mask = chips.mask("1_2019-08-01_065")
    assert mask.shape == (16, 15)
    assert (mask[:2, :2] == -1).all()  # a 20 m pixel of cloud
    assert (mask[10:] == -1).all()
    assert mask[9, 14] > 0
    two = chips.mask("2_2019-08-01_065")
    assert (two[:6, :6] == -1).all() and two[5, 5] == -1  # the hole of B01
    assert (chips.mask("n_2019-08-01_065") == -1).all()  # no GPS there
    assert chips.index["label"].tolist()[2:] == ["clear", "need", "need"]


def test_a_size_cuts_larger_regions_into_even_windows(world):
    chips = cut(world, size=8, max_nodata=1.0)
    first = chips.index[(chips.index["region"] == "2") & (chips.index["date"] == "2019-08-01")]
    assert first[["row", "col", "height", "width"]].to_numpy().tolist() == [
        [0, 0, 8, 6],
        [0, 6, 8, 6],
        [8, 0, 8, 6],
        [8, 6, 8, 6],
    ]
    assert first["chip"].tolist()[3] == "2_2019-08-01_065_r8c6"
    assert first["easting"].tolist() == [500300, 500360] * 2
    assert chips.size("clearing") == chips.size("stand") == (8, 8)
    last = chips.read("2_2019-08-01_065_r8c6")
    assert last.arrays["boa"][1, 0, 0] == 1000 + 60 * 38 + 36 + 1
    assert (chips.mask("2_2019-08-01_065_r0c0") == 1).sum() == 0


@pytest.mark.parametrize(("length", "size", "parts"), [(85, 64, [43, 42]), (64, 64, [64]), (129, 64, [43, 43, 43])])
def test_windows_are_even_and_leave_nothing_out(length, size, parts):
    found = cutting.windows(length, 1, size)
    assert [rows.stop - rows.start for rows, _ in found] == parts
    assert found[0][0].start == 0 and found[-1][0].stop == length


def test_the_same_again_has_the_same_digest_and_another_pixel_another(world):
    first, again = cut(world, "a"), cut(world, "b")
    assert first.digest == again.digest
    assert first.index.equals(again.index)
    path = world / "s1" / "B04.tif"
    with rasterio.open(path) as raster:
        red, profile = raster.read(1), raster.profile
    red[25, 15] += 1
    with rasterio.open(path, "w", **(profile | {"driver": "GTiff"})) as raster:
        raster.write(red, 1)
    other = cut(world, "c")
    assert other.digest != first.digest
    changed = first.index["chip"][first.index["hash"] != other.index["hash"]]
    assert changed.tolist() == ["1_2019-08-01_065", "n_2019-08-01_065"]


def test_an_interrupted_write_leaves_nothing_behind(world, monkeypatch):
    cut(world, "whole")
    plain = planes.Reader.read

    def interrupted(self, grid):
        if grid.shape == (16, 12):
            raise KeyboardInterrupt
        return plain(self, grid)

    monkeypatch.setattr(planes.Reader, "read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cut(world, "half")
    assert not (world.parent / "half").exists()
    with pytest.raises(ValueError, match="python -m rojsat.stages.chips data=half"):
        Chips(world.parent / "half")


def test_each_raster_is_opened_once_a_scene(world, monkeypatch):
    opened = []
    plain = rasterio.open
    monkeypatch.setattr(planes.rasterio, "open", lambda href: opened.append(href) or plain(href))
    cut(world)
    tifs = [href for href in opened if "masks" not in str(href)]
    assert len(tifs) == len(set(tifs)) == 3 * 7


def test_of_two_scenes_of_one_day_the_one_with_more_ground_is_cut(world):
    found = scenes.read(world)
    small = {}
    for name, asset in found[0].assets.items():
        small[name] = replace(asset, shape=(asset.shape[0] // 2, asset.shape[1]))  # the northern half
    scenes.write(world, [*found, replace(found[0], id="r1", assets=small)], description="")
    chips = cut(world)
    reasons = chips.dropped.loc[chips.dropped["date"] == "2019-08-01", "reason"].tolist()
    assert set(reasons) == {"another scene of the day has more of it"}
    assert chips.index["chip"].is_unique


def test_scenes_that_differ_and_masks_that_do_not_fit_are_refused(world):
    cut(world)
    table = vectors.load_regions(world / "regions.gpkg")
    moved = table.set_geometry(gpd.GeoSeries(table.geometry.translate(50, 0)))
    vectors.write_regions(moved, world / "regions.gpkg")
    with pytest.raises(ValueError, match="mask of region '1' lies on another grid"):
        cut(world, "other")
    item = world / "s2" / "s2.json"
    scene = json.loads(item.read_text())
    del scene["assets"]["SCL"]
    item.write_text(json.dumps(scene))
    with pytest.raises(ValueError, match="s1 and s2 differ: only one of them has SCL"):
        cut(world, "other")


def test_nothing_left_to_cut_says_why(world):
    with pytest.raises(ValueError, match=r"no chip was cut; .* under cloud"):
        cut(world, max_cloud=-1.0)


def test_masks_in_the_store_are_those_on_disk(world):
    chips = cut(world, size=8, max_nodata=1.0)
    degree = masks.read(world.parent / "masks").degree["2"]
    built = np.full((16, 12), -1, np.float32)
    for row in chips.index[(chips.index["region"] == "2") & (chips.index["date"] == "2019-08-01")].itertuples():
        chip = chips.read(row.chip)
        built[row.row : row.row + row.height, row.col : row.col + row.width] = chip.degree[: row.height, : row.width]
    assert (built == degree).all()
