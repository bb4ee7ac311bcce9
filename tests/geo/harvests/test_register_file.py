"""Files of registers as their owners make them: which harvests are kept, and what is said of the others."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Polygon, box

from rojsat.config.lookup import UnknownNameError
from rojsat.geo.harvests import harvest_table, register_file
from rojsat.geo.harvests.registers import REGISTERS

EAST, NORTH = 500000, 6900000  # in EPSG:3006 and EPSG:3067
BOW_TIE = Polygon([(EAST, NORTH), (EAST + 100, NORTH + 100), (EAST + 100, NORTH), (EAST, NORTH + 100)])
LINE = Polygon([(EAST, NORTH), (EAST + 50, NORTH), (EAST + 100, NORTH), (EAST, NORTH)])


def square(east=0, north=0, side=100):
    return box(EAST + east, NORTH + north, EAST + east + side, NORTH + north + side)


def regions(crs, outline=None):
    return gpd.GeoDataFrame({"region": ["1"]}, geometry=[square() if outline is None else outline], crs=crs)


def fellings(path, rows, crs="EPSG:3006"):
    """The layer UtfordAvverkningYta beside another one: rows of date, kind and outline."""
    frame = gpd.GeoDataFrame(
        {
            "Beteckn": [f"A {number}-2019" for number in range(len(rows))],
            "Avvdatum": pd.to_datetime([row[0] for row in rows]),
            "Avverktyp": [row[1] for row in rows],
            "Arealha": 1.0,
        },
        geometry=[row[2] for row in rows],
        crs=crs,
    )
    frame.to_file(path, layer="UtfordAvverkningYta")
    frame.iloc[:0].to_file(path, layer="other", mode="a")
    return path


REGENERATION = "Föryngringsavverkning"


def test_swedish_fellings_near_the_regions_are_kept_and_all_others_counted(tmp_path, caplog):
    path = fellings(
        tmp_path / "sks.gpkg",
        [
            ("2016-05-01", REGENERATION, square()),
            ("2018-08-15", REGENERATION, BOW_TIE),
            (None, REGENERATION, square(200)),
            ("2017-01-01", "Gallring", square(100)),
            ("2017-01-01", None, square(100)),
            ("2017-01-01", REGENERATION, LINE),
            ("2017-01-01", REGENERATION, square(50_000)),
        ],
    )
    harvests, counts = register_file.read(path, "utford_avverkning", regions("EPSG:3006").to_crs(4326))
    assert harvests["date"].tolist() == ["2016-05-01", "2018-08-15"]
    assert set(harvests["means"]) == {"felled"} and set(harvests["licence"]) == {"CC BY 4.0"}
    assert harvests.crs == "EPSG:4326" and harvests.is_valid.all()
    assert harvests.to_crs(3006).area.tolist() == pytest.approx([10_000, 5_000], rel=1e-3)
    assert counts.facts() == {
        "kept": 2,
        "undated": 1,
        "shapeless": 1,
        "repaired": 1,
        "others": {"Gallring": 1, "none": 1},
    }
    for words in ("1 harvests near the regions have no date", "was not valid; it was repaired", "have no area"):
        assert words in caplog.text


@pytest.mark.parametrize("capitals", [True, False])
def test_finnish_declarations_are_told_from_fellings(tmp_path, capitals):
    columns = {
        "declarationarrivaldate": ["2019-03-01T00:00:00+02:00", "2021/06/30 12:00:00", "unknown"],
        "cuttingpurpose": [3.0, 3.0, 3.0],
        "standnumber": [1, 2, None],
    }
    columns = {name.upper() if capitals else name: values for name, values in columns.items()}
    geometry = [square(), square(100), square(200)]
    path = tmp_path / "wfs.geojson"
    gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:3067").to_file(path, driver="GeoJSON")
    harvests, counts = register_file.read(path, "forest_use_declaration", regions("EPSG:3067"))
    assert harvests["date"].tolist() == ["2019-03-01", "2021-06-30"]
    assert set(harvests["means"]) == {"declared"} and counts.undated == 1
    assert list(harvests) == harvest_table.COLUMNS


def test_batches_hold_few_polygons_and_give_the_same(tmp_path, monkeypatch):
    rows = [("2016-05-01", REGENERATION, square(10 * number, side=9)) for number in range(50)]
    path = fellings(tmp_path / "sks.gpkg", rows)
    at_once = register_file.read(path, "utford_avverkning", regions("EPSG:3006"))[0]
    sizes, batches = [], register_file._batches

    def counted(*arguments):
        for dates, kinds, outlines in batches(*arguments):
            sizes.append(len(outlines))
            yield dates, kinds, outlines

    monkeypatch.setattr(register_file, "BATCH", 7)
    monkeypatch.setattr(register_file, "_batches", counted)
    assert register_file.read(path, "utford_avverkning", regions("EPSG:3006"))[0].equals(at_once)
    assert max(sizes) <= 7 and sum(sizes) == len(at_once) == 50


def test_no_harvest_near_is_an_empty_table(tmp_path):
    path = fellings(tmp_path / "sks.gpkg", [("2016-05-01", REGENERATION, square(50_000))])
    harvests, counts = register_file.read(path, "utford_avverkning", regions("EPSG:3006"))
    assert len(harvests) == counts.kept == 0
    harvest_table.write(tmp_path, [harvests], {"sks.gpkg": counts.facts() | vars(REGISTERS["utford_avverkning"])})
    assert len(harvest_table.load(tmp_path)) == 0
    assert harvest_table.lines(tmp_path)[0].startswith("0 harvests near the regions of sks.gpkg (Skogsstyrelsen")


def test_files_that_are_none_of_the_register_are_refused(tmp_path):
    path = fellings(tmp_path / "sks.gpkg", [(None, REGENERATION, square())])
    cases = [
        (tmp_path / "absent.gpkg", "utford_avverkning", "does not exist"),
        (path, "forest_use_declaration", "no 'forestusedeclaration'"),
        (path, "utford_avverkning", "no date in its column 'Avvdatum'"),
    ]
    bare = tmp_path / "bare.gpkg"
    gpd.GeoDataFrame({"x": [1]}, geometry=[square()], crs="EPSG:3006").to_file(bare)
    cases.append((bare, "utford_avverkning", r"lacks the columns \['avvdatum', 'avverktyp'\]"))
    placeless = fellings(tmp_path / "placeless.gpkg", [("2016-05-01", REGENERATION, square())], crs=None)
    cases.append((placeless, "utford_avverkning", "has no coordinate system"))
    for file, register, message in cases:
        with pytest.raises(ValueError, match=message):
            register_file.read(file, register, regions("EPSG:3006"))
    with pytest.raises(UnknownNameError, match="utford_avverkning"):
        register_file.read(path, "utford_averkning", regions("EPSG:3006"))


def test_the_table_of_several_files_does_not_depend_on_their_sequence(tmp_path):
    tables = [
        harvest_table.assemble([day], np.array([square(east)]), REGISTERS["utford_avverkning"], "EPSG:3006")
        for day, east in (("2018-01-01", 0), ("2016-01-01", 100), ("2016-01-01", 0))
    ]
    for number, part in enumerate((tables, tables[::-1])):
        (tmp_path / str(number)).mkdir()
        harvest_table.write(tmp_path / str(number), part, {})
    first, second = (harvest_table.load(tmp_path / str(number)) for number in range(2))
    assert first.equals(second) and first["date"].is_monotonic_increasing
