import io
import logging
import os
import shutil
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pystac
import pytest
import rasterio
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from shapely.geometry import box

from rojsat.chips.bands import BOA, TOA
from rojsat.config.lookup import UnknownNameError
from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.planes import Reader
from rojsat.geo.sources._rasters import check_jp2
from rojsat.geo.sources.safe import metadata, product_files, source
from tests.support import safe_products

EAST, NORTH = safe_products.EAST, safe_products.NORTH
REGIONS = gpd.GeoDataFrame(
    {"region": ["1"], "role": "control", "label": None, "cleared": None},
    geometry=[box(EAST + 100, NORTH - 300, EAST + 200, NORTH - 100)],
    crs=safe_products.CRS,
).to_crs("EPSG:4326")
HALF = 0.5e-4 + 1e-9  # reflectance: half of a stored step


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """L1C and L2A of one tile and time, before the offset; never changed."""
    folder = tmp_path_factory.mktemp("pair")
    for level in ("L1C", "L2A"):
        safe_products.write_product(folder, level=level, baseline="02.13")
    return folder


@pytest.fixture
def folder(pair, tmp_path):
    return shutil.copytree(pair, tmp_path / "in")


def written(folder, regions=REGIONS, **options):
    raw = folder.parent / "raw"
    source.write(raw, regions, root=folder, **options)
    return catalog.read(raw)


def reflectance(asset):
    with rasterio.open(asset.href) as raster:
        assert (raster.shape, raster.transform) == (asset.shape, asset.transform)
        stored = raster.read(asset.band)
    return np.where(stored == asset.nodata, np.nan, stored * asset.scale + asset.offset)


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("level", ["L1C", "L2A"])
@pytest.mark.parametrize(("baseline", "quantification"), [("02.13", 10000), ("04.00", 10000), ("05.11", 20000)])
def test_the_same_ground_gives_the_same_reflectance(tmp_path, level, baseline, quantification, zipped):
    truth = safe_products.ground()
    truth["B02"][:2, :3] = np.nan
    options = {"level": level, "baseline": baseline, "quantification": quantification, "zipped": zipped}
    safe_products.write_product(tmp_path / "in", ground=truth, **options)
    (scene,) = written(tmp_path / "in")
    assert scene.boa == (() if level == "L1C" else BOA)
    assert scene.toa == (TOA if level == "L1C" else ())
    for band in safe_products.BANDS[level]:
        asset = scene.assets[f"TOA-{band}" if level == "L1C" else band]
        np.testing.assert_allclose(reflectance(asset), truth[band], rtol=0, atol=HALF)


