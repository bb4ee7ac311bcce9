"""What a WFS says of itself is looked at first, and what cannot work is refused before features are asked for."""

import pytest

from rojsat.geo.servers import wfs
from rojsat.geo.servers.retries import GaveUpError
from rojsat.geo.servers.wfs import Query
from tests.support.wfs_server import CRS


def test_a_layer_is_found_without_its_prefix_and_described(server, patience):
    server.most = 7
    layer = wfs.open_layer(server.url, "stand", patience)
    assert (layer.name, layer.most, layer.pages) == ("v1:stand", 7, True)
    assert {"DEVELOPMENTCLASS", "STANDNUMBER"} < set(layer.columns)
    assert "GEOMETRY" not in layer.columns


def test_a_layer_that_is_not_there_is_refused(server, patience):
    with pytest.raises(ValueError, match="layer of .*'stands' does not exist. Did you mean 'v1:stand'"):
        wfs.open_layer(server.url, "stands", patience)


def test_two_layers_of_a_name_need_their_prefix(server, patience):
    server.layers["v2:stand"] = server.layers["v1:stand"]
    with pytest.raises(ValueError, match="several layers 'stand': v1:stand, v2:stand"):
        wfs.open_layer(server.url, "stand", patience)
    assert wfs.open_layer(server.url, "v2:stand", patience).name == "v2:stand"


@pytest.mark.parametrize(
    ("part", "other", "message"),
    [
        ('version="2.0.0"', 'version="1.1.0"', "version 1.1.0 of WFS"),
        ("application/json", "application/gml", "sends no application/json"),
    ],
)
def test_a_server_of_another_kind_is_refused(server, patience, part, other, message):
    server.changed = (part, other)
    with pytest.raises(ValueError, match=message):
        wfs.open_layer(server.url, "stand", patience)


def test_a_server_that_is_not_there_is_given_up(server, patience):
    server.close()
    with pytest.raises(GaveUpError, match=r"capabilities from .*\(tries: 4\)"):
        wfs.open_layer(server.url, "stand", patience)


def test_a_query_names_its_box_and_its_system_with_the_easting_first(server, patience):
    layer = wfs.open_layer(server.url, "stand", patience)
    query = Query("EPSG:3067", (400_000, 6_900_000, 400_050, 6_900_050), sort_by="STANDNUMBER")
    assert layer.hits(query) == 1
    assert [feature["id"] for feature in layer.page(query, 0, 5).features] == ["stand.1000"]
    asked = server.asked("page")[0]
    assert asked["bbox"] == f"400000.000,6900000.000,400050.000,6900050.000,{CRS}"
    assert (asked["sortBy"], asked["srsName"], asked["outputFormat"]) == ("STANDNUMBER", CRS, "application/json")
