import json

import pytest
from pyproj import Geod

from rojsat.server import requested_areas
from rojsat.server.limits import Limits, RefusedError
from tests.support.served import EAST, NORTH, outlines, polygon, square

AROUND = [(14.9, 57.6, 15.2, 57.8)]
BOW = [[15, 57.7], [15.01, 57.71], [15.01, 57.7], [15, 57.71], [15, 57.7]]
HIGH = [[*position, 100.0] for position in square()]


def check(area, extent=AROUND, **limited):
    content = area if isinstance(area, bytes) else json.dumps(area).encode()
    return requested_areas.check(content, Limits(**limited), extent)


def test_outlines_keep_their_ids_and_have_their_hectares_on_the_ellipsoid():
    area = check(outlines(polygon(), polygon(square(EAST + 0.01))))
    assert area.outlines == 2
    expected = abs(Geod(ellps="WGS84").polygon_area_perimeter(*zip(*square(), strict=True))[0]) / 1e4
    assert area.hectares == pytest.approx(2 * expected, abs=0.01)
    features = json.loads(area.geojson)["features"]
    assert [feature["properties"]["region"] for feature in features] == ["1", "2"]


@pytest.mark.parametrize(
    "area", [polygon(), outlines()["features"][0], {"type": "MultiPolygon", "coordinates": [[square()]]}]
)
def test_a_geometry_or_a_feature_alone_is_an_area_too(area):
    assert check(area).outlines == 1


@pytest.mark.parametrize(
    ("area", "words"),
    [
        (b"", "the content: Invalid JSON"),
        (b"\x1f\x8b\x08", "the content: Invalid JSON"),
        (b"[" * 100_000, "the content: Invalid JSON: recursion limit"),
        (b'{"type": "Polygon", "coordinates": ' + b"[" * 150 + b"]" * 150 + b"}", "coordinates"),
        ({"type": "Point", "coordinates": [15, 57]}, "does not match any of the expected tags"),
        (outlines({"type": "LineString", "coordinates": square()}), "features[0].geometry"),
        (b'{"type":"FeatureCollection","features":[]}', "features: List should have at least 1 item"),
        (json.dumps(polygon()).replace("15.0,", "NaN,", 1).encode(), "coordinates[0][0][0]: Input should be a finite"),
        (json.dumps(polygon()).replace("15.0,", "1e999,", 1).encode(), "[0][0][0]: Input should be a finite"),
        (json.dumps(polygon()).replace("15.0,", '"15",', 1).encode(), "Input should be a valid number"),
        (polygon([[500000, 6400000], [500100, 6400000], [500100, 6400100], [500000, 6400000]]), "degrees in WGS 84"),
        (polygon(HIGH), "longitude and latitude, without a height"),
        (polygon(square()[:3]), "at least 4 items"),
        (polygon(square()[:4]), "not closed"),
        (polygon(BOW), "not a valid polygon (Self-intersection"),
        (polygon([[15, 57.7], [15.01, 57.7], [15.02, 57.7], [15, 57.7]]), "outline '1'"),
        (outlines(crs={"type": "name", "properties": {"name": "EPSG:3006"}}), "not in EPSG:3006"),
        (outlines(crs="EPSG:4326"), "GeoJSON is in WGS 84"),
        ({"type": "Feature", "id": "../../etc", "geometry": polygon()}, "begins with a dot"),
        ({"type": "Feature", "id": "a/b", "geometry": polygon()}, "holds '/'"),
        ({"type": "Feature", "id": "\udcff", "geometry": polygon()}, "Invalid JSON"),
        (polygon(square(-120)), "no scene covers an outline"),
        (polygon([position[::-1] for position in square()]), "no scene covers an outline"),
    ],
)  # fmt: skip
def test_what_is_malformed_or_elsewhere_is_refused_in_one_sentence(area, words):
    with pytest.raises(RefusedError) as refusal:
        check(area)
    assert refusal.value.status == 422 and words in refusal.value.sentence
    assert "\n" not in refusal.value.sentence and len(refusal.value.sentence) < 400


def test_ids_that_name_the_same_file_are_refused():
    twins = outlines(polygon(), polygon(square(EAST + 0.01)))
    twins["features"][0]["id"], twins["features"][1]["id"] = "A", "a"
    with pytest.raises(RefusedError, match="ids are not unique"):
        check(twins)


@pytest.mark.parametrize(
    ("area", "limited", "words"),
    [
        (outlines(polygon(), polygon()), {"outlines": 1}, "2 outlines"),
        (outlines(), {"vertices": 4}, "5 vertices"),
        (outlines(polygon(square(side=0.1))), {"hectares": 100}, "at most 100 ha"),
        (outlines(polygon(), polygon(square(EAST + 0.1))), {"kilometres": 5}, "km apart, at most 5"),
        (outlines(polygon(square(-179.9)), polygon(square(179.8))), {}, "km apart"),
        (outlines(polygon(), polygon(square(south=NORTH + 2))), {}, "km apart, at most 110"),
    ],
)
def test_what_is_too_large_is_refused(area, limited, words):
    with pytest.raises(RefusedError) as refusal:
        check(area, None, **limited)
    assert refusal.value.status == 413 and words in refusal.value.sentence


def test_where_the_extent_is_not_known_no_place_is_refused():
    assert check(polygon(square(-120)), None).outlines == 1
