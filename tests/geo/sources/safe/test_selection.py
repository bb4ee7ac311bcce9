"""Which of several products of one tile and datatake become scenes: by datastrip, baseline and who made them."""

import logging

import geopandas as gpd
import pystac
import pytest
from shapely.geometry import box

from rojsat.geo.scenes import catalog
from rojsat.geo.sources.safe import source
from tests.support import safe_products

EAST, NORTH = safe_products.EAST, safe_products.NORTH
REGIONS = gpd.GeoDataFrame(geometry=[box(EAST + 100, NORTH - 300, EAST + 200, NORTH - 100)], crs=safe_products.CRS)
UPPER, MIDDLE, LOWER = "20190723T101347", "20190723T101600", "20190723T101900"


def deliver(folder, products):
    """Write products of (strip, baseline); each was generated a day after the one before."""
    for day, (strip, baseline) in enumerate(products, start=1):
        safe_products.write_product(folder, strip=strip, baseline=baseline, generated=f"202308{day:02d}T120000")


def written(folder, **options):
    raw = folder.parent / "raw"
    source.write(raw, REGIONS, root=folder, **options)
    return catalog.read(raw)


@pytest.mark.parametrize(
    ("products", "kept"),
    [
        ([(UPPER, "02.13"), (LOWER, "02.13"), (UPPER, "05.10")], {UPPER: "N0510", LOWER: "N0213"}),
        ([(UPPER, "02.13"), (LOWER, "02.13"), (LOWER, "05.10")], {UPPER: "N0213", LOWER: "N0510"}),
        (
            [(UPPER, "05.00"), (MIDDLE, "02.13"), (LOWER, "05.10"), (MIDDLE, "05.11"), (UPPER, "02.13")],
            {UPPER: "N0500", MIDDLE: "N0511", LOWER: "N0510"},
        ),
        ([("20190723T101347", "02.13"), ("20190723T101349", "05.00")], {"": "N0500"}),  # cut two seconds later
        ([(UPPER, "05.00"), (UPPER, "05.00")], {"": "N0500"}),  # the same again: generated last
        ([(UPPER, "99.99"), (UPPER, "05.00")], {"": "N0500"}),  # ESA's own before a user's
        ([(UPPER, "05.00"), (UPPER, "99.99")], {"": "N0500"}),
        ([(UPPER, "05.00"), (LOWER, "99.99")], {UPPER: "N0500", LOWER: "N9999"}),  # of another datastrip
        ([(UPPER, "99.99"), (UPPER, "99.99")], {"": "N9999"}),
    ],
)
def test_each_datastrip_has_the_newest_baseline_of_esa_or_else_what_a_user_made(tmp_path, caplog, products, kept):
    deliver(tmp_path / "in", products)
    with caplog.at_level(logging.WARNING):
        scenes = written(tmp_path / "in")
    chosen = {strip: scene for scene in scenes for strip in kept if scene.id.endswith(strip)}
    assert len(scenes) == len(kept)
    assert dict.fromkeys(kept, True) == {strip: kept[strip] in chosen[strip].assets["B02"].href for strip in kept}
    left_out = [message for message in caplog.messages if "is left out" in message]
    assert len(left_out) == len(products) - len(kept)
    if kept == {"": "N0500"} and "99.99" in dict(map(reversed, products)):
        assert "an own Sen2Cor product, and ESA's own of the same datastrip is there" in left_out[0]
    if products == [(UPPER, "05.00")] * 2:
        assert "20230802" in scenes[0].assets["B02"].href


def test_strips_side_by_side_are_scenes_of_their_own_ground(tmp_path):
    deliver(tmp_path / "in", [(UPPER, "05.00")])
    far = (EAST, NORTH - 6000)
    options = {"strip": LOWER, "tile": "33VXF", "baseline": "05.11", "corner": far, "generated": "20230809T120000"}
    safe_products.write_product(tmp_path / "in", **options)
    first, second = written(tmp_path / "in")
    assert {first.grid.affine.f, second.grid.affine.f} == {NORTH, NORTH - 6000}
    assert [scene.processing["L2A"] for scene in (second, first)] == ["baseline 05.00", "baseline 05.11"]


NORTHERN, SOUTHERN = (16.7, 58.3, 17.7, 58.7), (16.7, 57.9, 17.7, 58.31)


