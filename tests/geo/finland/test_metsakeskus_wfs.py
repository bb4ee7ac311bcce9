"""Stands of an area come into one file that the reader of Metsäkeskus' files reads, killed in the middle or not."""

import os
import signal
import subprocess
import sys
import time
from datetime import date

import pyogrio
import pytest
from shapely.geometry import box

from rojsat.geo.finland import metsakeskus_gpkg, metsakeskus_sizes, metsakeskus_wfs, stand_labels
from rojsat.geo.finland.finnish_areas import Area
from rojsat.geo.finland.finnish_stands import Operation, TreeStand
from rojsat.geo.servers.retries import GaveUpError, Patience
from tests.support.wfs_server import EAST, NORTH, WfsServer, feature, stand

PATIENCE = Patience(tries=3, first_wait=0.001, timeout=5.0)
BOX = f"{EAST},{NORTH},{EAST + 2000},{NORTH + 1000}"
LOWER = Area(
    "Lower (001)", (EAST, NORTH, EAST + 2000, NORTH + 350), box(EAST, NORTH, EAST + 2000, NORTH + 240), "Whose"
)


@pytest.fixture
def server():
    """A WFS of thirty stands in three rows, and two declarations."""
    rows = [stand(number) for number in range(30)]
    rows[3] = stand(3, "T1", SILVICULTURETYPE=3, SILVICULTUREPROPOSALYEAR=2027)
    rows[4] = stand(4, "04", CUTTINGTYPE=5, CUTTINGPROPOSALYEAR=2028, SILVICULTURETYPE=1, SILVICULTUREPROPOSALYEAR=2030)
    rows[5] = stand(5, "A0", STEMCOUNT=0, MEANHEIGHT=None)
    rows[6] = stand(6, TREESTANDDATE="2021-06-24Z", MAINTREESPECIES=None)
    declarations = [
        feature("forestusedeclaration.7", box(EAST, NORTH, EAST + 90, NORTH + 90), CUTTINGREALIZATIONPRACTICE=5),
        feature("forestusedeclaration.8", box(EAST, NORTH + 400, EAST + 90, NORTH + 490), CUTTINGREALIZATIONPRACTICE=2),
    ]
    served = WfsServer(stand=rows, forestusedeclaration=declarations)
    yield served
    served.close()


@pytest.fixture
def fetch(server, tmp_path):
    """Fetches an area from the server of stands and declarations."""

    def call(area=BOX, **options):
        urls = {"url": server.url, "declarations": server.url, "patience": PATIENCE}
        return metsakeskus_wfs.fetch(area, tmp_path / "data", **(urls | options))

    return call


def test_the_reader_reads_what_was_fetched(fetch):
    table = metsakeskus_gpkg.read(fetch())
    assert len(table.stands) == 30
    rows = table.stands.set_index("stand")
    assert rows.loc["1003"].drop("geometry").to_dict() == {
        **{"development_class": "T1", "species": "1"},
        **{"fertility_class": "3", "soil_type": "10"},
    }
    assert rows.loc["1006", "species"] is None
    assert rows.geometry["1012"].equals(box(EAST + 400, NORTH + 200, EAST + 500, NORTH + 300))
    assert list(table.operations) == [
        Operation("1003", "S3", 2027, None),
        Operation("1004", "5", 2028, None),
        Operation("1004", "S1", 2030, None),
    ]
    measured, projected = date(2021, 6, 24), date(2026, 1, 1)
    trees = [row for row in table.tree_stands if row.stand in ("1000", "1005", "1006")]
    assert trees == [
        *(TreeStand("1000", "1", measured, 1), TreeStand("1000", "2", projected, 1)),
        *(TreeStand("1005", "1", measured, 0), TreeStand("1005", "2", projected, 0)),
        TreeStand("1006", "1", measured, 1),
    ]
    assert table.unknown_codes().empty


