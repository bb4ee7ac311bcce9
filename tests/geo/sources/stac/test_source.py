"""The stac source, against a real STAC API and a file server on this machine."""

import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import geopandas as gpd
import numpy as np
import planetary_computer.sas
import planetary_computer.settings
import pytest
import rasterio
import yaml

from rojsat.config import compose, lookup
from rojsat.geo.scenes import catalog
from rojsat.geo.sources.stac import presets
from rojsat.geo.sources.stac import source as stac
from rojsat.geo.vectors import region_files
from tests.support import archive as archives
from tests.support.archive import EAST, NORTH, plane

BANDS = ["B02", "B04", "B05", "SCL", "TCI"]
PERIOD = {"start": "2023-07-01", "end": "2023-07-31"}
QUICK = {"first_wait": 0.01, "tries": 4, "timeout": 20.0}
RAISED = {1: True, 2: False}
"""Whether the 1000 is still in the numbers of each day."""


def of_cdse(archive):
    """An item as CDSE gives it: STAC 1.1, fields of Raster 2, JPEG 2000 in an S3 store."""
    item = archives.item(archive, 3, folder="d3", bands=())
    version = {"processing:version": "05.09", "sat:relative_orbit": 65, "s2:processing_baseline": None}
    item["id"], item["collection"] = item["properties"].pop("s2:product_uri").removesuffix(".SAFE"), "cdse"
    item["properties"] = {k: v for k, v in (item["properties"] | version).items() if v is not None}
    declared = {"nodata": 0, "data_type": "uint16", "raster:scale": 0.0001, "raster:offset": -0.1}
    item["assets"] = {
        "B02_10m": {"href": "s3://files/d3/B02.jp2", "proj:code": "EPSG:32633", "proj:shape": [512, 512]} | declared,
        "B02_60m": {"href": "s3://files/d3/B02_60m.jp2"},
        "SCL_20m": {"href": "s3://files/d3/SCL.jp2", "proj:code": "EPSG:32633", "data_type": "uint8"},
    }
    return item