@pytest.mark.parametrize("second", ["20190723T101347", "20190723T101349"])
def test_strips_of_one_second_on_other_ground_are_both_taken(tmp_path, second):
    for day, (strip, baseline, ground) in enumerate(
        [(UPPER, "02.13", NORTHERN), (second, "05.00", SOUTHERN), (UPPER, "05.10", NORTHERN)], start=1
    ):
        generated = f"202308{day:02d}T120000"
        options = {"strip": strip, "baseline": baseline, "footprint": ground, "generated": generated}
        safe_products.write_product(tmp_path / "in", **options)
    scenes = {scene.id.partition("33VXG_")[2]: scene for scene in written(tmp_path / "in")}
    assert scenes.keys() == {UPPER, second if second != UPPER else f"{UPPER}-2"}
    assert "N0510" in scenes.pop(UPPER).assets["B02"].href
    assert "N0500" in scenes.popitem()[1].assets["B02"].href


def test_an_own_product_is_called_that_in_the_log_and_in_its_item(tmp_path, caplog):
    deliver(tmp_path / "in", [(UPPER, "99.99")])
    safe_products.write_product(tmp_path / "in", level="L1C", baseline="05.09")
    with caplog.at_level(logging.INFO):
        (scene,) = written(tmp_path / "in")
    assert scene.processing == {"L1C": "baseline 05.09", "L2A": "own Sen2Cor product"}
    assert "1 of 1 scenes are own Sen2Cor products: 2019-07-23" in caplog.text
    (item,) = pystac.Catalog.from_file(str(tmp_path / "raw/catalog.json")).get_items()
    assert item.properties["rojsat:processing"]["L2A"] == "own Sen2Cor product"


@pytest.mark.parametrize("mark", ["tile", "name"])
def test_an_own_product_is_known_by_its_names_too(tmp_path, mark):
    product = safe_products.write_product(tmp_path / "in", baseline="02.13")
    if mark == "name":
        product.rename(product.with_name(product.name.replace("S2A_MSIL2A", "S2A_USER_PRD_MSIL2A")))
    else:
        (xml,) = product.glob("GRANULE/*/MTD_TL.xml")
        xml.write_text(xml.read_text().replace("S2A_OPER_MSI_L2A_TL", "S2A_USER_MSI_L2A_TL"))
    (scene,) = written(tmp_path / "in")
    assert scene.processing == {"L2A": "own Sen2Cor product"}


FIRST, SECOND = "20190723T101031", "20190801T100031"


@pytest.fixture
def mixed(tmp_path):
    """L1C and L2A of a first date, L1C alone of a second."""
    for level, sensing in (("L1C", FIRST), ("L2A", FIRST), ("L1C", SECOND)):
        safe_products.write_product(tmp_path / "in", level=level, sensing=sensing)
    return tmp_path / "in"


@pytest.mark.parametrize(
    ("options", "colours", "warning"),
    [
        ({}, ["MSIL2A", None], "data.options.true_colour=L1C takes the images of L1C"),
        ({"true_colour": "L2A"}, ["MSIL2A", None], "1 of 2 dates have a true colour image of L1C alone"),
        ({"true_colour": "L1C"}, ["MSIL1C", "MSIL1C"], None),
        ({"levels": ["L1C"]}, ["MSIL1C", "MSIL1C"], None),
        ({"levels": ["L2A"]}, ["MSIL2A"], None),
    ],
)
def test_true_colour_is_of_one_level_throughout(mixed, caplog, options, colours, warning):
    with caplog.at_level(logging.WARNING):
        scenes = written(mixed, **options)
    hrefs = [scene.assets["TCI"].href if "TCI" in scene.assets else None for scene in scenes]
    assert [href if href is None else href.split("_")[1] for href in map(name_of_product, hrefs)] == colours
    assert all(("B02" in scene.assets) == bool(scene.boa) for scene in scenes)
    if warning:
        assert warning in caplog.text and "channels tci: 2019-08-01" in caplog.text
    lacks_boa = "1 of 2 dates have only L1C, so they have no channels boa" in caplog.text
    assert lacks_boa == ("levels" not in options)


def name_of_product(href):
    return href and next(part for part in href.split("/") if part.endswith(".SAFE"))


def test_a_level_of_true_colour_that_does_not_exist_is_refused(mixed):
    with pytest.raises(ValueError, match="Did you mean 'L1C'"):
        written(mixed, true_colour="L1")


def test_the_saturated_value_of_the_product_is_kept(tmp_path):
    product = safe_products.write_product(tmp_path / "in")
    xml = product / "MTD_MSIL2A.xml"
    xml.write_text(xml.read_text().replace("<SPECIAL_VALUE_INDEX>65535", "<SPECIAL_VALUE_INDEX>40000"))
    (scene,) = written(tmp_path / "in")
    assert {scene.assets[band].saturated for band in scene.boa} == {40000}