def test_l1c_and_l2a_are_one_scene_and_read_as_one(folder):
    (scene,) = written(folder)
    assert scene.id == "20190723T101031_S2A_R022_T33VXG"
    assert (scene.relative_orbit, scene.crs) == (22, "EPSG:32633")
    assert scene.datetime.floor("s") == pd.Timestamp("2019-07-23T10:10:31Z")
    assert "MSIL2A" in scene.assets["TCI"].href
    grid = GeoBox((20, 20), Affine(10, 0, EAST + 100, 0, -10, NORTH - 100), scene.crs)
    with Reader(scene, "nearest") as reader:
        arrays, units = reader.read(grid), reader.units
    seen = arrays["boa"][BOA.index("B04")] * units["scale"] + units["offset"]
    truth = safe_products.ground()
    np.testing.assert_allclose(seen, truth["B04"][10:30, 10:30], atol=HALF)
    seen = arrays["toa"][TOA.index("B10")] * units["toa_scale"] + units["toa_offset"]
    rows, cols = np.meshgrid((np.arange(10, 30)) // 6, (np.arange(10, 30)) // 6, indexing="ij")
    np.testing.assert_allclose(seen, truth["B10"][rows, cols], atol=HALF)
    np.testing.assert_array_equal(np.unique(arrays["scl"]), [4])
    assert arrays["tci"].min() > 0


def test_cloud_probability_is_listed_beside(folder):
    (scene,) = written(folder)
    (item,) = pystac.Catalog.from_file(str(folder.parent / "raw/catalog.json")).get_items()
    assert "CLDPRB" not in scene.assets
    assert item.assets["CLDPRB"].href.endswith("QI_DATA/MSK_CLDPRB_20m.jp2")
    assert item.assets["CLDPRB"].extra_fields["proj:shape"] == [30, 30]


def test_of_several_baselines_the_newest_is_taken_and_the_others_are_named(folder, caplog):
    safe_products.write_product(folder, level="L2A", baseline="05.00", generated="20230801T120000")
    with caplog.at_level(logging.WARNING):
        (scene,) = written(folder)
    assert "N0500" in scene.assets["B02"].href and "N0213" in scene.assets["TOA-B02"].href
    assert (scene.assets["B02"].offset, scene.assets["TOA-B02"].offset) == (-0.1, 0)
    assert len(caplog.messages) == 1 and "MSIL2A_20190723T101031_N0213" in caplog.messages[0].split("left out")[0]


def test_of_a_folder_and_its_zip_file_the_folder_is_taken(folder, caplog):
    (product,) = folder.glob("*MSIL2A*.SAFE")
    copy = shutil.copytree(product, folder / "again" / product.name)
    safe_products.zip_product(copy)
    (scene,) = written(folder)
    assert scene.assets["B02"].href.startswith(str(product))
    assert "again" in caplog.text


def test_a_tile_in_two_datastrips_is_two_scenes(folder):
    for level in ("L1C", "L2A"):
        options = {"strip": "20190723T101900", "generated": "20230801T120001"}
        safe_products.write_product(folder, level=level, baseline="02.13", **options)
    first, second = written(folder)
    assert (first.id[-16:], second.id[-16:]) == ("_20190723T101347", "_20190723T101900")
    assert first.toa == second.toa == TOA and first.boa == second.boa == BOA
    assert "T101900" in second.assets["B02"].href and "T101900" in second.assets["TOA-B02"].href


def test_products_with_long_names_hold_several_tiles(tmp_path):
    tiles = {"33VXG": (EAST, NORTH), "33VXF": (EAST, NORTH - 600)}
    safe_products.write_long_product(tmp_path / "in", tiles=tiles)
    scenes = written(tmp_path / "in")
    assert [scene.id[-6:] for scene in scenes] == ["T33VXF", "T33VXG"]
    np.testing.assert_allclose(reflectance(scenes[1].assets["TOA-B8A"]), safe_products.ground()["B8A"], atol=HALF)
    assert [scene.grid.affine.f for scene in scenes] == [NORTH - 600, NORTH]
    assert [scene.id[-6:] for scene in written(tmp_path / "in", tiles=["T33VXG"])] == ["T33VXG"]


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"levels": ["L2A"]}, 1),
        ({"start": "2019-07-24"}, 1),
        ({"end": "2019-07-23"}, 1),
        ({"orbits": [65]}, 1),
        ({"start": "2019-07-23", "end": "2019-08-01", "orbits": [22, 65], "tiles": ["33VXG"]}, 2),
    ],
)
def test_what_is_not_selected_is_not_opened(folder, options, count):
    other = safe_products.write_product(folder, level="L1C", sensing="20190801T100031", orbit=65)
    if count == 1 and "start" not in options and "orbits" not in options:
        (other / "MTD_MSIL1C.xml").write_text("broken")
    assert len(written(folder, **options)) == count


def test_bands_may_be_chosen_and_the_others_may_lack(folder):
    for path in folder.rglob("*_B09*.jp2"):
        path.unlink()
    (scene,) = written(folder, bands=["B02", "B10", "B11"])
    assert scene.boa == ("B02", "B11") and scene.toa == ("B02", "B10", "B11")


