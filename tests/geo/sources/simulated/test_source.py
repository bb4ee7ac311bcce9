"""The simulated source writes what a customer and ESA would hand over, and the same again from the same seed."""

import hashlib
import importlib
import json
import os
import platform
import subprocess
import sys
import warnings

import geopandas as gpd
import numpy as np
import pystac
import pytest
import rasterio
import rasterio.features
import rasterio.transform

from rojsat.chips import bands
from rojsat.geo.sources.simulated import kernels, source
from rojsat.geo.sources.simulated.layout import LAYOUTS, WorldLayout
from rojsat.geo.vectors import region_files

TINY = WorldLayout(
    180,
    216,
    scenes=((65, 1), (22, 1), (108, 1)),
    stands=5,
    controls=1,
    objects=((26, 20), (18, 30), (16, 16), (14, 14)),
    stand_area=200,
    town=16,
)


WEAK = {"signal": "weak", "boxes": "tight", "hard_ground": 0}
DATES = ("2019-05-02", "2019-10-04")

SUMS = {  # of stored numbers, each times 1 to 7 by its place, over all scenes of two areas
    "B01": 42265116,
    "B02": 1596686011,
    "B08": 2401874286,
    "B11": 455435311,
    "SCL": 842258,
    "TCI": 185705229,
    "TOA-B03": 1766657516,
    "TOA-B10": 17404635,
    "landcover": 214944,
    "need": 11573.1256,
}
"""Of the world of version 0.1.0, areas=2."""


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    source.write(folder, seed=3, layout=TINY, **WEAK)
    return folder


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("both")
    source.write(folder, seed=3, layout=TINY, areas=2, **WEAK)
    return folder


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    source.write(folder, seed=3, layout=TINY, areas=2, stands="every", dates=DATES, toa=False)
    return folder


@pytest.fixture(scope="module")
def items(raw):
    return list(pystac.Catalog.from_file(raw / "catalog.json").get_items())


def hashes(folder):
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_of_every_file(raw, tmp_path):
    again = tmp_path / raw.name
    source.write(again, seed=3, layout=TINY, **WEAK)
    assert hashes(again) == hashes(raw)
    suffixes = {path.suffix for path in raw.rglob("*.*")}
    assert {".tif", ".json", ".gpkg", ".dbf", ".shp", ".gpx", ".parquet"} <= suffixes


DRAW = """
import hashlib, pathlib
import rojsat
import rasterio
from rojsat.geo.sources.simulated import source
from tests.geo.sources.simulated.test_source import TINY
source.write(pathlib.Path("raw"), seed=3, layout=TINY)
total = hashlib.sha256()
for path in sorted(pathlib.Path("raw").rglob("*.tif")):
    with rasterio.open(path) as raster:
        total.update(raster.read().tobytes())
print(total.hexdigest())
"""

DRAWN = "2bc4f15c527d606f2e489b91fab1bcb5e30f29c8fc4097e846d948f8743e6710"
"""Of all pixels; another version of numpy may give others, and then all data sets of the pipeline are others."""


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="only x86 machines have the same digits")
def test_machines_with_and_without_avx_512_draw_the_same_world(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "NPY_DISABLE_CPU_FEATURES"}
    words = [sys.executable, "-c", DRAW]
    drawn = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert drawn.stdout.strip() == DRAWN


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="numpy has no such kernels elsewhere")
def test_a_world_that_other_kernels_would_draw_is_warned_of(monkeypatch):
    numbers = importlib.import_module("numpy._core._multiarray_umath")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kernels.check()  # tests import rojsat before numpy
    monkeypatch.setattr(numbers, "__cpu_features__", numbers.__cpu_features__ | {"X86_V4": True})
    with pytest.warns(UserWarning, match="import rojsat first, or start Python with NPY_DISABLE_CPU_FEATURES='X86_V4 "):
        kernels.check()


def test_no_file_holds_the_day_of_writing(raw):
    for path in raw.rglob("*.dbf"):
        assert tuple(path.read_bytes()[1:4]) == (120, 1, 1)  # dBase: year less 1900, month, day
    for path in raw.rglob("*.gpkg"):
        assert path.read_bytes().count(b"2020-01-01T00:00:00.000Z") == 1