def test_what_was_completed_is_not_known(fetch, caplog):
    table = metsakeskus_gpkg.read(fetch())
    assert table.absent == [metsakeskus_gpkg.NO_COMPLETIONS]
    assert "has proposals alone: no label is strong" in caplog.text
    labels = stand_labels.label(table, date(2026, 7, 1), stand_labels.LabelRule()).set_index("stand")
    assert labels.loc["1003", ["label", "strength"]].tolist() == ["need", "weak"]
    assert set(labels["strength"].dropna()) == {"weak"}


@pytest.mark.parametrize("column", ["SILVICULTURETYPE", "CUTTINGPROPOSALYEAR"])
def test_without_a_column_of_proposals_there_are_no_operations(server, fetch, caplog, column):
    for row in server.layers["v1:stand"]:
        del row["properties"][column]
    assert metsakeskus_gpkg.read(fetch()).operations is None
    assert f"lack the columns {column.lower()}: no proposals" in caplog.text


def test_columns_of_small_letters_and_an_id_of_their_own_are_taken(server, fetch):
    for number, row in enumerate(server.layers["v1:stand"]):
        columns = {name.lower(): value for name, value in row["properties"].items()} | {"standid": 41_652_000 - number}
        columns["treestanddatadate"] = columns.pop("treestanddate")
        row.update(id=f"fid-{number}", properties=columns)
    table = metsakeskus_gpkg.read(fetch())
    assert table.stands["stand"].tolist() == [str(41_651_971 + number) for number in range(30)]
    assert {row.type for row in table.tree_stands} == {"1", "2"}
    assert {page["sortBy"] for page in server.asked("page") if page["typeNames"] == "v1:stand"} == {"standid"}


@pytest.mark.parametrize("column", ["DEVELOPMENTCLASS", "SOILTYPE"])
def test_stands_without_a_column_that_is_read_are_refused(server, fetch, column):
    for row in server.layers["v1:stand"]:
        del row["properties"][column]
    with pytest.raises(ValueError, match=rf"lack the columns \['{column.lower()}'\]"):
        fetch()


def test_a_municipality_has_the_stands_whose_inside_lies_in_it(fetch):
    path = fetch(LOWER)
    assert len(metsakeskus_gpkg.read(path).stands) == 10
    source = pyogrio.read_dataframe(path, layer="source").set_index("layer")
    assert source.loc["v1:stand", ["features", "outside"]].tolist() == [10, 10]
    assert source.loc["v1:forestusedeclaration", ["features", "outside"]].tolist() == [1, 0]
    assert source.loc["outline of the municipality", "attribution"] == "Whose"


def test_licence_and_attribution_stand_in_the_file(fetch):
    path = fetch()
    source = pyogrio.read_dataframe(path, layer="source")
    assert (source["licence"].str.contains("CC BY 4.0").all(), len(source)) == (True, 2)
    assert source["attribution"].str.contains(r"Metsäkeskus\), fetched on \d{4}-\d\d-\d\d").all()
    assert "Metsäkeskus" in pyogrio.read_info(path, layer="stand")["layer_metadata"]["attribution"]
    assert sorted(file.name for file in path.parent.iterdir() if not file.name.startswith(".")) == [
        *("area.json", "metsakeskus.gpkg", "request.json"),
    ]


def test_declarations_keep_their_columns_and_can_be_left_out(fetch, tmp_path):
    declarations = pyogrio.read_dataframe(fetch(), layer="forestusedeclaration")
    assert declarations["cuttingrealizationpractice"].tolist() == [5, 2]
    with pytest.raises(ValueError, match="holds the request .*; delete it or name another folder"):
        fetch(declarations=None)


def test_no_declaration_is_a_layer_without_rows(server, fetch):
    del server.layers["v1:forestusedeclaration"][1]
    path = fetch(f"{EAST + 600},{NORTH},{EAST + 2000},{NORTH + 1000}", declarations=server.url)
    assert pyogrio.read_info(path, layer="forestusedeclaration")["features"] == 0


