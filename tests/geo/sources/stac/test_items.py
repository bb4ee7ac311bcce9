"""Facts of items, as each archive writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rojsat.geo.sources.stac import items

EARTH_SEARCH = {
    "id": "S2B_33VWE_20230701_0_L2A",
    "properties": {
        "datetime": "2023-07-01T10:16:09.024000Z",
        "platform": "sentinel-2b",
        "eo:cloud_cover": 12.5,
        "proj:epsg": 32633,
        "mgrs:utm_zone": 33,
        "mgrs:latitude_band": "V",
        "mgrs:grid_square": "WE",
        "grid:code": "MGRS-33VWE",
        "s2:product_uri": "S2B_MSIL2A_20230701T101609_N0509_R065_T33VWE_20230701T155151.SAFE",
        "s2:processing_baseline": "05.09",
        "s2:generation_time": "2023-07-01T15:51:51.000000Z",
        "s2:datastrip_id": "S2B_OPER_MSI_L2A_DS_2BPS_20230701T155151_S20230701T101604_N05.09",
    },
}
PLANETARY_COMPUTER = {
    "id": "S2B_MSIL2A_20230701T101609_R065_T33VWE_20230701T155151",
    "properties": {
        "datetime": "2023-07-01T10:16:09.024000Z",
        "platform": "Sentinel-2B",
        "eo:cloud_cover": 12.5,
        "proj:epsg": 32633,
        "s2:mgrs_tile": "33VWE",
        "sat:relative_orbit": 65,
        "s2:processing_baseline": "05.09",
        "s2:generation_time": "2023-07-01T15:51:51.000000Z",
        "s2:datastrip_id": "S2B_OPER_MSI_L2A_DS_2BPS_20230701T155151_S20230701T101604_N05.09",
    },
}
CDSE = {
    "id": "S2B_MSIL2A_20230701T101609_N0509_R065_T33VWE_20230701T155151",
    "properties": {
        "datetime": "2023-07-01T10:16:09.024000Z",
        "platform": "sentinel-2b",
        "eo:cloud_cover": 12.5,
        "grid:code": "MGRS-33VWE",
        "sat:relative_orbit": 65,
        "processing:version": "05.09",
        "processing:datetime": "2023-07-01T15:51:51.000000Z",
        "s2:datastrip_id": "S2B_OPER_MSI_L2A_DS_2BPS_20230701T155151_S20230701T101604_N05.09",
    },
}
BARE = {"id": "S2B_MSIL2A_20230701T101604_N0509_R065_T33VWE_20230701T155151", "properties": {}}
BARE["properties"]["datetime"] = "2023-07-01T10:16:04.2Z"


@pytest.mark.parametrize("item", [EARTH_SEARCH, PLANETARY_COMPUTER, CDSE, BARE], ids=["es", "pc", "cdse", "bare"])
def test_items_of_every_archive_hold_the_same(item):
    assert items.tile(item) == "33VWE"
    assert items.relative_orbit(item) == 65
    assert items.baseline(item) == 5.09
    assert items.platform(item) == "S2B"
    assert items.strip_start(item) == "20230701T101604"
    assert items.generated(item) == "20230701T155151"
    assert f"{items.acquired(item):%Y-%m-%d %Z}" == "2023-07-01 UTC"


def test_what_no_item_holds():
    item = {"id": "scene-7", "properties": {"datetime": "2023-07-01T10:16:09"}}
    assert items.tile(item) is None
    assert items.relative_orbit(item) == 0
    assert items.baseline(item) is None
    assert items.cloud(item) is None
    assert items.generated(item) == items.platform(item) == ""
    with pytest.raises(ValueError, match="has neither datetime"):
        items.acquired({"id": "scene-7", "properties": {}})


def test_a_version_of_software_is_no_baseline():
    assert items.baseline({"id": "x", "properties": {"processing:version": "1.2.3"}}) is None


@pytest.mark.parametrize(
    ("asset", "pair"),
    [
        ({"raster:bands": [{"scale": 0.0001, "offset": -0.1}]}, (1e-4, -0.1)),  # Earth Search
        ({}, (None, None)),  # Planetary Computer
        ({"raster:scale": 0.0001, "raster:offset": -0.1}, (1e-4, -0.1)),  # CDSE
        ({"bands": [{"raster:scale": 0.0001, "raster:offset": 0}]}, (1e-4, 0.0)),  # STAC 1.1
        ({"raster:bands": [{"nodata": 0}]}, (None, None)),
    ],
)
def test_declared_scale_and_offset(asset, pair):
    assert items.declared(asset) == pair


def test_the_grid_may_be_announced_by_item_or_asset():
    asset = {"proj:shape": [10, 20], "proj:transform": [10, 0, 5, 0, -10, 6, 0, 0, 1], "raster:bands": [{}]}
    grid = items.grid(EARTH_SEARCH, asset)
    assert (grid.crs, grid.shape, grid.transform) == ("EPSG:32633", (10, 20), (10, 0, 5, 0, -10, 6))
    assert items.grid(CDSE, {"proj:code": "EPSG:32632", "data_type": "uint16"}).crs == "EPSG:32632"
    assert items.grid(CDSE, {"data_type": "uint16"}).dtype == "uint16"
    assert items.grid(CDSE, {}) == items.AnnouncedGrid(None, None, None, None)


LEVELS = [
    ({"id": "S2A_33VWE_20230701_0_L1C"}, "L1C"),
    ({"id": BARE["id"].replace("L2A", "L1C")}, "L1C"),
    ({"id": "x", "properties": {"s2:product_uri": f"{BARE['id'].replace('L2A', 'L1C')}.SAFE"}}, "L1C"),
    ({"id": "x", "collection": "sentinel-2-l1c"}, "L1C"),
    ({"id": "x", "collection": "SENTINEL2_LEVEL-1C"}, "L1C"),
    ({"id": "x", "collection": "sentinel-2-l1c-and-l2a", "properties": {"processing:level": "L2A"}}, "L2A"),
    ({"id": "x", "collection": "sentinel-2-l2a", "properties": {"processing:level": "L1C"}}, "L1C"),
    ({"id": "S2A_33VWE_20230701_1_L2A"}, "L2A"),
    ({"id": "x", "collection": "sentinel-2"}, None),
    ({"id": "x_1_2", "collection": "sentinel-1-2", "properties": {"processing:level": "L3"}}, None),
    *(
        ({"id": "x", "properties": {key: text.format(number, letter)}}, f"L{number}{letter}")
        for number, letter in ((1, "C"), (2, "A"))
        for key, text in (
            ("processing:level", "L{}{}"),
            ("processing:level", "L{}"),
            ("processing:level", "Level-{}{}"),
            ("s2:processing_level", "LEVEL{}{}"),
            ("s2:product_type", "S2MSI{}{}"),
            ("product:type", "S2MSI{}{}"),
        )
    ),
]


@pytest.mark.parametrize(("item", "level"), LEVELS)
def test_the_level_is_that_of_properties_name_id_or_collection(item, level):
    assert items.level({"properties": {}} | item) == level


def test_the_items_of_the_presets_are_of_l2a():
    assert {items.level(item) for item in (EARTH_SEARCH, PLANETARY_COMPUTER, CDSE, BARE)} == {"L2A"}


@pytest.mark.parametrize("key", ["s2:mgrs_tile", "grid:code"])
@pytest.mark.parametrize("text", ["../../../../../EVIL", "MGRS-../evil", "33VWE/..", "33IWE", "/etc"])
def test_a_tile_that_is_none_is_refused(key, text):
    with pytest.raises(ValueError, match="a tile is as 33VWE"):
        items.tile({"id": "a", "properties": {key: text}})


@given(st.text(max_size=20))
def test_a_platform_never_names_a_path(text):
    try:
        name = items.platform({"id": "a", "properties": {"platform": text}})
    except ValueError:
        return
    assert "/" not in name and "\\" not in name and "." not in name
