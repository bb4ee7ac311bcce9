import logging
import shutil
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pystac
import pytest
import rasterio
import yaml
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from rojsat.config.lookup import UnknownNameError
from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.cog import write_cog
from rojsat.geo.sources import _sen2r_names, sen2r
from rojsat.geo.vectors import region_files

EXPERIMENTS = Path(__file__).parents[3] / "experiments"
BOA = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B09", "B11", "B12")
TOA = (*BOA[:9], "B10", *BOA[9:])
KINDS = {
    "BOA": (11, np.uint16, 10, 65535),
    "TOA": (12, np.uint16, 10, 65535),
    "SCL": (1, np.uint8, 20, 0),
    "TCI": (3, np.uint8, 10, 0),
    "CLD": (1, np.uint8, 20, 255),
    "NDVI": (1, np.int16, 10, -32768),
    "RGB432B": (3, np.uint8, 10, 0),
    "AOT": (1, np.int16, 10, -32768),
}


def tif(folder, name, product=None, **damage):
    """Write a file of sen2r's; band n of a reflectance holds 1000 n."""
    kind = dict(zip(("count", "dtype", "metres", "nodata"), KINDS[product or name.split("_")[4]], strict=True))
    kind |= {"crs": "EPSG:32632", "left": 580560} | damage
    side = 120 // kind["metres"]
    array = np.ones((kind["count"], side, side), kind["dtype"])
    if kind["dtype"] == np.uint16:
        array *= (1000 * np.arange(1, kind["count"] + 1, dtype=np.uint16))[:, None, None]
    metres = kind["metres"]
    transform = Affine(metres, 0, kind["left"], 0, -metres, 5102120)
    return write_cog(folder / name, array, transform=transform, crs=kind["crs"], nodata=kind["nodata"])


@pytest.fixture
def root(tmp_path):
    """Two dates of one site, the second without TOA, in one folder a product."""
    folder = tmp_path / "in"
    for product in ("BOA", "SCL", "TCI", "CLD", "NDVI", "RGB432B", "AOT"):
        tif(folder, f"{product}/S2A2A_20190723_022_Umeå_{product}_10.tif", product)
    for product in ("TOA", "NDVI"):
        tif(folder, f"{product}/S2A1C_20190723_022_Umeå_{product}_10.tif", product)
    tif(folder, "BOA/S2B2A_20190801_065_Umeå_BOA_10.tif", "BOA")
    return folder


def written(root, regions=None, **options):
    raw = root.parent / "raw"
    raw.mkdir(exist_ok=True)
    sen2r.write(raw, regions, root=root, **options)
    return catalog.read(raw)


def test_files_of_one_date_orbit_and_site_are_one_scene(root, caplog):
    with caplog.at_level(logging.INFO):
        first, second = written(root)
    assert [first.id, second.id] == ["Ume-_2019-07-23_022_S2A", "Ume-_2019-08-01_065_S2B"]
    assert (first.relative_orbit, first.datetime.date(), first.crs) == (22, date(2019, 7, 23), "EPSG:32632")
    assert (first.boa, first.toa, second.boa, second.toa) == (BOA, TOA, BOA, ())
    assert (first.assets["B11"].band, first.assets["TOA-B11"].band) == (10, 11)
    asset = first.assets["B12"]
    assert (asset.scale, asset.offset, asset.nodata, asset.resolution) == (1e-4, 0, 65535, 10)
    assert (first.assets["SCL"].resolution, first.assets["SCL"].scale, first.assets["TCI"].scale) == (20, 1, 1)
    assert "2 files are left out" in caplog.text and "RGB432B" in caplog.text and "AOT" in caplog.text
    regions = region_files.load_regions(root.parent / "raw/regions.gpkg")
    assert regions[["region", "role"]].to_numpy().tolist() == [["Umeå", "clearing"]]
    assert regions.geometry[0].bounds == (580560, 5102000, 580680, 5102120)


def test_indices_and_cloud_probability_are_listed_beside(root):
    written(root)
    stac_catalog = pystac.Catalog.from_file(str(root.parent / "raw/catalog.json"))
    item = stac_catalog.get_item("Ume-_2019-07-23_022_S2A")
    bands = {name: item.assets[name].extra_fields["raster:bands"][0] for name in ("NDVI", "TOA-NDVI", "CLDPRB")}
    assert {name: (band["data_type"], band["scale"]) for name, band in bands.items()} == {
        "NDVI": ("int16", 1e-4),
        "TOA-NDVI": ("int16", 1e-4),
        "CLDPRB": ("uint8", 1.0),
    }


@pytest.mark.parametrize(
    "options", [{"start": "2019-08-01"}, {"orbits": [65]}, {"sites": ["Umeå"], "start": "2019-07-24"}]
)
def test_dates_orbits_and_sites_may_be_chosen(root, options):
    tif(root, "S2A2A_20190710_022__BOA_10.tif", "BOA", left=590000)
    assert [scene.id for scene in written(root, **options)] == ["Ume-_2019-08-01_065_S2B"]
    assert {scene.id[:4] for scene in written(root)} == {"Ume-", "all_"}


def test_a_date_whose_boa_was_held_back_is_left_out_and_named(root, caplog):
    tif(root, "S2A2A_20190802_022_Umeå_SCL_10.tif", "SCL")
    assert len(written(root)) == 2
    assert "S2A2A_20190802_022_Umeå_SCL_10 is left out: it has neither BOA nor TOA" in caplog.text