def test_a_complete_file_is_returned_without_a_request(server, fetch):
    path = fetch()
    server.requests.clear()
    assert fetch() == path
    assert server.requests == []


def test_an_area_without_stands_is_an_error(fetch):
    with pytest.raises(ValueError, match="has no stand in box 500000,7000000,501000,7001000"):
        fetch("500000,7000000,501000,7001000")


def test_coordinates_of_another_order_are_noticed(server, fetch):
    for row in server.layers["v1:stand"]:
        row["geometry"] = feature("turned", box(NORTH, EAST, NORTH + 9, EAST + 9))["geometry"]
    server.everywhere = True
    with pytest.raises(ValueError, match="none in box .*: its coordinates may have another order"):
        fetch()


def test_a_column_that_is_not_there_cannot_order(fetch):
    with pytest.raises(ValueError, match="v1:stand has no column 'stand_id'; it has STANDNUMBER"):
        fetch(sort_by="stand_id")


def test_an_interrupted_call_goes_on_with_the_same_area(server, fetch, tmp_path):
    server.faults = lambda parameters, number: "500" if parameters.get("startIndex") == "20" else None
    with pytest.raises(GaveUpError, match="same command goes on"):
        fetch(page=10)
    (tmp_path / "data" / ".partial.metsakeskus.gpkg").write_bytes(b"killed while it was written")
    server.faults = lambda parameters, number: None
    server.requests.clear()
    assert len(metsakeskus_gpkg.read(fetch(page=10)).stands) == 30
    assert server.starts("stand") == [20, 30]


def test_an_estimate_comes_from_the_count_and_a_sample(server):
    urls = {"url": server.url, "declarations": server.url, "patience": PATIENCE}
    size = metsakeskus_sizes.estimate(BOX, page=8, **urls)
    assert [(layer.name, layer.features, layer.pages) for layer in size.layers] == [
        *(("v1:stand", 30, 4), ("v1:forestusedeclaration", 2, 1)),
    ]
    assert size.layers[0].size == pytest.approx(30 * 700, rel=0.3)
    assert "v1:stand: 30 features, about 0.0 MB on 4 pages" in str(size)
    assert [page["count"] for page in server.asked("page")] == ["20", "2"]


KILLED = """
import sys
from pathlib import Path
from rojsat.geo.finland import metsakeskus_wfs
metsakeskus_wfs.fetch(sys.argv[1], Path(sys.argv[2]), url=sys.argv[3], declarations=None, page=3)
"""


@pytest.mark.slow
def test_killed_in_the_middle_the_next_call_goes_on(server, tmp_path):
    """By kill -9 while a page is under way, at several pages; no page that was complete is asked for again."""
    complete = metsakeskus_wfs.fetch(BOX, tmp_path / "complete", url=server.url, declarations=None, page=3)
    folder = tmp_path / "killed"
    for stop in (1, 8):
        server.faults = lambda parameters, number, stop=stop: (
            "slow" if parameters.get("startIndex") == str(3 * stop) else None
        )
        server.requests.clear()
        child = subprocess.Popen([sys.executable, "-c", KILLED, BOX, folder, server.url], env=os.environ)
        while str(3 * stop) not in [page["startIndex"] for page in server.asked("page")]:
            assert child.poll() is None, "it ended before it was killed"
            time.sleep(0.01)
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert not (folder / "metsakeskus.gpkg").exists()
    server.requests.clear()
    path = metsakeskus_wfs.fetch(BOX, folder, url=server.url, declarations=None, page=3)
    assert server.starts() == [24, 27, 30]
    for layer in ("stand", "treestand", "treestratum", "operation"):
        assert pyogrio.read_dataframe(path, layer=layer).equals(pyogrio.read_dataframe(complete, layer=layer))
