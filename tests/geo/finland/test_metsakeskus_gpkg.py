import sqlite3
from datetime import date

import pytest
from shapely.geometry import box

from rojsat.geo.finland import metsakeskus_gpkg

SQUARE = box(500000, 6900000, 500100, 6900100)
OPERATIONS = {
    "standid": [1, 1],
    "operationtype": [740, 660],
    "proposalyear": [2025, None],
    "completiondate": [None, "2016-08-04"],
}


def test_a_stand_is_read_with_its_trees_and_operations(geopackage):
    table = metsakeskus_gpkg.read(geopackage([SQUARE, None], operation=OPERATIONS))
    assert table.stands.drop(columns="geometry").values.tolist() == [[n, "T2", "1", "4", "61"] for n in ("1", "2")]
    assert table.stands.geometry.isna().tolist() == [False, True]
    assert [tuple(trees) for trees in table.tree_stands] == [
        ("1", "1", date(2021, 7, 8), 2),
        ("1", "3", date(2033, 1, 1), 1),
    ]
    assert [tuple(row) for row in table.operations] == [
        ("1", "740", 2025, None),
        ("1", "660", None, date(2016, 8, 4)),
    ]
    assert table.absent == []


def test_a_layer_that_the_contents_alone_name_is_borne_and_named(geopackage, caplog):
    path = geopackage([SQUARE], operation=OPERATIONS)
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE operation")
    database.close()
    table = metsakeskus_gpkg.read(path)
    assert table.absent == ["operation"]
    assert table.operations is None
    assert "its contents name the layers operation, which it lacks" in caplog.text


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ({"treestand": None}, r"lacks the layers \['treestand'\]"),
        ({"treestand": {"treestandid": [1], "standid": [1], "type": [1]}}, r"'treestand' lacks the columns \['date'\]"),
        ({"treestratum": None}, r"lacks the layers \['treestratum'\]"),
        ({"crs": "EPSG:3006"}, "its stands are not in EPSG:3067"),
        ({"operation": OPERATIONS | {"proposalyear": [25, None]}}, "stand '1': '25' is no year"),
    ],
)
def test_a_file_of_another_form_is_refused_by_name(geopackage, layers, message):
    path = geopackage([SQUARE], **layers)
    with pytest.raises(ValueError, match=message) as caught:
        metsakeskus_gpkg.read(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(("content", "message"), [(b"no database", "cannot be read as"), (None, "does not exist")])
def test_what_is_no_geopackage_is_refused_by_name(tmp_path, content, message):
    path = tmp_path / "MV_test.gpkg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        metsakeskus_gpkg.read(path)