@pytest.mark.slow
def test_another_seed_gives_another_world(raw, tmp_path):
    source.write(tmp_path, seed=4, layout=TINY, **WEAK)
    with rasterio.open(raw / "truth/need.tif") as first, rasterio.open(tmp_path / "truth/need.tif") as second:
        assert not np.array_equal(first.read(1), second.read(1), equal_nan=True)


def test_a_weak_signal_and_tight_boxes_give_the_world_of_before(both):
    totals = dict.fromkeys(SUMS, 0.0)
    for path in both.rglob("*.tif"):
        if path.stem in SUMS:
            with rasterio.open(path) as raster:
                numbers = raster.read().astype(float)
            totals[path.stem] += np.nansum(numbers * (1 + np.arange(numbers.size).reshape(numbers.shape) % 7))
    assert totals == pytest.approx(SUMS, rel=1e-6)  # CPUs differ by 1e-8
    fixes = gpd.read_parquet(both / "gps.parquet")
    assert len(fixes) == 22_804 and fixes.geometry.x.mean() == pytest.approx(530_054.65953, abs=0.01)


@pytest.mark.slow
def test_more_areas_lie_beside_the_first_and_leave_it_as_it_is(raw, both):
    first, two = hashes(raw), hashes(both)
    assert {name: two[name] for name in first if name.endswith(".tif")} == {
        name: value for name, value in first.items() if name.endswith(".tif")
    }
    regions = region_files.load_regions(both / "regions.gpkg")
    objects = regions[regions["role"] == "clearing"]
    assert list(objects["region"]) == ["1", "2", "3", "4", "5", "6", "7", "8"]
    east = objects.geometry.bounds["minx"] >= 528_000 + 10 * TINY.width
    assert list(east) == [False] * 4 + [True] * 4
    assert set(objects["region"][objects["cleared"].notna()]) == {"1", "2", "3", "5", "6", "7"}
    old = region_files.load_regions(raw / "regions.gpkg").set_index("region")
    for role in ("stand", "control"):
        assert set(regions[regions["role"] == role]["region"]) == set(old[old["role"] == role].index)
    items = list(pystac.Catalog.from_file(both / "catalog.json").get_items())
    assert len(items) == 6 and len({tuple(item.bbox) for item in items}) == 2


def test_every_scene_has_every_asset_on_its_native_grid(items):
    keys = {*bands.BOA, "SCL", "TCI", *(f"TOA-{name}" for name in bands.TOA)}
    for item in items:
        assert set(item.assets) == keys
        for name, asset in item.assets.items():
            resolution = bands.RESOLUTION[name.removeprefix("TOA-")]
            with rasterio.open(asset.get_absolute_href()) as raster:
                assert raster.res == (resolution, resolution)
                assert raster.shape == tuple(asset.extra_fields["proj:shape"])
                assert list(raster.transform)[:6] == asset.extra_fields["proj:transform"]
                assert raster.crs == item.properties["proj:code"] == "EPSG:32633"
                assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
                assert len(asset.extra_fields["raster:bands"]) == raster.count
                for number, band in enumerate(asset.extra_fields["raster:bands"]):
                    assert band["data_type"] == raster.dtypes[number]
                    assert band["nodata"] == raster.nodata == 0
                    assert band.get("scale", 1.0) == raster.scales[number]
                    assert band.get("offset", 0.0) == raster.offsets[number]


def test_the_catalog_can_be_moved(raw):
    links = json.loads((raw / "catalog.json").read_text())["links"]
    assert all(not link["href"].startswith("/") for link in links)
    item = json.loads(next(raw.glob("S2*/S2*.json")).read_text())
    assert not any("/" in asset["href"] for asset in item["assets"].values())


def test_orbits_share_the_map_as_in_the_study(items):
    seen = {}
    for item in items:
        with rasterio.open(item.assets["B02"].get_absolute_href()) as raster:
            seen[item.properties["sat:relative_orbit"]] = raster.read(1) > 0
    assert seen[65].all() and seen[22][-1, -1] and not seen[22][0, 0]
    assert not (seen[22] & seen[108]).any()
    assert (seen[22] | seen[108]).mean() > 0.99


