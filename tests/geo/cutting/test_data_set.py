import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from distributed import LocalCluster
from odc.geo.geobox import GeoBox
from rasterio.enums import Resampling
from rasterio.warp import reproject
from shapely.geometry import Polygon, box

from rojsat.chips import boxes, piece_files
from rojsat.chips.reader import Chips
from rojsat.config import s3_folder
from rojsat.geo import masks
from rojsat.geo.cutting import data_set
from rojsat.geo.cutting.regions import windows as cut_windows
from rojsat.geo.harvests import harvest_table
from rojsat.geo.harvests.registers import REGISTERS
from rojsat.geo.scenes import catalog, planes
from rojsat.geo.scenes.cog import write_cog
from rojsat.geo.vectors import region_files
from rojsat.jobs import cluster


def cut(world, name="chips", **options):
    mask_folder = world.parent / "masks"
    if not mask_folder.exists():
        mask_folder.mkdir()
        masks.write(world, mask_folder, source="gps", percentile=99)
    (world.parent / name).mkdir(exist_ok=True)
    data_set.write(world, mask_folder, world.parent / name, recipe={"chips": {}}, **options)
    return Chips(world.parent / name)


def test_every_region_of_every_scene_is_a_chip_or_has_a_reason(world):
    chips = cut(world)
    first = [f"{region}_2019-08-01_065" for region in ("1", "2", "c", "n")]
    assert chips.index["chip"].tolist() == [*first, "n_2019-08-03_065"]
    reasons = {(row.region, row.date): row.reason for row in chips.dropped.itertuples()}
    assert reasons["4", None] == "not a clearing object: 3 GPS points, fewer than 100"
    assert reasons["far", None] == "no scene covers it"
    assert reasons["1", "2019-08-02"] == "more than 90% under cloud"
    assert reasons["1", "2019-08-03"] == "more than 50% without data"
    assert reasons["2", "2019-08-03"] == "no data at all"
    assert len(reasons) == 9
    half = chips.dropped[chips.dropped["reason"] == "more than 50% without data"].iloc[0]
    assert half["nodata"] == pytest.approx(80 / 150)
    assert chips.recipe == {"chips": {}}


def test_the_store_has_the_outline_of_every_region_on_its_own_grid(world):
    chips = cut(world, margin=30)
    table = region_files.load_regions(world / "regions.gpkg").set_index("region")
    for region in ("1", "2"):
        facts = chips.facts["regions"][region]
        (ring,) = chips.outlines[region]
        east, north = Affine(*facts["transform"]) @ ring.T
        drawn = gpd.GeoSeries(table.loc[[region]].geometry, crs=table.crs).to_crs(facts["crs"]).iloc[0]
        assert Polygon(np.stack([east, north], 1)).symmetric_difference(drawn).area < 0.01 * drawn.area


def test_a_chip_of_a_part_knows_the_region_that_it_is_a_part_of(world):
    regions = region_files.load_regions(world / "regions.gpkg")
    region_files.write_regions(
        regions.assign(part_of=["both", "both", *[None] * (len(regions) - 2)]), world / "regions.gpkg"
    )
    chips = cut(world)
    assert dict(zip(chips.index["region"], chips.index["part_of"], strict=True)) == {
        "1": "both",
        "2": "both",
        "c": "c",
        "n": "n",
    }


def test_a_chip_knows_what_a_kept_column_says_of_its_region(world):
    regions = region_files.load_regions(world / "regions.gpkg")
    stated = ["Enonkoski", "Kitee", *[None] * (len(regions) - 2)]
    region_files.write_regions(regions.assign(kept_municipality=stated), world / "regions.gpkg")
    chips = cut(world)
    municipalities = dict(zip(chips.index["region"], chips.index["kept_municipality"], strict=True))
    assert municipalities == {"1": "Enonkoski", "2": "Kitee", "c": None, "n": None}


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
    chip = chips.read("1_2019-08-01_065")
    assert (chip.row["height"], chip.row["width"]) == (10, 15)
    assert (chip.arrays["boa"][:, 10:] == 0).all()
    assert (chip.arrays["boa"][1, :10, :15] > 0).all()
    assert chip.arrays["boa"][1, 0, 0] == 1000 + 60 * 20 + 10 + 1
    assert (chip.row["easting"], chip.row["northing"], chip.row["crs"]) == (500100, 6399800, "EPSG:32633")
    assert list(chip.row["transform"]) == [10, 0, 500100, 0, -10, 6399800]
    assert chip.plane("B02")[0, 0] == pytest.approx(0.2211 - 0.1)  # scale and offset