def test_l2a_as_esa_made_it_until_2018_is_read(tmp_path):
    """Before baseline 02.07 some elements had other names, and images began with their level."""
    root = safe_products.write_product(tmp_path / "in", baseline="02.05", generated="20180101T120000")
    for path in [*root.rglob("T33VXG_*.jp2")]:
        path.rename(path.with_name(f"L2A_{path.name}"))
    (root / "GRANULE").joinpath("L2A_T33VXG_A021323_20190723T101347/QI_DATA/MSK_CLDPRB_20m.jp2").rename(
        root / "GRANULE/L2A_T33VXG_A021323_20190723T101347/QI_DATA/L2A_T33VXG_20190723T101031_CLD_20m.jp2"
    )
    edit(tmp_path / "in", "MTD_MSIL2A.xml", "BOA_QUANTIFICATION", "L2A_BOA_QUANTIFICATION")
    edit(tmp_path / "in", "MTD_MSIL2A.xml", "IMAGE_FILE>", "IMAGE_FILE_2A>")
    edit(tmp_path / "in", "MTD_MSIL2A.xml", "/T33VXG_", "/L2A_T33VXG_")
    for name in ("TILE_ID", "DATASTRIP_ID"):
        edit(tmp_path / "in", "MTD_TL.xml", f"<{name} ", f"<{name}_2A ")
        edit(tmp_path / "in", "MTD_TL.xml", f"</{name}>", f"</{name}_2A>")
    (scene,) = written(tmp_path / "in")
    assert scene.boa == BOA and {"SCL", "TCI"} <= scene.assets.keys()
    np.testing.assert_allclose(reflectance(scene.assets["B8A"]), safe_products.ground()["B8A"], atol=HALF)


def path_of(folder, name, level="L2A"):
    (path,) = folder.glob(f"*MSI{level}*.SAFE/**/{name}")
    return path


def edit(folder, name, before, after):
    path = path_of(folder, name)
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def cut(path, part=0.6):
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])


def rewrite(folder, array, metres=10, crs=safe_products.CRS, corner=(EAST, NORTH)):
    safe_products.write_jp2(path_of(folder, "*_B04_10m.jp2"), array, metres, crs=crs, corner=corner)


PLANE = np.ones((60, 60), np.uint16)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: path_of(f, "*_B05_20m.jp2").unlink(), r"lacks GRANULE/.*_B05_20m.jp2, which its XML lists"),
        (lambda f: cut(path_of(f, "*_B04_10m.jp2")), r"_B04_10m.jp2 is cut short"),
        (lambda f: cut(path_of(f, "*_SCL_20m.jp2"), 0.002), r"_SCL_20m.jp2 is no JPEG 2000 file"),
        (lambda f: path_of(f, "*_B04_10m.jp2").write_bytes(b"<html>" * 99), r"_B04_10m.jp2 is no JPEG 2000 file"),
        (lambda f: rewrite(f, PLANE[:, :58]), r"_B04_10m.jp2 does not fit the XML .*\(60, 58\)"),
        (lambda f: rewrite(f, PLANE.astype(np.uint8)), r"does not fit the XML .*uint8"),
        (lambda f: rewrite(f, PLANE, crs="EPSG:32634"), r"does not fit the XML .*EPSG:32634"),
        (lambda f: rewrite(f, PLANE, corner=(EAST + 10, NORTH)), r"does not fit the XML .*600010"),
        (lambda f: rewrite(f, PLANE, crs=None), r"_B04_10m.jp2 does not fit the XML .*LOCAL_CS"),
        (lambda f: cut(path_of(f, "MTD_TL.xml")), r"MTD_TL.xml is no complete XML file"),
        (lambda f: path_of(f, "MTD_MSIL2A.xml").unlink(), r"has 0 main XML files"),
        (lambda f: path_of(f, "MTD_TL.xml").unlink(), r"and 0 of tiles"),
        (lambda f: edit(f, "MTD_MSIL2A.xml", "ORBIT_NUMBER>22<", "ORBIT_NUMBER>144<"), r"relative orbit 144"),
        (lambda f: edit(f, "MTD_MSIL2A.xml", "BOA_QUANT", "QUANT"), r"no element BOA_QUANTIFICATION_VALUE or L2A_BOA"),
        (lambda f: edit(f, "MTD_MSIL2A.xml", "<PROCESSING_BASELINE>02.13", "<PROCESSING_BASELINE>04.00"), "must have"),
        (lambda f: edit(f, "MTD_MSIL2A.xml", "NODATA", "NONE"), "does not name its NODATA"),
        (lambda f: edit(f, "MTD_MSIL2A.xml", "User_Product", "Product"), "no metadata of a Sentinel-2 product"),
        (lambda f: edit(f, "MTD_TL.xml", "<ULX>600000", "<ULX>600060"), "are one tile, but on two grids"),
        (lambda f: edit(f, "MTD_TL.xml", "EPSG:32633", "EPSG:4326"), "says 'EPSG:4326'"),
        (lambda f: edit(f, "MTD_TL.xml", "Geoposition", "Position"), "has no Size or Geoposition"),
    ],
)
def test_a_broken_product_is_an_error_that_names_the_file(folder, damage, message):
    damage(folder)
    with pytest.raises(ValueError, match=message):
        written(folder)
    assert not (folder.parent / "raw/catalog.json").exists()


