"""A text is a box in metres or degrees, or a name; a box that cannot be meant says why."""

import pytest
from pyproj import Transformer
from shapely.geometry import MultiPolygon, box

from rojsat.geo.finland import finnish_areas

HELSINKI = "384000,6672000,390000,6678000"


@pytest.mark.parametrize("text", [HELSINKI, f" {HELSINKI} ".replace(",", " , "), f"{HELSINKI},EPSG:3067"])
def test_metres_are_taken_as_they_are(text):
    area = finnish_areas.box(text)
    assert (area.bounds, area.outline) == ((384_000, 6_672_000, 390_000, 6_678_000), None)
    assert area.name == f"box {HELSINKI}"


@pytest.mark.parametrize("text", ["24.9,60.1,25.0,60.2", "24.9,60.1,25.0,60.2,epsg:4326"])
def test_degrees_become_the_box_around_them(text):
    west, south, east, north = finnish_areas.box(text).bounds
    project = Transformer.from_crs("EPSG:4326", "EPSG:3067", always_xy=True)
    for longitude, latitude in [(24.9, 60.1), (24.9, 60.2), (25.0, 60.1), (25.0, 60.2), (24.95, 60.2)]:
        easting, northing = project.transform(longitude, latitude)
        assert west <= easting <= east
        assert south <= northing <= north
    assert (east - west, north - south) == pytest.approx((5800, 11_300), rel=0.02)


@pytest.mark.parametrize("text", ["Salo", "734", "Koski Tl", "Mänttä-Vilppula", "Pedersören kunta"])
def test_a_name_is_no_box(text):
    assert finnish_areas.box(text) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2,3", "is no box: it must be west,south,east,north"),
        ("384000,6672000,390000,north", "is no box"),
        (f"{HELSINKI},EPSG:3006", "is no box"),
        ("nan,6672000,390000,6678000,EPSG:3067", "is no box"),
        ("390000,6672000,384000,6678000", "narrower than 10 m; the order is west,south,east,north"),
        ("6672000,384000,6678000,390000", "eastings must be 40000 to 760000"),
        ("60.1,24.9,60.2,25.0", "longitude before latitude"),
        ("18.0,59.3,18.1,59.4", "does not lie in Finland"),
        ("384000,6672000,390000,6678000,EPSG:4326", "does not lie in Finland"),
    ],
)
def test_a_box_that_cannot_be_meant_says_why(text, message):
    with pytest.raises(ValueError, match=message):
        finnish_areas.box(text)


def test_an_area_is_read_as_it_was_written():
    outline = MultiPolygon(
        [box(400_000, 6_900_000, 400_500, 6_900_500), box(401_000, 6_900_000, 401_000.25, 6_901_000)]
    )
    for area in (finnish_areas.box(HELSINKI), finnish_areas.around("Äänekoski (992)", outline, "Somebody")):
        assert finnish_areas.from_json(area.to_json()) == area


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"name": "a", "bounds": [1], "outline": null, "attribution": null}'])
def test_what_is_no_area_is_refused(text):
    with pytest.raises(ValueError, match="no area that rojsat wrote"):
        finnish_areas.from_json(text)
