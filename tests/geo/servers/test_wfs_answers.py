"""Whatever a server answers is read, asked again or refused in a sentence."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from rojsat.geo.finland import finnish_areas, wfs_tables
from rojsat.geo.servers import wfs_answers, wfs_pages
from rojsat.geo.servers.retries import PassingFault
from tests.support.wfs_server import CRS, EAST, NORTH, exception, stand

AREA = finnish_areas.box(f"{EAST},{NORTH},{EAST + 2000},{NORTH + 1000}")
VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PATHS = [
    *(("features",), ("features", 0), ("features", 0, "geometry"), ("features", 0, "geometry", "coordinates")),
    *(("features", 0, "geometry", "type"), ("features", 0, "properties"), ("features", 0, "id"), ("type",)),
    *(("crs",), ("crs", "properties"), ("crs", "properties", "name"), ("numberMatched",), ("numberReturned",)),
]


def collection():
    crs = {"type": "name", "properties": {"name": CRS}}
    return {"type": "FeatureCollection", "features": [stand(1)], "numberMatched": 1, "numberReturned": 1, "crs": crs}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(path=some.sampled_from(PATHS), value=VALUES)
def test_any_value_anywhere_is_read_or_refused(path, value):
    document = collection()
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    try:
        page = wfs_answers.page(json.dumps(document).encode(), "EPSG:3067")
        assert len({wfs_pages.identity(feature) for feature in page.features}) <= len(page.features)
        wfs_tables.frame([page.features], AREA)
    except (PassingFault, ValueError):
        return


@settings(max_examples=30, deadline=None)
@given(content=some.binary(max_size=60) | some.text(max_size=60).map(str.encode))
@pytest.mark.parametrize("read", ["hits", "capabilities", "columns"])
def test_anything_that_is_no_xml_is_asked_again(read, content):
    with pytest.raises(PassingFault):
        getattr(wfs_answers, read)(content)


@pytest.mark.parametrize("read", ["hits", "capabilities", "columns"])
@pytest.mark.parametrize("content", ["<a/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", exception("X", "y")])
def test_other_xml_is_asked_again(read, content):
    with pytest.raises(PassingFault):
        getattr(wfs_answers, read)(content.encode())


@pytest.mark.parametrize(("matched", "count"), [("12", 12), ("0", 0), ("unknown", None)])
def test_hits_are_a_number_or_unknown(matched, count):
    assert wfs_answers.hits(f'<FeatureCollection numberMatched="{matched}"/>'.encode()) == count


def test_coordinates_without_a_system_are_degrees():
    document = collection() | {"crs": None}
    with pytest.raises(ValueError, match="coordinates in WGS 84, though it was asked for EPSG:3067"):
        wfs_answers.page(json.dumps(document).encode(), "EPSG:3067")