def test_a_mask_follows_seen_and_known(world):
    chips = cut(world)
    mask = chips.mask("1_2019-08-01_065")
    assert mask.shape == (16, 15)
    assert (mask[:2, :2] == -1).all()  # a 20 m pixel of cloud
    assert (mask[10:] == -1).all()
    assert mask[9, 14] > 0
    second = chips.mask("2_2019-08-01_065")
    assert (second[:6, :6] == -1).all() and second[5, 5] == -1  # the hole of B01
    assert (chips.mask("n_2019-08-01_065") == -1).all()  # no GPS there
    assert chips.index["label"].tolist()[2:] == ["clear", "need", "need"]


@pytest.mark.slow
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
    windows = cut_windows(length, 1, size)
    assert [rows.stop - rows.start for rows, _ in windows] == parts
    assert windows[0][0].start == 0 and windows[-1][0].stop == length


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


WITHOUT_MARGIN = {
    None: "204d77c02227c4b3cf5cf21cd5f67088f7d455db082802a046b8ec471f68a9d6",
    8: "fa7f50756b0e6ff52302161ae6fd186e756c2161b2388540279808efd06fc9a3",
}
"""Digests of the stores, by size, that were cut before chips could have surroundings."""


@pytest.mark.parametrize("size", WITHOUT_MARGIN)
def test_without_a_margin_the_store_is_what_it_was_before_there_was_one(world, size):
    chips = cut(world, size=size, max_nodata=0.5 if size is None else 1.0)
    assert chips.digest == WITHOUT_MARGIN[size]
    columns = set(pd.read_parquet(world.parent / "chips" / "index.parquet"))
    assert not columns & set(boxes.COLUMNS)
    assert all("outline" not in layout for layout in chips.facts["layouts"].values())
    assert (chips.index["box_height"] == chips.index["height"]).all()
    with pytest.raises(ValueError, match=r"no channel outline; chips cut with data\.chips\.margin"):
        chips.expand("stand", ["outline"])


@pytest.mark.parametrize("size", [None, 8])
def test_a_margin_adds_surroundings_and_leaves_the_box_as_it_was(world, size):
    plain = cut(world, "plain", size=size)
    chips = cut(world, "wide", size=size, margin=65)  # 7 pixels
    assert chips.size("stand") == tuple(side + 14 for side in plain.size("stand"))
    assert chips.index["chip"].tolist() == plain.index["chip"].tolist()
    assert chips.dropped.equals(plain.dropped)  # shares of nodata and cloud are those of the box
    own = boxes.own(chips.index)
    columns = ["row", "col", "height", "width", "easting", "northing", "nodata", "cloud", "position"]
    assert own[columns].equals(plain.index[columns])
    assert [list(transform) for transform in own["transform"]] == [list(row) for row in plain.index["transform"]]
    for name in chips.index["chip"]:
        wide, narrow = chips.read(name), plain.read(name)
        inside, own_size = boxes.inside(wide.row), np.s_[: narrow.row["height"], : narrow.row["width"]]
        assert (wide.row["box_row"], wide.row["height"]) == (7, narrow.row["height"] + 14)
        for kind, array in narrow.arrays.items():
            assert (wide.arrays[kind][(..., *inside)] == array[(..., *own_size)]).all()
        assert (wide.degree[inside] == narrow.degree[own_size]).all()
        assert (wide.seen()[inside] == narrow.seen()[own_size]).all()
        around = np.ones(wide.degree.shape, bool)
        around[inside] = False
        assert (wide.degree[around] == -1).all()


