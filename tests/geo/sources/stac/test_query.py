"""Choice among items."""

import logging
from dataclasses import replace

import pytest
from shapely.geometry import box, mapping

from rojsat.geo.sources import _choice
from rojsat.geo.sources.stac import narrowing, query

SEARCH = query.Search("https://example.org", "sentinel-2-l2a", ((15, 57, 15.1, 57.1),), "2023-07-01", "2023-07-31")


def item(name, *, baseline="05.09", strip="20230701T101604", tile="33VWE", generated="20230701T155151", **more):
    properties = {
        "datetime": "2023-07-01T10:16:09Z",
        "platform": "sentinel-2a",
        "s2:processing_baseline": baseline,
        "s2:generation_time": generated,
        "s2:mgrs_tile": tile,
        "s2:datastrip_id": f"S2A_OPER_MSI_L2A_DS_2APS_{generated}_S{strip}_N0500",
    }
    return {"id": name, "geometry": mapping(box(14, 56, 16, 58)), "properties": properties | more}


def ids(items):
    return [item["id"] for item in items]


def test_of_several_processings_the_newest_is_kept(caplog):
    old, new = item("a", baseline="02.14"), item("b", baseline="05.00", generated="20230601T000000")
    again = item("c", baseline="05.00", generated="20230901T000000")
    with caplog.at_level(logging.INFO):
        assert ids(query.newest([again, old, new])) == ["c"]
    assert "a is left out: c is a newer processing of it" in caplog.text
    assert ids(query.newest([item("e"), item("d")])) == ["e"]  # alike: the last id


def test_strips_tiles_and_satellites_are_scenes_of_their_own():
    items = [item("c", strip="20230701T101700"), item("b", tile="33VWD"), item("a"), item("d", platform="sentinel-2b")]
    assert ids(query.newest(items)) == ["a", "b", "c", "d"]


def test_choice_counts_what_it_leaves_out(caplog):
    far = item("far") | {"geometry": mapping(box(0, 0, 1, 1))}
    items = [
        item("kept", **{"eo:cloud_cover": 20.0, "sat:relative_orbit": 65}),
        item("cloudy", tile="33VWD", **{"eo:cloud_cover": 20.1, "sat:relative_orbit": 65}),
        item("orbit", tile="33VWF", **{"sat:relative_orbit": 22}),
        item("S2A_33VWG_20230701_0_L1C", tile="33VWG"),
        far,
    ]
    search = query.Search(
        *(getattr(SEARCH, name) for name in ("url", "collection", "boxes", "start", "end")), 20, (65,)
    )
    with caplog.at_level(logging.INFO):
        assert ids(query.choose(items, search)) == ["kept"]
    assert "5 items found, 1 kept; left out: 1 of level L1C" in caplog.text
    with pytest.raises(ValueError, match=r"1 beside the area .* 1 too cloudy \(relax max_cloud\)"):
        query.choose(items[1:], search)


@pytest.mark.parametrize("properties", [{"processing:level": "L1C"}, {"s2:product_type": "S2MSI1C"}, {}])
def test_a_collection_of_l1c_is_refused_not_read_as_reflectance_at_the_ground(properties):
    search = replace(SEARCH, collection="sentinel-2" if properties else "sentinel-2-l1c")
    with pytest.raises(ValueError, match=r"1 of level L1C \(relax collection: L2A alone is read here\)"):
        query.choose([item("a", **properties)], search)


@pytest.mark.parametrize(("collection", "assets"), [("sentinel-2", {"SCL": {}}), ("sentinel-2-l2a", {})])
def test_items_that_do_not_say_their_level_are_told_of(caplog, collection, assets):
    caplog.set_level("WARNING")
    query.choose([item("a") | {"assets": assets}], replace(SEARCH, collection=collection))
    assert not caplog.text
    query.choose([item("a") | {"assets": {"B04": {}}}], replace(SEARCH, collection="sentinel-2"))
    assert "1 of 1 items do not say their level and have no scene classes: a; they are taken for L2A" in caplog.text


YEARS = _choice.choose("2021-07-01", "2023-07-31", None)


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"months": [7]}, ["a", "b", "c"]),
        ({"months": [6, 7], "years": [2021, 2023]}, ["a", "b", "d"]),
        ({"tiles": ["T33VWD"]}, ["b"]),
        ({"years": [2022]}, ["c"]),
    ],
)
def test_months_years_and_tiles_choose(options, kept):
    days = {"a": "2021-07-01", "b": "2023-07-31", "c": "2022-07-15", "d": "2021-06-30"}
    items = [
        item(name, tile="33VWD" if name == "b" else "33VWE", strip=f"{day}", datetime=f"{day}T10:16:09Z")
        for name, day in days.items()
    ]
    asked = narrowing.of_options(*(options.get(key) for key in ("months", "years", "tiles")), YEARS)
    search = replace(SEARCH, start="2021-07-01", end="2023-07-31", narrowing=asked)
    assert sorted(ids(query.choose(items, search))) == kept
    assert str(search).endswith(str(asked))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"months": [13]}, r"months: \[13\]; there are 1 to 12"),
        ({"months": []}, r"months: \[\]"),
        ({"years": [2020]}, "years of the period, 2021 to 2023"),
        ({"tiles": ["35V"]}, "tiles as 35VLH"),
    ],
)
def test_months_years_and_tiles_that_are_none_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        narrowing.of_options(*(options.get(key) for key in ("months", "years", "tiles")), YEARS)