def test_regions_that_are_given_are_checked_and_not_made(root):
    regions = gpd.GeoDataFrame({"region": ["1"]}, geometry=[box(580600, 5102050, 580620, 5102070)], crs="EPSG:32632")
    assert len(written(root, regions.to_crs("EPSG:4326"))) == 2
    assert not (root.parent / "raw/regions.gpkg").exists()
    with pytest.raises(ValueError, match="no scene touches any region"):
        written(root, regions.set_geometry(regions.translate(5000)))


BAD = "BOA/S2B2A_20190801_065_Umeå_BOA_10.tif"


def shorten(path):
    path.write_bytes(path.read_bytes()[:300])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: tif(f, BAD, "BOA", count=10), r"BOA_10.tif holds 10 bands of .*, not 11 as sen2r's"),
        (lambda f: tif(f, BAD, "BOA", dtype=np.float32), r"BOA_10.tif holds 11 bands of \{'float32'\}"),
        (lambda f: tif(f, BAD, "BOA", crs=None), "BOA_10.tif has no coordinate system"),
        (lambda f: tif(f, BAD, "BOA", left=580565), "site 'Umeå' lies on two grids"),
        (lambda f: tif(f, BAD, "BOA", metres=20), "has no asset with 10 m pixels"),
        (
            lambda f: tif(f, "S2B2A_20190801_065_Umeå_SCL_10.tif", "SCL", crs="EPSG:32633"),
            "SCL_10.tif is in EPSG:32633",
        ),
        (lambda f: shorten(f / BAD), "BOA_10.tif (cannot be opened as a raster|is cut short)"),
        (lambda f: shutil.copytree(f / "BOA", f / "again"), "have one name"),
    ],
)
def test_a_file_that_does_not_fit_its_name_is_refused(root, damage, message):
    damage(root)
    with pytest.raises(ValueError, match=message):
        written(root)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"root": Path("nowhere")}, ValueError, "nowhere is no folder: data.root"),
        ({"sites": ["Umea"]}, UnknownNameError, "Did you mean 'Umeå'"),
        (
            {"start": "2020-01-01"},
            ValueError,
            r"there are sites \['Umeå'\], 2019-07-23 to 2019-08-01, .* orbits 22, 65",
        ),
        ({"role": "stands"}, UnknownNameError, "Did you mean 'stand'"),
    ],
)
def test_options_that_do_not_fit_are_refused(root, tmp_path, monkeypatch, options, error, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        written(**({"root": root} | options))


def test_a_folder_without_reflectance_is_refused_with_what_there_is(tmp_path):
    tif(tmp_path / "in", "S2A2A_20190802_022_Umeå_SCL_10.tif", "SCL")
    tif(tmp_path / "in", "S2A2A_20190802_022_Umeå_BOA_20.tif", "BOA", metres=20)
    with pytest.raises(ValueError, match=r"holds no BOA or TOA .* are: S2A2A_20190802_022_Umeå_BOA_20.tif"):
        written(tmp_path / "in")


def test_real_output_is_read_and_its_bands_give_its_indices(real, tmp_path):
    options = yaml.safe_load((EXPERIMENTS / "data/sen2r.yaml").read_text())["options"]
    sen2r.write(tmp_path, None, root=real / "sen2r", **options)
    scenes = catalog.read(tmp_path)
    assert [scene.id for scene in scenes] == ["Barbellino_2017-07-03_022_S2A", "Barbellino_2019-07-23_022_S2A"]
    items = {item.id: item for item in pystac.Catalog.from_file(str(tmp_path / "catalog.json")).get_items()}
    for scene in scenes:
        assert (scene.boa, scene.toa) == (BOA, TOA)
        index = items[scene.id].assets["NDVI"]
        near, red = (stored(scene.assets[band].href, scene.assets[band].band) for band in ("B08", "B04"))
        near, red = (scene.assets["B08"].scale * plane.astype(float) for plane in (near, red))
        ndvi = stored(index.href, 1) * index.extra_fields["raster:bands"][0]["scale"]
        seen = stored(index.href, 1) != -32768
        assert seen.mean() > 0.5
        np.testing.assert_allclose(((near - red) / (near + red))[seen], ndvi[seen], atol=6e-5)


def stored(href, band):
    with rasterio.open(href) as raster:
        return raster.read(band)


NAMES = st.builds(
    _sen2r_names.FileName,
    day=st.dates(date(2015, 6, 23), date(2060, 1, 1)).map(pd.Timestamp),
    orbit=st.integers(1, 143),
    site=st.from_regex(r"[^_./]*", fullmatch=True),
    mission=st.sampled_from(["S2A", "S2B", "S2C"]),
    level=st.sampled_from(["1C", "2A"]),
    product=st.sampled_from(["BOA", "TOA", "SCL", "MSAVI2", "RGBb84B", "NDRE-2"]),
    resolution=st.sampled_from([10, 20, 60]),
)


@given(NAMES)
def test_names_come_back_as_they_were(name):
    assert _sen2r_names.parse_name(str(name)) == name


@given(st.text() | st.from_regex(r"S2[A-D][12][AC]_\d{8}_\d{3}_[^_]*_\w+_[126]0", fullmatch=True))
def test_any_text_is_a_name_or_refused(text):
    try:
        name = _sen2r_names.parse_name(text)
    except ValueError:
        return
    assert str(name) == text