def test_surroundings_are_the_ground_around_and_end_with_the_scene(world):
    chips = cut(world, margin=250)
    chip = chips.read("1_2019-08-01_065")  # columns 10 to 25 of the scene, rows 20 to 30
    assert chip.arrays["boa"][1, 5, 15] == 1000 + 60 * (20 - 25 + 5) + (10 - 25 + 15) + 1  # the scene's first pixel
    assert not chip.seen()[:5].any() and not chip.seen()[:, :15].any()  # beyond it
    assert chip.row["nodata"] == 0
    outline = chips.channels("n_2019-08-01_065", ["outline"])[0]
    assert outline.sum() == 36
    assert (outline[25:31, 25:31] == 1).all()


def test_surroundings_come_from_the_other_tile_of_the_overpass(world):
    cut(world, "untiled", margin=60)
    first, *others = catalog.read(world)
    tiles = [split(first, world, "north", slice(0, 30)), split(first, world, "south", slice(30, 60))]
    short = {
        name: replace(asset, shape=(300 // round(asset.resolution), asset.shape[1]))
        for name, asset in tiles[0].assets.items()
    }
    (world / "catalog.json").unlink()
    catalog.write(world, [replace(tiles[0], assets=short), tiles[1], *others], description="")
    untiled, tiled = Chips(world.parent / "untiled"), cut(world, "tiled", margin=60)
    chip = "n_2019-08-01_065"  # its box ends at row 28, its surroundings at row 34
    assert (tiled.read(chip).arrays["boa"][1] == untiled.read(chip).arrays["boa"][1]).all()


def content(folder):
    """Every file of a store, byte by byte."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def pieces(folder):
    """The scenes that are cut, of a store that is not finished."""
    return [number for number in range(3) if piece_files.is_filled(folder, f"{number:06d}")]


def interrupted_reads(plain, grids):
    """A method that reads as `plain` does and notes the grids, and is interrupted at the sixth."""

    def read(self, grid):
        if len(grids) == 5:
            raise KeyboardInterrupt
        grids.append(grid)
        return plain(self, grid)

    return read


def test_an_interrupted_write_goes_on_where_it_was(world, monkeypatch):
    cut(world, "uninterrupted")
    plain, grids = planes.Reader.read, []
    with monkeypatch.context() as patched:
        patched.setattr(planes.Reader, "read", interrupted_reads(plain, grids))
        with pytest.raises(KeyboardInterrupt):
            cut(world, "half", scheduler="synchronous")
    with pytest.raises(ValueError, match="python -m rojsat.stages.chips data=half"):
        Chips(world.parent / "half")
    assert len(pieces(world.parent / "half")) == 1
    monkeypatch.setattr(planes.Reader, "read", lambda self, grid: grids.append(grid) or plain(self, grid))
    cut(world, "half")
    assert len(grids) == 5 + 8  # four regions in three scenes, those of the first not again
    assert content(world.parent / "uninterrupted") == content(world.parent / "half")


@pytest.mark.slow
def test_a_store_on_s3_is_cut_to_the_bytes_of_one_on_the_disk_also_when_interrupted(world, monkeypatch):
    s3_server = pytest.importorskip("tests.support.s3_server")
    cut(world, "disk")
    interrupted = interrupted_reads(planes.Reader.read, [])
    with s3_server.served():
        store = s3_folder.folder("s3://rojsat/stores/mine")
        with monkeypatch.context() as patched:
            patched.setattr(planes.Reader, "read", interrupted)
            with pytest.raises(KeyboardInterrupt):
                data_set.write(world, world.parent / "masks", store, recipe={"chips": {}}, scheduler="synchronous")
        assert len(pieces(store)) == 1
        with pytest.raises(ValueError, match=r"holds no \(finished\) chips"):
            Chips(store)
        data_set.write(world, world.parent / "masks", store, recipe={"chips": {}})
        files = content(world.parent / "disk")
        assert {name: (store / str(name)).read_bytes() for name in files} == files
        assert not (store / piece_files.PIECES).exists()
        with pytest.raises(ValueError, match="not there .*make the bucket"):
            data_set.write(world, world.parent / "masks", s3_folder.folder("s3://none/mine"), recipe={"chips": {}})


KILLED = """
import os, signal, sys
from pathlib import Path
from rojsat.geo.cutting import data_set
from rojsat.geo.scenes import planes
plain, seen = planes.Reader.read, []
def read(self, grid):
    seen.append(grid)
    if len(seen) == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return plain(self, grid)
planes.Reader.read = read
data_set.write(*map(Path, sys.argv[1:]), recipe={"chips": {}}, scheduler="synchronous")
"""


@pytest.mark.slow
def test_a_killed_write_goes_on_and_equals_an_uninterrupted_one(world):
    cut(world, "uninterrupted")
    folders = [str(world), str(world.parent / "masks"), str(world.parent / "half")]
    (world.parent / "half").mkdir()
    assert subprocess.run([sys.executable, "-c", KILLED, *folders], check=False).returncode == -9
    assert len(pieces(world.parent / "half")) == 1
    cut(world, "half")
    assert content(world.parent / "uninterrupted") == content(world.parent / "half")


FULL = """
import resource, sys
from pathlib import Path
from rojsat.geo.cutting import data_set
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # no file may grow beyond
try:
    data_set.write(*map(Path, sys.argv[1:]), recipe={"chips": {}})
except OSError as error:
    print(error.strerror)
"""


@pytest.mark.slow
def test_a_full_disk_stops_the_work_and_with_room_it_goes_on(world):
    cut(world, "uninterrupted")
    folders = [str(world), str(world.parent / "masks"), str(world.parent / "half")]
    (world.parent / "half").mkdir()
    output = subprocess.run([sys.executable, "-c", FULL, *folders], check=True, capture_output=True, text=True).stdout
    assert output == "File too large\n"
    assert pieces(world.parent / "half") in ([], [1])  # the second scene is cloudy: there is nothing to write of it
    cut(world, "half")
    assert content(world.parent / "uninterrupted") == content(world.parent / "half")


def test_a_region_of_one_pixel_and_one_half_outside_have_chips(world):
    table = region_files.load_regions(world / "regions.gpkg")
    table = table[table["region"].isin(["1", "n", "c"])].reset_index(drop=True)
    table.loc[table["region"] == "n", "geometry"] = box(500301, 6399601, 500309, 6399609)
    table.loc[table["region"] == "c", "geometry"] = box(500600 - 60, 6399600, 500600 + 40, 6399700)
    region_files.write_regions(table, world / "regions.gpkg")
    chips = cut(world)
    index = chips.index.set_index("chip")
    assert tuple(index.loc["n_2019-08-01_065", ["height", "width"]]) == (1, 1)
    assert index["nodata"]["c_2019-08-01_065"] == pytest.approx(0.4)
    assert (chips.seen("c_2019-08-01_065").sum(axis=1)[:10] == 6).all()


def test_every_scheduler_gives_the_same_bits(world):
    cut(world, "synchronous", scheduler="synchronous")
    cut(world, "threads", workers=3)
    with LocalCluster(n_workers=1, processes=False, dashboard_address=None, protocol="tcp") as cluster:
        cut(world, "cluster", scheduler=cluster.scheduler_address)
    files = {name: content(world.parent / name) for name in ("synchronous", "threads", "cluster")}
    for other in ("threads", "cluster"):
        differing = [path.name for path, data in files["synchronous"].items() if files[other].get(path) != data]
        assert set(differing) <= {"chips.json"} and files[other].keys() == files["synchronous"].keys()
        assert Chips(world.parent / other).digest == Chips(world.parent / "synchronous").digest


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scheduler": "treads"}, "Did you mean 'threads'"),
        ({"scheduler": "tcp://127.0.0.1:1"}, "no cluster answers at tcp://127.0.0.1:1"),
        ({"cleared": "dropp"}, "Did you mean 'drop'"),
        ({"margin": -1.0}, "data.chips.margin is 0 metres or more"),
        ({"resampling": "bilinaer"}, "Did you mean 'bilinear'"),
    ],
)
def test_options_that_do_not_exist_are_refused(world, monkeypatch, options, message):
    monkeypatch.setattr(cluster, "PATIENCE", "1s")
    with pytest.raises(ValueError, match=message):
        cut(world, **options)


def test_each_raster_is_opened_once_a_scene(world, monkeypatch):
    opened = []
    plain = rasterio.open
    monkeypatch.setattr(rasterio, "open", lambda href, **options: opened.append(href) or plain(href, **options))
    cut(world)
    tifs = [href for href in opened if "masks" not in str(href)]
    assert len(tifs) == len(set(tifs)) == 3 * 7


def split(scene, folder, name, rows):
    """A scene of the same overpass that has data in these rows of 10 m pixels only: a tile of it."""
    assets = {}
    for key, asset in scene.assets.items():
        with rasterio.open(asset.href) as raster:
            array = raster.read()
        step = round(asset.resolution / 10)
        array[:, : rows.start // step], array[:, rows.stop // step :] = asset.nodata, asset.nodata
        path = folder / name / f"{key}.tif"
        write_cog(path, array, transform=asset.transform, crs=scene.crs, nodata=asset.nodata)
        assets[key] = replace(asset, href=str(path))
    return replace(scene, id=name, assets=assets)


def test_tiles_of_one_overpass_are_merged(world):
    cut(world, "untiled")
    first, *others = catalog.read(world)
    tiles = [split(first, world, "north", slice(0, 24)), split(first, world, "south", slice(24, 60))]
    small = {
        name: replace(asset, shape=(asset.shape[0] // 2, asset.shape[1])) for name, asset in tiles[0].assets.items()
    }
    tiles[0] = replace(tiles[0], assets=small)  # the tile ends where the other has data
    (world / "catalog.json").unlink()
    catalog.write(world, [*tiles, *others], description="")
    untiled, tiled = Chips(world.parent / "untiled"), cut(world, "tiled")
    assert untiled.index["hash"].equals(tiled.index["hash"])
    assert untiled.digest == tiled.digest


def test_tiles_of_two_baselines_are_converted_to_one_offset(world):
    cut(world, "untiled")
    first, *others = catalog.read(world)
    north, south = split(first, world, "north", slice(0, 24)), split(first, world, "south", slice(24, 60))
    for key in ("B01", "B02", "B04", "B05"):
        path = Path(north.assets[key].href)
        with rasterio.open(path) as raster:
            array, nodata = raster.read(), raster.nodata
        array[array != nodata] += 500
        write_cog(path, array, transform=north.assets[key].transform, crs=north.crs, nodata=nodata)
    moved = {name: replace(asset, offset=-0.15) if name[0] == "B" else asset for name, asset in north.assets.items()}
    catalog.write(world, [replace(north, assets=moved), south, *others], description="")
    untiled, tiled = Chips(world.parent / "untiled"), cut(world, "tiled")
    for chip in untiled.index["chip"]:
        for band in ("B01", "B02", "B05"):  # B04 has a stored 0, which is moved up a step
            np.testing.assert_allclose(untiled.read(chip).plane(band), tiled.read(chip).plane(band), atol=1.01e-4)


def test_a_region_across_two_zones_is_filled_from_the_other(world):
    first = catalog.read(world)[0]
    blue = first.assets["B02"]
    west = GeoBox.from_bbox(first.grid.extent.to_crs("EPSG:32632").boundingbox, resolution=10)
    with rasterio.open(blue.href) as raster:
        array = raster.read(1)
    ramp = np.full_like(array, 4000)
    ramp += np.arange(60, dtype=np.uint16) * 20  # 20 a pixel to the east
    warped = np.zeros((1, *west.shape), np.uint16)
    grids = {
        "src_transform": blue.transform,
        "src_crs": first.crs,
        "dst_transform": west.affine,
        "dst_crs": "EPSG:32632",
    }
    reproject(ramp, warped[0], resampling=Resampling.bilinear, **grids)
    ramp[:, :17] = 65535  # the eastern zone's scene begins in the middle of region 1
    scenes = []
    for name, crs, grid, data in (("e", first.crs, first.grid, ramp[None]), ("w", "EPSG:32632", west, warped)):
        nodata = 65535 if name == "e" else 0
        path = write_cog(world / f"{name}.tif", data, transform=grid.affine, crs=crs, nodata=nodata)
        asset = replace(blue, href=str(path), shape=tuple(grid.shape), transform=grid.affine, nodata=nodata)
        scenes.append(replace(first, id=name, crs=crs, assets={"B02": asset}))
    catalog.write(world, scenes, description="")
    chips = cut(world)
    chip = chips.read("1_2019-08-01_065")
    assert chip.row["crs"] == first.crs
    assert chip.row["nodata"] == 0
    expected = 4000 + 20 * np.arange(10, 25)
    blue = chip.arrays["boa"][0, :10, :15].astype(int)
    assert (blue[:, 7:] == expected[7:]).all()  # its own pixels are unchanged
    assert np.abs(blue[:, :7] - expected[:7]).max() <= 6  # resampled two times, within a third of a pixel


def test_a_date_without_l2a_has_chips_of_its_own_channels(world):
    first, *others = catalog.read(world)
    without_l2a = {name: asset for name, asset in first.assets.items() if name in ("TOA-B10", "TCI")}
    catalog.write(world, [replace(first, assets=without_l2a), *others], description="")
    chips = cut(world, max_nodata=0.6)
    kinds = chips.index.set_index("chip")["kinds"]
    assert kinds["1_2019-08-01_065"] == "tci,toa"
    assert kinds["1_2019-08-03_065"] == "boa,scl,tci,toa"
    assert chips.seen("1_2019-08-01_065").sum() == 150
    assert np.isnan(chips.index.set_index("chip")["cloud"]["1_2019-08-01_065"])
    assert set(chips.rows("clearing", ["B02"])["date"]) == {"2019-08-03"}


@pytest.mark.parametrize("cleared", ["keep", "drop", "zero"])
def test_scenes_after_the_clearing_are_kept_dropped_or_count_as_clear(world, cleared, caplog):
    table = region_files.load_regions(world / "regions.gpkg")
    table.loc[table["region"].isin(["1", "n"]), "cleared"] = "2019-08-01"
    region_files.write_regions(table, world / "regions.gpkg")
    chips = cut(world, cleared=cleared, max_nodata=0.6)
    assert ("4 scenes of 2 regions (1, n) are later than their clearing" in caplog.text) == (cleared == "keep")
    index = chips.index.set_index("chip")
    assert not index["zeroed"]["1_2019-08-01_065"]  # taken on the day itself
    late = [chip for chip in index.index if chip in ("1_2019-08-03_065", "n_2019-08-03_065")]
    if cleared == "drop":
        assert late == []
        reasons = chips.dropped[chips.dropped["date"] == "2019-08-03"].set_index("region")["reason"]
        assert reasons["1"] == reasons["n"] == "taken after the clearing of 2019-08-01"
    else:
        assert len(late) == 2
        assert index["zeroed"][late].all() == (cleared == "zero")
        assert index["label"]["n_2019-08-03_065"] == ("clear" if cleared == "zero" else "need")
        degree = chips.read("1_2019-08-03_065").degree
        assert (degree.max() == 0) == (cleared == "zero")
        assert (degree >= 0).sum() == 150


def test_scenes_that_differ_and_masks_that_do_not_fit_are_refused(world):
    cut(world)
    table = region_files.load_regions(world / "regions.gpkg")
    moved = table.set_geometry(gpd.GeoSeries(table.geometry.translate(50, 0)))
    region_files.write_regions(moved, world / "regions.gpkg")
    with pytest.raises(
        ValueError,
        match="mask of region '1' lies on another grid .* then run `python -m rojsat.stages.masks data=masks`",
    ):
        cut(world, "other")
    item = world / "s2" / "s2.json"
    scene = json.loads(item.read_text())
    del scene["assets"]["B05"]
    item.write_text(json.dumps(scene))
    region_files.write_regions(table, world / "regions.gpkg")
    with pytest.raises(ValueError, match=r"s1 and s2 differ: only one of them has B05 \(boa\)"):
        cut(world, "other")


def test_nothing_left_to_cut_says_why(world):
    with pytest.raises(ValueError, match=r"no chip was cut; .* under cloud"):
        cut(world, max_cloud=-1.0)


def test_scenes_without_data_say_so(world):
    for path in world.glob("s*/B02.tif"):
        with rasterio.open(path) as raster:
            profile = raster.profile | {"driver": "GTiff"}
        with rasterio.open(path, "w", **profile) as raster:
            raster.write(np.full((1, 60, 60), 65535, np.uint16))
    with pytest.raises(ValueError, match="no chip was cut; .* no data at all"):
        cut(world)


def test_masks_in_the_store_are_those_on_disk(world):
    chips = cut(world, size=8, max_nodata=1.0)
    degree = masks.read(world.parent / "masks").degree["2"]
    built = np.full((16, 12), -1, np.float32)
    for row in chips.index[(chips.index["region"] == "2") & (chips.index["date"] == "2019-08-01")].itertuples():
        chip = chips.read(row.chip)
        built[row.row : row.row + row.height, row.col : row.col + row.width] = chip.degree[: row.height, : row.width]
    assert (built == degree).all()


def harvested(world, *rows):
    """Write the harvests of a world: rows of a day and an outline."""
    days, outlines = zip(*rows, strict=True)
    register, crs = REGISTERS["utford_avverkning"], region_files.load_regions(world / "regions.gpkg").crs
    harvest_table.write(world, [harvest_table.assemble(days, np.array(outlines), register, crs)], {})


def test_years_since_harvest_are_a_channel_of_every_chip_as_known_on_its_day(world):
    plain = cut(world, "plain")
    polygons = region_files.load_regions(world / "regions.gpkg").set_index("region").geometry
    left, bottom, right, top = polygons["1"].bounds
    eight_columns = box(left + 70, bottom, right, top)
    harvested(world, ("2009-08-01", eight_columns), ("2019-08-02", polygons["n"]), ("2019-08-01", polygons["2"]))
    chips = cut(world)
    assert "years_since_harvest" in chips.names("clearing") and "years_since_harvest" not in plain.names("clearing")
    years = chips.channels("1_2019-08-01_065", ["years_since_harvest"])[0][:10, :15]
    assert np.isnan(years[:, :7]).all() and years[:, 7:] == pytest.approx(3652 / 365.25)
    assert np.isnan(chips.channels("2_2019-08-01_065", ["years_since_harvest"])).all()  # felled on the day of the scene
    rows = chips.index.set_index("chip")["years_since_harvest"]
    assert rows["1_2019-08-01_065"] == pytest.approx(3652 / 365.25)
    assert np.isnan(rows["n_2019-08-01_065"]) and rows["n_2019-08-03_065"] == pytest.approx(1 / 365.25)
    assert chips.digest != plain.digest and "years_since_harvest" not in plain.index
    assert "harvest" not in plain.facts["layouts"]["clearing"]
    np.testing.assert_array_equal(*(store.channels("1_2019-08-01_065", ["B02"]) for store in (chips, plain)))
    with pytest.raises(ValueError, match=r"data\.harvests"):
        plain.expand("clearing", ["years_since_harvest"])


def test_a_region_is_left_aside_outside_the_years_that_are_asked_for(world):
    polygons = region_files.load_regions(world / "regions.gpkg").set_index("region").geometry
    harvested(world, ("2015-08-01", polygons["2"]), ("2019-08-02", polygons["c"]))
    chips = cut(world, youngest=1, oldest=8)
    assert chips.index["chip"].tolist() == ["2_2019-08-01_065"]
    reasons = {(row.region, row.date): row.reason for row in chips.dropped.itertuples()}
    assert reasons["1", "2019-08-01"] == reasons["c", "2019-08-01"] == "no harvest known before the scene"
    assert reasons["c", "2019-08-03"] == "harvested less than 1 years before the scene"
    harvested(world, ("2015-08-01", polygons["2"]), ("2019-07-02", polygons["1"]))
    chips = cut(world, "younger", oldest=3)
    reasons = {(row.region, row.date): row.reason for row in chips.dropped.itertuples()}
    assert reasons["2", "2019-08-01"] == "harvested more than 3 years before the scene"
    with pytest.raises(ValueError, match=r"above data\.chips\.oldest"):
        cut(world, "refused", youngest=9, oldest=8)