def of_planetary_computer(archive):
    """An item as the Planetary Computer gives it: signed blobs, scale and offset not declared."""
    names = {band: "visual" if band == "TCI" else band for band in archives.COMMON}
    item = archives.item(archive, 1, folder="d1", names=names)
    item["id"] = "S2A_MSIL2A_20230701T101609_R065_T33VWE_20230701T155151"
    item["collection"] = "planetary"
    del item["properties"]["s2:product_uri"]
    item["properties"]["sat:relative_orbit"] = 65
    for asset in item["assets"].values():
        asset["href"] = asset["href"].replace(archive.url, "http://account.blob.core.windows.net")
        del asset["raster:bands"]
    return item


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Two dates in an archive; both declare the offset -0.1, one of them wrongly."""
    folder = tmp_path_factory.mktemp("archive")
    archive = archives.Archive(folder)
    dated_items = []
    for day, raised in RAISED.items():
        archives.write_tile(folder / f"d{day}", day, raised=raised)
        dated_items.append(archives.item(archive, day, folder=f"d{day}", **{"earthsearch:boa_offset_applied": False}))
    cloudy = archives.item(archive, 9, folder="d1", **{"eo:cloud_cover": 88.0})
    other = archives.item(archive, 10, folder="d1", **{"s2:product_uri": None, "sat:relative_orbit": 22})
    broken = archives.item(archive, 1, folder="d1") | {"collection": "broken", "id": "broken"}
    broken["assets"]["blue"]["proj:shape"] = [10980, 10980]
    archives.write_tile(folder / "d3", 3, raised=True, bands=("B02", "SCL"), jp2=True)
    archive.serve([*dated_items, cloudy, other, broken, of_cdse(archive), of_planetary_computer(archive)])
    yield archive
    archive.close()


@pytest.fixture(autouse=True)
def healthy(request):
    """No fault unless a test injects one."""
    yield
    if "archive" in request.fixturenames:
        archive = request.getfixturevalue("archive")
        archive.faults, archive.requests = lambda path, number: None, []


def fetch(archive, destination, areas=None, **options):
    chosen = {"bands": BANDS, "max_cloud": 50, "relative_orbit": [65]} | options
    if "api" not in chosen:
        chosen["api"] = archive.url
    regions = archives.regions((300, 300), (2600, 1500)) if areas is None else areas
    stac.write(destination, regions, **PERIOD, **QUICK, **chosen)
    return catalog.read(destination)


@pytest.fixture(scope="module")
def complete(archive, tmp_path_factory):
    """Contents of the folder that an uninterrupted call writes."""
    destination = tmp_path_factory.mktemp("complete") / "data"
    fetch(archive, destination)
    return archives.contents(destination)


def test_downloads_the_blocks_that_regions_touch_and_nothing_else(archive, tmp_path):
    scenes = fetch(archive, tmp_path / "data")
    assert [scene.id for scene in scenes] == ["20230701T101609_R065_T33VWE", "20230702T101609_R065_T33VWE"]
    assert [(scene.relative_orbit, scene.crs) for scene in scenes] == [(65, "EPSG:32633")] * 2
    for scene, (day, raised) in zip(scenes, RAISED.items(), strict=True):
        assert set(scene.assets) == set(BANDS)
        for band, asset in scene.assets.items():
            source = plane(band, day, raised)
            with rasterio.open(asset.href) as raster:
                copy, nodata = raster.read(), raster.nodata
            assert copy.shape == source.shape
            assert nodata == 0
            downloaded = (copy != 0).any(axis=0)
            np.testing.assert_array_equal(copy[:, downloaded], source[:, downloaded])
            side = 128 if asset.resolution == 10 else 64  # one 10 m block, in the asset's pixels
            assert downloaded[:side, :side].all()
            assert downloaded[side : 2 * side, 2 * side : 3 * side].all()
            assert not downloaded[-side:].any()
            assert (asset.transform.c, asset.transform.f) == (EAST, NORTH)
    assert all(byte_range is not None for path, byte_range in archive.requests if path.startswith("/files/"))


def test_the_pixels_decide_on_the_offset_and_a_wrong_item_is_warned_of(archive, tmp_path, caplog):
    with caplog.at_level(logging.INFO, logger="rojsat"):
        first, second = fetch(archive, tmp_path / "data")
    assert (first.assets["B02"].scale, first.assets["B02"].offset) == (1e-4, -0.1)
    assert (second.assets["B02"].scale, second.assets["B02"].offset) == (1e-4, 0.0)
    assert (first.assets["SCL"].scale, first.assets["SCL"].offset) == (1.0, 0.0)
    warned = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warned) == 1
    assert warned[0].startswith(f"{second.id}: offset 0 is used")
    assert "its assets declare -0.1 and earthsearch:boa_offset_applied is false" in warned[0]
    assert f"{first.id} (S2A_33VWE_20230701_0_L2A): offset -0.1" in caplog.text


def test_the_option_forces_the_offset(archive, tmp_path):
    scenes = fetch(archive, tmp_path / "data", offset=-0.1, bands=["B02", "B05"])
    assert [scene.assets["B05"].offset for scene in scenes] == [-0.1, -0.1]


FAULTS = {
    "errors": ["500", "500"],
    "resets": ["reset", "reset"],
    "truncated bodies": ["truncated", "truncated"],
    "wrong ranges": ["shifted"],
    "all of them": ["reset", "truncated", "500"],
}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
def test_faults_of_the_file_server_change_nothing(archive, complete, tmp_path, faults):
    archive.faults = lambda path, number: faults[number] if path.startswith("/files") and number < len(faults) else None
    fetch(archive, tmp_path / "data")
    assert archives.contents(tmp_path / "data") == complete


@pytest.mark.parametrize("fault", ["500", "reset", "truncated"])
def test_faults_of_the_api_change_nothing(archive, complete, tmp_path, fault):
    archive.faults = lambda path, number: fault if not path.startswith("/files") and number < 2 else None
    fetch(archive, tmp_path / "data")
    assert archives.contents(tmp_path / "data") == complete


@pytest.mark.parametrize("slow_path", ["/files/d1/B02.tif", "/search"])
def test_waits_as_long_as_the_server_asks(archive, tmp_path, slow_path):
    archive.faults = lambda path, number: "429" if path == slow_path and number == 0 else None
    began = time.monotonic()
    fetch(archive, tmp_path / "data", bands=["B02"])
    assert time.monotonic() - began >= 1.0


@pytest.mark.parametrize("fault", ["500", "reset", "truncated", "shifted"])
def test_a_server_that_never_delivers_is_given_up_and_no_incomplete_file_stays(archive, complete, tmp_path, fault):
    archive.faults = lambda path, number: fault if path.endswith("d2/B05.tif") else None
    with pytest.raises(ValueError, match=r"d2/B05\.tif.*tries: 4\).*same command goes on"):
        fetch(archive, tmp_path / "data", connections=1)
    left = archives.contents(tmp_path / "data")
    final = {name: content for name, content in left.items() if not name.rpartition("/")[2].startswith(".")}
    assert final.items() <= complete.items()
    assert "catalog.json" not in final
    assert len([name for name in final if name.endswith(".tif")]) >= 7
    archive.faults, archive.requests = lambda path, number: None, []
    fetch(archive, tmp_path / "data")
    assert archives.contents(tmp_path / "data") == complete
    assert archive.asked("/search") == []  # the items are those of the first call
    assert archive.asked("d1/B02") == []


def test_an_api_that_never_answers_is_given_up(archive, tmp_path):
    archive.faults = lambda path, number: "500" if not path.startswith("/files") else None
    with pytest.raises(ValueError, match=r"search at .* failed: .*500.*run the same command later"):
        fetch(archive, tmp_path / "data")


def test_a_server_that_dies_in_the_middle(archive, complete, tmp_path):
    def die(path, number):
        if path.endswith("d2/B02.tif") and number == 1:
            archive.stop()
            return "reset"
        return None

    archive.faults = die
    with pytest.raises(ValueError, match="same command goes on"):
        fetch(archive, tmp_path / "data", connections=1)
    archive.faults = lambda path, number: None
    archive.start(archive.port)
    fetch(archive, tmp_path / "data")
    assert archives.contents(tmp_path / "data") == complete


KILLED = """
from tests.geo.sources.stac import test_source
class Archive: url = {url!r}
test_source.fetch(Archive, __import__("pathlib").Path({destination!r}), connections=2)
"""


@pytest.mark.slow
def test_killed_in_the_middle_the_next_call_goes_on(archive, complete, tmp_path):
    archive.faults = lambda path, number: "slow" if path.startswith("/files") else None
    program = KILLED.format(url=archive.url, destination=str(tmp_path / "data"))
    process = subprocess.Popen([sys.executable, "-c", program])
    while not list(tmp_path.rglob("2*/[A-Z]*.tif")):
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    done = list(tmp_path.rglob("2*/[A-Z]*.tif"))
    assert len(done) < 2 * len(BANDS)
    archive.faults, archive.requests = lambda path, number: None, []
    fetch(archive, tmp_path / "data")
    assert archives.contents(tmp_path / "data") == complete
    days = {"20230701": "d1", "20230702": "d2"}
    assert not any(archive.asked(f"{days[path.parent.name[:8]]}/{path.name}") for path in done)


def test_an_incomplete_file_of_a_killed_process_is_replaced(archive, complete, tmp_path):
    folder = tmp_path / "data" / "20230701T101609_R065_T33VWE"
    folder.mkdir(parents=True)
    (folder / ".B02.tif.partial").write_bytes(b"II*\0" + b"\xff" * 5000)
    (tmp_path / "data" / ".search.json.partial").write_text('{"asked":')
    fetch(archive, tmp_path / "data")
    assert archives.contents(tmp_path / "data") == complete


def test_a_file_of_another_request_is_not_taken_for_this_one(archive, complete, tmp_path):
    fetch(archive, tmp_path / "data", archives.regions((300, 300)))
    (tmp_path / "data" / "catalog.json").unlink()
    fetch(archive, tmp_path / "data")
    again = archives.contents(tmp_path / "data")
    assert {name for name in complete if again[name] != complete[name]} == set()


def test_a_replaced_file_is_an_error(archive, tmp_path):
    archive.faults = lambda path, number: "other" if path.endswith("d1/B02.tif") and number > 0 else None
    with pytest.raises(ValueError, match="was replaced while it was read"):
        fetch(archive, tmp_path / "data", bands=["B02"])


def test_a_server_without_ranges_is_an_error(archive, tmp_path):
    archive.faults = lambda path, number: "no ranges" if path.startswith("/files") else None
    with pytest.raises(ValueError, match="sends complete files only"):
        fetch(archive, tmp_path / "data", bands=["B02"])


def test_the_same_whatever_the_order_of_arrival(archive, complete, tmp_path):
    archive.faults = lambda path, number: "slow" if path.endswith(("d1/B02.tif", "d2/TCI.tif")) else None
    fetch(archive, tmp_path / "data", connections=7)
    assert archives.contents(tmp_path / "data") == complete


def test_a_buffer_downloads_more(archive, tmp_path):
    scenes = fetch(archive, tmp_path / "data", archives.regions((1050, 1050), side=100), buffer=200, bands=["B02"])
    with rasterio.open(scenes[0].assets["B02"].href) as raster:
        assert (raster.read(1)[:256, :256] != 0).all()  # from 85 to 135: both sides of 128
    scenes = fetch(archive, tmp_path / "bare", archives.regions((1050, 1050), side=100), buffer=0, bands=["B02"])
    with rasterio.open(scenes[0].assets["B02"].href) as raster:
        assert (raster.read(1) != 0).sum() == 128 * 128


def test_an_area_without_regions_becomes_the_regions(archive, tmp_path):
    archives.regions((300, 300))[["geometry"]].to_file(tmp_path / "area.geojson")
    options = {"api": archive.url, "bands": ["B02"], "area": "area.geojson", "root": tmp_path}
    stac.write(tmp_path / "data", None, **PERIOD, **QUICK, **options)
    regions = region_files.load_regions(tmp_path / "data" / "regions.gpkg")
    assert list(regions["role"]) == ["control"]
    assert regions.crs == "EPSG:32633"


def test_cloud_orbit_and_period_choose(archive, tmp_path):
    def days(**options):
        name = "_".join(f"{value}" for value in options.values())
        return [scene.datetime.day for scene in fetch(archive, tmp_path / name, bands=["B02"], **options)]

    assert days(max_cloud=100) == [1, 2, 9]
    assert days(max_cloud=100, relative_orbit=[22]) == [10]
    assert days(max_cloud=100, relative_orbit=None) == [1, 2, 9, 10]


def test_nothing_found_says_what_was_asked_and_what_to_relax(archive, tmp_path):
    with pytest.raises(ValueError, match=r"2023-07-01 to 2023-07-31.*1 too cloudy \(relax max_cloud\), 3 other orbits"):
        fetch(archive, tmp_path / "data", max_cloud=2, relative_orbit=[108], bands=["B02"])


def test_no_overlap(archive, tmp_path):
    far = gpd.GeoDataFrame(archives.regions((0, 0)), geometry=archives.regions((900000, 0)).geometry.to_numpy())
    with pytest.raises(ValueError, match=r"no item is left of 0 .* the API has none: widen start and end"):
        fetch(archive, tmp_path / "data", far)


def test_a_region_beside_the_area_is_an_error(archive, tmp_path):
    archives.regions((300, 300))[["geometry"]].to_file(tmp_path / "area.geojson")
    with pytest.raises(ValueError, match="no region lies in the area"):
        fetch(archive, tmp_path / "data", archives.regions((2600, 1500)), area=tmp_path / "area.geojson")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"api": "earth_serch"}, "Did you mean 'earth_search'"),
        ({"bands": ["B02", "B10"]}, "band 'B10' does not exist"),
        ({"bands": ["B05", "SCL"]}, "one with 10 m pixels"),
        ({"bands": ["B02", "B02"]}, "named twice"),
        ({"offset": "none"}, "must be `auto` or a number"),
        ({"max_cloud": 101}, "0 to 100 percent"),
        ({"connections": 0}, "at least 1"),
        ({"signing": "plain"}, "signing 'plain' does not exist"),
        ({"relative_orbit": [144]}, "do not exist"),
        ({"bands": ["B02", "B08"]}, "no item has all of B02, B08.*lacks B08; it has blue"),
    ],
)
def test_wrong_options_are_errors_before_anything_is_downloaded(archive, tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        fetch(archive, tmp_path / "data", **options)
    assert archive.asked("/files") == []


def test_cdse_without_keys_is_an_error_at_once(archive, tmp_path, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ValueError, match="lacks AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.*run the same command"):
        fetch(archive, tmp_path / "data", api="cdse")


def test_an_open_period_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="start and end must be days"):
        stac.write(tmp_path, archives.regions((0, 0)), start="2023-07-01", end=None)


def test_the_template_names_options_that_there_are():
    template = yaml.safe_load((compose.ROOT / "experiments" / "data" / "stac.yaml").read_text())
    lookup.bind(stac.write, template["options"], "source stac")
    assert template["source"] == "stac"


def test_neither_regions_nor_area_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="name regions"):
        stac.write(tmp_path, None, **PERIOD)


def test_a_file_of_another_size_than_announced_is_an_error(archive, tmp_path):
    with pytest.raises(ValueError, match="is not what its item announces: shape"):
        fetch(archive, tmp_path / "data", bands=["B02"], collection="broken")


def test_a_disk_that_refuses_is_an_error_and_leaves_no_file(archive, tmp_path, monkeypatch):
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))
    try:
        with pytest.raises(ValueError, match="cannot be written"):
            fetch(archive, tmp_path / "data", bands=["B02"], connections=1)
        monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 1 << 20}))
        with pytest.raises(ValueError, match=r"disk of .* is full \(1 MiB left\)"):
            fetch(archive, tmp_path / "data", bands=["B02"], connections=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.rglob("2*/[A-Z]*.tif"))


def test_cdse_in_full(archive, tmp_path, monkeypatch):
    monkeypatch.setitem(presets.PRESETS, "cdse", replace(presets.PRESETS["cdse"], url=archive.url))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_S3_ENDPOINT", archive.url.removeprefix("http://"))
    monkeypatch.setenv("AWS_HTTPS", "NO")
    monkeypatch.setattr(archive, "token", "X-Amz-Signature")
    (scene,) = fetch(archive, tmp_path / "data", api="cdse", collection="cdse", bands=["B02", "SCL"])
    assert (scene.id, scene.assets["B02"].offset) == ("20230703T101609_R065_T33VWE", -0.1)
    for band, side in (("B02", 128), ("SCL", 64)):
        with rasterio.open(scene.assets[band].href) as raster:
            np.testing.assert_array_equal(raster.read()[:, :side, :side], plane(band, 3, True)[:, :side, :side])


def test_the_planetary_computer_in_full(archive, tmp_path, monkeypatch):
    known = presets.PRESETS["planetary_computer"]
    monkeypatch.setitem(presets.PRESETS, "planetary_computer", replace(known, url=archive.url))
    monkeypatch.setenv("PC_SDK_SAS_URL", f"{archive.url}/token")
    monkeypatch.setenv("http_proxy", archive.url)  # so that blobs are asked of this machine
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(archive, "token", "sig=abc")
    monkeypatch.setattr(planetary_computer.sas, "TOKEN_CACHE", {})
    planetary_computer.settings.Settings.get.cache_clear()
    (scene,) = fetch(archive, tmp_path / "data", api="planetary_computer", collection="planetary")
    planetary_computer.settings.Settings.get.cache_clear()
    assert (scene.id, scene.assets["B04"].offset) == ("20230701T101609_R065_T33VWE", -0.1)
    assert set(scene.assets) == set(BANDS)
    assert archive.asked("/token") == ["/token/account/files"]
    with rasterio.open(scene.assets["B04"].href) as raster:
        assert "sig" not in str(raster.tags())
    assert "sig=abc" not in (tmp_path / "data" / "search.json").read_text()