def test_bands_that_differ_in_their_offsets_are_refused(tmp_path):
    safe_products.write_product(tmp_path / "in")
    edit(tmp_path / "in", "MTD_MSIL2A.xml", 'band_id="3">-1000', 'band_id="3">-900')
    with pytest.raises(ValueError, match="its bands differ in their offsets"):
        written(tmp_path / "in")


def test_a_broken_zip_file_is_an_error_that_names_it(tmp_path):
    path = safe_products.write_product(tmp_path / "in", baseline="05.00", zipped=True)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    scl = next(name for name in files if name.endswith("_SCL_20m.jp2"))
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content[:-200] if name == scl else content)
    with pytest.raises(ValueError, match=r"/vsizip/.*\.SAFE\.zip/.*_SCL_20m.jp2 is cut short"):
        written(tmp_path / "in")
    cut(path)
    with pytest.raises(ValueError, match=r"SAFE\.zip is no complete zip file"):
        written(tmp_path / "in")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(ValueError, match=r"SAFE\.zip holds no product"):
        written(tmp_path / "in")


def test_a_zip_file_damaged_anywhere_is_read_or_refused(tmp_path):
    path = safe_products.write_product(tmp_path / "in", zipped=True)
    content, chance = path.read_bytes(), np.random.default_rng(5)
    for _ in range(40):
        damaged = np.frombuffer(content, np.uint8).copy()
        damaged[chance.integers(len(content) - 4000, len(content), 9)] = chance.integers(0, 256, 9)  # its list of files
        damaged[chance.integers(0, len(content), 9)] = chance.integers(0, 256, 9)
        path.write_bytes(damaged.tobytes())
        try:
            assert len(written(tmp_path / "in")) == 1
        except ValueError as error:
            assert "S2A_MSIL2A_20190723T101031" in str(error)


def test_a_zip_file_of_something_else_is_left_out(folder):
    (folder / "stands.zip").write_bytes(b"no zip file at all")
    with zipfile.ZipFile(folder / "roads.zip", "w") as archive:
        archive.writestr("roads.shp", "")
    assert len(written(folder)) == 1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"regions": None}, ValueError, "source safe needs regions"),
        ({"root": "nowhere"}, ValueError, "nowhere does not exist: data.root"),
        ({"levels": ["L2"]}, UnknownNameError, "Did you mean 'L2A'"),
        ({"bands": ["B8"]}, UnknownNameError, "Did you mean 'B08'"),
        ({"bands": ["B10"]}, ValueError, r"has no image of \['B10'\]"),
        ({"tiles": ["33vxg"]}, ValueError, "'33vxg' is no tile"),
        (
            {"tiles": ["33VXF"]},
            ValueError,
            "no product of .* is selected .* L1C 33VXG, L2A 33VXG, 2019-07-23 to 2019-07-23",
        ),
        ({"start": "soon"}, ValueError, "start is 'soon', which is no day"),
        ({"start": "2019-08-01", "end": "2019-07-01"}, ValueError, "ends .* before it starts"),
        ({"orbits": [0]}, ValueError, r"relative orbits \[0\] do not exist"),
    ],
)
def test_options_that_do_not_fit_are_refused(pair, tmp_path, options, error, message):
    options = {"regions": REGIONS, "root": pair} | options
    with pytest.raises(error, match=message):
        source.write(tmp_path, **options)


def test_a_folder_without_products_is_refused(tmp_path):
    with pytest.raises(ValueError, match="holds no product: no folder X.SAFE"):
        source.write(tmp_path, REGIONS, root=tmp_path)


