import geopandas as gpd
import pytest
from shapely.geometry import LineString, box

from rojsat.geo.discovery import polygon_layers


@pytest.mark.parametrize(
    "name, labels, meant",
    [
        ("need", [], ("stand", "need")),
        ("röjning_2023", [], ("stand", "need")),
        ("bestånd klar", [], ("stand", "clear")),
        ("stands", [], ("stand", None)),
        ("objects", [], ("clearing", None)),
        ("kontroll", ["housing"], ("control", None)),
        ("whatever", ["clear", "need"], ("stand", None)),
        ("whatever", ["housing"], (None, None)),
        ("need_or_clear", [], (None, None)),
        ("need_of_clearing", [], (None, None)),
        ("areas", [], (None, None)),
    ],
)
def test_name_and_labels_say_what_regions_are(name, labels, meant):
    assert polygon_layers.meaning(name, labels) == meant


def squares(number):
    return [box(600000 + 100 * n, 6500000, 600050 + 100 * n, 6500050) for n in range(number)]


@pytest.mark.parametrize(
    "columns, field, choices, numbered",
    [
        ({"region": ["a", "b"], "id": [1, 2]}, None, (), False),
        ({"area": [1.5, 2.5], "Stand": ["a", "b"], "code": ["x", "y"]}, "Stand", (), False),
        ({"code": ["x", "y"], "kind": ["p", "p"]}, "code", (), False),
        ({"code": ["x", "y"], "key": ["p", "q"]}, None, ["code", "key"], False),
        ({"kind": ["p", "p"]}, None, (), True),
    ],
)
def test_the_column_of_ids_is_the_one_that_can_be(tmp_path, columns, field, choices, numbered):
    table = gpd.GeoDataFrame(columns, geometry=squares(2), crs="EPSG:32633")
    table.to_file(tmp_path / "stands.geojson")
    path = (tmp_path / "stands.geojson").relative_to(tmp_path)
    layer = polygon_layers.read(tmp_path, path, None)
    assert (layer.id_field, list(layer.id_choices), layer.is_numbered) == (field, list(choices), numbered)
    assert layer.hectares == pytest.approx([0.25, 0.25], rel=0.01)


def test_layers_have_a_type_and_a_name_where_there_are_several(tmp_path):
    file = tmp_path / "forest.gpkg"
    gpd.GeoDataFrame(geometry=squares(1), crs="EPSG:32633").to_file(file, layer="stands")
    path = file.relative_to(tmp_path)
    assert polygon_layers.layers(tmp_path, path) == [(None, "Polygon")]
    roads = gpd.GeoDataFrame(geometry=[LineString([(600000, 6500000), (600100, 6500000)])], crs="EPSG:32633")
    roads.to_file(file, layer="roads")
    assert dict(polygon_layers.layers(tmp_path, path)) == {"stands": "Polygon", "roads": "LineString"}
