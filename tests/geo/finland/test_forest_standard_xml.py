import tracemalloc
from datetime import date

import pytest

from rojsat.geo.finland import forest_standard_xml
from tests.geo.finland.conftest import document, outline, stand
from tests.support.finnish_files import operation


@pytest.mark.parametrize("version", ["", 'schemaPackageVersion="V19"', 'schemaPackageVersion="V20"'])
def test_a_stand_is_read_with_its_trees_and_operations(xml, version):
    operations = operation("660", proposed=2025) + operation("740", completed="2016-08-04")
    table = forest_standard_xml.read(xml(document(stand("7", operations=operations), stand("8"), version=version)))
    assert table.stands.drop(columns="geometry").values.tolist() == [[n, "T1", "2", "3", "10"] for n in ("7", "8")]
    assert table.stands.crs == "EPSG:3067"
    assert table.stands.area.tolist() == [9600, 9600]  # m²: the square without its hole
    assert [tuple(trees) for trees in table.tree_stands[:2]] == [
        ("7", "1", date(2020, 6, 13), 2),
        ("7", "2", date(2025, 1, 1), 0),
    ]
    assert [tuple(row) for row in table.operations] == [
        ("7", "660", 2025, None),
        ("7", "740", None, date(2016, 8, 4)),
    ]
    assert len(table.unknown_codes()) == 0


def test_a_stand_without_outline_or_class_stays_in_the_table(xml):
    table = forest_standard_xml.read(xml(document(stand(development_class="", geometry=""))))
    assert table.stands.geometry.isna().tolist() == [True]
    assert table.stands["development_class"].tolist() == [None]


def test_unknown_codes_are_listed_with_how_often_they_stand(xml):
    text = document(stand("1", "Q7", operations=operation("523") * 2), stand("2", species="77"))
    unknown = forest_standard_xml.read(xml(text)).unknown_codes()
    assert unknown.values.tolist() == [["development_class", "Q7", 1], ["species", "77", 1], ["operation", "523", 2]]


ENTITY = '<!DOCTYPE ForestPropertyData [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (document(stand())[:-60], "no complete XML"),
        ("", "begins with nothing"),
        ("stands", "begins with nothing"),
        ("<ForestPropertyData", "begins with nothing"),
        ("<a><", "begins with 'a'"),
        ("<?xml version='1.0'?><<", "no complete XML"),
        ("<kml/>", "begins with 'kml'"),
        (document(stand("&a;"), before=ENTITY), "declares a document type"),
        (document(), "holds no stand"),
        (document(stand(), stand()), "holds the stand '1' more than once"),
        (document(stand(geometry=outline(crs="EPSG:3006"))), "stand '1': its outline is in EPSG:3006"),
        (document(stand(geometry=outline("1,2 3,4"))), "stand '1': its outline cannot be read"),
        (document(stand(geometry=outline("1,2 3,x 5,6 1,2"))), "stand '1': its outline cannot be read"),
        (document(stand(operations=operation(proposed="soon"))), "stand '1': 'soon' is no year"),
        (document(stand(operations=operation(completed="2016-13-04"))), "stand '1': '2016-13-04' is no date"),
        (document(stand()).replace(' id="1"', ""), "stand number 1 has no id"),
    ],
)
def test_a_broken_file_is_refused_by_name(xml, text, message):
    path = xml(text)
    with pytest.raises(ValueError, match=message) as caught:
        forest_standard_xml.read(path)
    assert str(path) in str(caught.value)


def test_an_absent_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match="does not exist"):
        forest_standard_xml.read(tmp_path / "absent.xml")


def test_the_text_of_a_stand_is_dropped_before_the_next_is_read(xml):
    notes = f"<st:StandInfo>{'x' * 200_000}</st:StandInfo>"
    path = xml(document(*(stand(str(number), geometry=outline() + notes) for number in range(100))))
    tracemalloc.start()
    forest_standard_xml.read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert path.stat().st_size > 20e6
    assert peak < 5e6  # bytes