def test_l2a_of_an_early_sen2cor_is_refused(tmp_path):
    folder = tmp_path / "in/S2A_USER_PRD_MSIL2A_PDMC_20160905T164813_R022_V20160905T101022_20160905T101022.SAFE"
    folder.mkdir(parents=True)
    (folder / "S2A_USER_MTD_SAFL2A_PDMC_20160905T164813_R022_V20160905T101022_20160905T101022.xml").write_text("")
    with pytest.raises(ValueError, match=r"own Sen2Cor product is of a Sen2Cor before 2\.4, which is not read"):
        written(tmp_path / "in")


def second(time):
    return pd.Timestamp(time, tz="UTC").floor("s")


@given(
    st.builds(
        product_files.ProductName,
        mission=st.sampled_from(["S2A", "S2B", "S2C"]),
        level=st.sampled_from(["L1C", "L2A"]),
        time=st.datetimes(pd.Timestamp("2015-06-23"), pd.Timestamp("2060-01-01")).map(second),
        baseline=st.from_regex(r"[0-9]{2}\.[0-9]{2}", fullmatch=True),
        orbit=st.integers(1, 143),
        tile=st.from_regex("[0-9]{2}[A-Z]{3}", fullmatch=True),
        discriminator=st.datetimes(pd.Timestamp("2015-06-23"), pd.Timestamp("2060-01-01")).map(second),
    )
)
def test_names_of_products_come_back_as_they_were(name):
    assert product_files.parse_name(str(name)) == name


@given(st.text() | st.from_regex(r"S2[A-D]_MSIL[12][AC]_\d{8}T\d{6}_N\d{4}_R\d{3}_T\w{5}_\d{8}T\d{6}", fullmatch=True))
def test_any_text_is_a_name_or_refused(text):
    try:
        name = product_files.parse_name(text)
    except ValueError:
        return
    assert str(name) == text


XML = safe_products.product_xml(
    level="L2A",
    baseline="05.00",
    sensing="20190723T101031",
    orbit=22,
    mission="S2A",
    generated="20230801T120000",
    quantification=10000,
    images=["T33VXG_20190723T101031_B02_10m"],
    name="x",
)


TILE_XML = safe_products.tile_xml("L2A", "05.00", "33VXG", "20190723T101347", "EPSG:32633", (EAST, NORTH), 60)


@given(st.floats(0, 1, exclude_max=True), st.text(max_size=3), st.integers(0, 40))
def test_a_damaged_xml_reads_as_metadata_or_is_refused(part, put, length):
    for xml, read in ((XML, metadata.product), (TILE_XML, metadata.tile)):
        start = int(part * len(xml))
        damaged = xml[:start] + put + xml[start + length :]
        try:
            parsed = read(damaged.encode("utf-8", "replace"), "MTD.xml")
        except ValueError:
            continue
        assert parsed.quantification > 0 if read is metadata.product else parsed.crs.startswith("EPSG:32")


def test_an_xml_in_an_unknown_encoding_is_refused():
    with pytest.raises(ValueError, match="is no complete XML file"):
        metadata.product(XML.replace("UTF-8", "UTF-9").encode(), "MTD_MSIL2A.xml")


@pytest.fixture(scope="module")
def jp2(pair):
    return path_of(pair, "*_SCL_20m.jp2").read_bytes()


@given(part=st.floats(0, 1, exclude_max=True))
def test_an_image_cut_anywhere_is_refused(jp2, part):
    short = jp2[: int(len(jp2) * part)]
    with pytest.raises(ValueError, match=r"x\.jp2 is"):
        check_jp2(io.BytesIO(short), len(short), "x.jp2")


def test_an_image_of_unknown_length_is_read_to_its_end(jp2):
    start = jp2.index(b"jp2c") - 4
    endless = jp2[:start] + bytes(4) + jp2[start + 4 :]
    check_jp2(io.BytesIO(endless), len(endless), "x.jp2", tail=False)
    with pytest.raises(ValueError, match="its image does not end"):
        check_jp2(io.BytesIO(endless[:-2]), len(endless) - 2, "x.jp2", tail=False)
    with pytest.raises(ValueError, match="its image does not end"):  # space that was reserved, but not filled
        check_jp2(io.BytesIO(jp2[:-100] + bytes(100)), len(jp2), "x.jp2")