def test_the_air_brightens_the_blue_and_hides_b09(items):
    for item in items:
        number = {}
        for name in ("B02", "TOA-B02", "B09", "TOA-B09", "TOA-B10", "SCL"):
            with rasterio.open(item.assets[name].get_absolute_href()) as raster:
                number[name] = raster.read(1).astype(float)
        clear = (number["SCL"] == 4).repeat(2, 0).repeat(2, 1) & (number["B02"] > 0)
        if clear.sum() > 500:
            assert np.median(number["TOA-B02"][clear]) > np.median(number["B02"][clear]) + 300
            assert np.median(number["TOA-B09"]) <= np.median(number["B09"])
            assert np.percentile(number["TOA-B10"][number["TOA-B10"] > 0], 5) < 1050  # reflectance 0.005


def test_regions_come_back_from_the_delivered_files(raw):
    regions = region_files.load_regions(raw / "regions.gpkg").set_index("region")
    assert list(regions[regions["role"] == "clearing"].index) == ["1", "2", "3", "4"]
    assert dict(regions[regions["role"] == "stand"]["label"].value_counts()) == {"need": 3, "clear": 2}
    assert set(regions[regions["role"] == "control"]["label"]) == {
        *("need", "clear"),
        *("housing", "sports ground", "cropland"),
    }
    assert (raw / "delivered/need.shp").exists() and (raw / "delivered/gps").is_dir()


def test_the_labels_are_true(raw):
    regions = region_files.load_regions(raw / "regions.gpkg")
    with rasterio.open(raw / "truth/need.tif") as raster:
        need = raster.read(1)
        means = {}
        for row in regions[regions["role"] == "stand"].itertuples():
            inside = rasterio.features.rasterize([row.geometry], raster.shape, transform=raster.transform) > 0
            means.setdefault(row.label, []).append(np.nanmean(need[inside]))
    assert min(means["need"]) > 0.25 > np.mean(means["clear"])


def test_the_boxes_enclose_their_sizes_on_the_grid(raw):
    regions = region_files.load_regions(raw / "regions.gpkg").set_index("region")
    with rasterio.open(raw / "truth/need.tif") as raster:
        for number, size in enumerate(TINY.objects, start=1):
            left, bottom, right, top = regions.loc[str(number)].geometry.bounds
            rows, columns = rasterio.transform.rowcol(raster.transform, [left, right], [top, bottom])
            assert (rows[1] - rows[0] + 1, columns[1] - columns[0] + 1) == size


def test_workers_stay_long_where_need_is_great_and_only_walk_through_the_fourth(raw):
    fixes = gpd.read_parquet(raw / "gps.parquet")
    count = fixes["region"].value_counts()
    assert count["4"] < 100 < count.drop("4").min()
    assert fixes["time"].dt.tz is not None and fixes["time"].min().year == 2019
    regions = region_files.load_regions(raw / "regions.gpkg").set_index("region")
    assert regions.loc["4", "cleared"] is None and regions.loc["1", "cleared"] > "2019-11"
    with rasterio.open(raw / "truth/need.tif") as raster:
        pixels = rasterio.transform.rowcol(raster.transform, fixes.geometry.x, fixes.geometry.y)
        heat = np.zeros(raster.shape)
        np.add.at(heat, tuple(np.asarray(axis, int) for axis in pixels), 1)
        need = raster.read(1)
    worked = np.isfinite(need) & (heat > 0)
    assert np.corrcoef(np.minimum(heat[worked], 45), need[worked])[0, 1] > 0.4