def test_of_two_datastrips_each_has_its_newest_baseline(folder, caplog):
    lower = {"strip": "20190723T101900", "generated": "20230801T120001"}
    safe_products.write_product(folder, level="L2A", baseline="02.13", **lower)
    safe_products.write_product(folder, level="L2A", baseline="05.00", generated="20230901T120000")  # of the upper one
    with caplog.at_level(logging.WARNING):
        scenes = {scene.id[-16:]: scene for scene in written(folder, levels=["L2A"])}
    assert "N0500" in scenes["_20190723T101347"].assets["B02"].href
    assert "N0213" in scenes["_20190723T101900"].assets["B02"].href
    assert len(caplog.messages) == 1 and "N0213_R022_T33VXG_20230801T120000" in caplog.messages[0].split("left out")[0]


def test_another_processing_may_cut_a_datastrip_a_second_later(folder):
    safe_products.write_product(
        folder, level="L2A", baseline="05.00", strip="20190723T101348", generated="20230901T120000"
    )
    (scene,) = written(folder, levels=["L2A"])
    assert "N0500" in scene.assets["B02"].href


def test_what_systems_add_and_change_is_no_fault_of_a_product(tmp_path, caplog):
    product = safe_products.write_product(tmp_path / "elsewhere")
    inputs = tmp_path / "in"
    (inputs / "nested" / product.name).mkdir(parents=True)
    shutil.copytree(product, inputs / "nested" / product.name / product.name)  # unpacked into a folder of its name
    (inputs / f"._{product.name}").write_bytes(b"\0\5\26\7")
    (inputs / "__MACOSX").mkdir()
    (scene,) = written(inputs)
    assert scene.boa == BOA
    shutil.rmtree(inputs)
    inputs.mkdir()
    (inputs / "archive").symlink_to(product.parent)
    (inputs / product.name.removesuffix(".SAFE")).mkdir()
    (inputs / "archive" / "loop").symlink_to(inputs)
    with caplog.at_level(logging.WARNING):
        (linked,) = written(inputs)
    assert linked.boa == BOA
    assert "must end with .SAFE: rename it" in caplog.text


def test_a_zip_file_of_macos_and_one_with_a_capital_ending_are_read(tmp_path):
    product = safe_products.write_product(tmp_path / "in", zipped=True)
    with zipfile.ZipFile(product, "a") as archive:
        archive.writestr(f"__MACOSX/{product.stem}/._MTD_MSIL2A.xml", b"\0\5\26\7")
        archive.writestr(f"{product.stem}/._GRANULE", b"\0\5\26\7")
    product.rename(product.with_suffix(".ZIP"))
    (scene,) = written(tmp_path / "in")
    assert scene.boa == BOA


@pytest.mark.parametrize("name", ["../../evil.xml", "/etc/evil.xml", "a\\..\\evil.xml"])
def test_a_zip_file_that_leads_out_of_itself_is_refused(tmp_path, name):
    product = safe_products.write_product(tmp_path / "in", zipped=True)
    with zipfile.ZipFile(product, "a") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(ValueError, match="leads out of it"):
        written(tmp_path / "in")


def test_a_folder_that_may_not_be_read_is_said(folder, monkeypatch):
    def walk(top, **options):
        options["onerror"](PermissionError(13, "Permission denied", str(top)))
        return iter(())

    monkeypatch.setattr(os, "walk", walk)
    with pytest.raises(ValueError, match=r"cannot be read .Permission denied"):
        written(folder)


def test_a_product_without_its_xml_in_a_zip_file_of_several_is_named(tmp_path):
    whole = safe_products.write_product(tmp_path / "in", zipped=True)
    with zipfile.ZipFile(whole, "a") as archive:
        archive.writestr("S2A_MSIL2A_CUT.SAFE/GRANULE/x.jp2", b"x")
    with pytest.raises(ValueError, match="product S2A_MSIL2A_CUT has 0 main XML files"):
        written(tmp_path / "in")