def test_the_97th_percentile_of_fixes_a_pixel_is_that_of_the_study(raw):
    fixes = gpd.read_parquet(raw / "gps.parquet")
    regions = region_files.load_regions(raw / "regions.gpkg").set_index("region")
    values = []
    for number, size in enumerate(TINY.objects, start=1):
        object_fixes = fixes[fixes["region"] == str(number)]
        if len(object_fixes) >= 100:
            left, _, _, top = regions.loc[str(number)].geometry.bounds
            rows, columns = (
                (top // 10 * 10 + 10 - object_fixes.geometry.y) // 10,
                (object_fixes.geometry.x - left // 10 * 10) // 10,
            )
            heat = np.zeros(size)
            np.add.at(heat, (rows.astype(int).clip(0, size[0] - 1), columns.astype(int)), 1)
            values.append(heat.ravel())
    assert 38 < np.percentile(np.concatenate(values), 97) < 52  # Svensson (2020): 45, zeros counted


def test_a_world_without_room_and_a_size_that_does_not_exist_are_refused(tmp_path):
    with pytest.raises(ValueError, match="young|enlarge|room"):
        source.write(tmp_path, layout=WorldLayout(162, 192, scenes=(), stands=200, objects=((20, 20),), town=16))
    with pytest.raises(ValueError, match="quick, full"):
        source.write(tmp_path, size="huge")
    for key, value in {"signal": "loud", "boxes": "round", "stands": "last"}.items():
        with pytest.raises(ValueError, match=f"data.options.{key}='{value}' does not exist; there are"):
            source.write(tmp_path, **{key: value})
    with pytest.raises(ValueError, match="hard_ground=1: a share"):
        source.write(tmp_path, hard_ground=1)
    with pytest.raises(ValueError, match="leave one out"):
        source.write(tmp_path, year=True, dates=DATES)
    with pytest.raises(ValueError, match="makes its own regions"):
        source.write(tmp_path, gpd.GeoDataFrame(geometry=[], crs=4326))
    with pytest.raises(ValueError, match="multiples of 6"):
        WorldLayout(100, 120, scenes=(), stands=1)


def test_stands_of_every_area_have_ids_of_their_own_and_lie_in_their_area(drawn):
    regions = region_files.load_regions(drawn / "regions.gpkg")
    assert regions["region"].is_unique
    stands = regions[regions["role"] == "stand"].set_index("region").sort_index()
    assert list(stands.index) == [f"s{number:03d}" for number in range(1, 11)]
    east = stands.geometry.bounds["minx"] >= 528_000 + 10 * TINY.width
    assert list(east) == [False] * 5 + [True] * 5
    for area, rows in ((drawn / "truth/need.tif", stands[~east]), (drawn / "truth/need_2.tif", stands[east])):
        with rasterio.open(area) as raster:
            need = raster.read(1)
            for row in rows.itertuples():
                inside = rasterio.features.rasterize([row.geometry], raster.shape, transform=raster.transform) > 0
                assert (np.nanmean(need[inside]) > 0.29) == (row.label == "need")


@pytest.mark.slow
def test_a_smaller_data_set_is_the_beginning_of_a_larger_one(drawn, tmp_path):
    source.write(tmp_path, seed=3, layout=TINY, stands="every", dates=DATES, toa=False)
    small, large = hashes(tmp_path), hashes(drawn)
    tifs = [name for name in small if name.endswith(".tif")]
    assert {name: small[name] for name in tifs} == {name: large[name] for name in tifs}
    regions = {folder: region_files.load_regions(folder / "regions.gpkg") for folder in (tmp_path, drawn)}
    few, many = (table.set_index("region") for table in regions.values())
    assert set(few.index) < set(many.index)
    assert few.geometry.geom_equals(many.geometry.loc[few.index]).all()


def test_scenes_on_dates_see_all_of_the_area_under_a_mostly_clear_sky(drawn):
    scenes = list(pystac.Catalog.from_file(drawn / "catalog.json").get_items())
    assert {str(scene.datetime.date()) for scene in scenes} == set(DATES) and len(scenes) == 4
    for scene in scenes:
        assert set(scene.assets) == {*bands.BOA, "SCL", "TCI"}
        with rasterio.open(scene.assets["SCL"].get_absolute_href()) as raster:
            classes = raster.read(1)
        assert (classes > 0).all() and np.isin(classes, [8, 9]).mean() < 0.25


def test_the_sizes_have_the_objects_of_the_study():
    for layout in LAYOUTS.values():
        assert len(layout.objects) == 10
        assert tuple(np.max(layout.objects, axis=0)) == (67, 70)
