import json
import struct

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
from shapely import affinity
from shapely.geometry import MultiPoint, MultiPolygon, Point, Polygon, box

from rojsat.geo.vectors import region_files
from rojsat.geo.vectors.region_files import COLUMNS, load_regions, read_regions, write_regions

CRS = "EPSG:32633"
SQUARE = box(500000, 6400000, 500100, 6400100)


TWO = (SQUARE, SQUARE.buffer(10))


def frame(crs=CRS, geometries=TWO, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(geometries), crs=crs)


def store(table, path):
    table.to_parquet(path) if path.suffix.endswith("parquet") else table.to_file(path)
    return path


def swap(geometry):
    """Northing before easting."""
    return affinity.affine_transform(geometry, [0, 1, 1, 0, 0, 0])


@pytest.mark.parametrize("name", ["a.shp", "a.gpkg", "a.geojson", "a.parquet", "a.geoparquet"])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3006", "EPSG:3857"])
def test_any_format_and_coordinate_system_gives_the_same_regions(tmp_path, name, crs):
    path = store(frame(stand_number=[7, 8]).to_crs(crs), tmp_path / name)
    regions = read_regions(path, role="stand", label="need", crs=CRS, id_field="stand_number")
    assert list(regions.columns) == COLUMNS
    assert list(regions["region"]) == ["7", "8"]
    assert set(regions["label"]) == {"need"}
    assert regions.crs == CRS
    assert regions.geometry[0].symmetric_difference(SQUARE).area < 0.5  # square metres


def test_ids_default_to_row_numbers_behind_the_prefix(tmp_path):
    frame().to_file(tmp_path / "a.shp")
    regions = read_regions(tmp_path / "a.shp", role="stand", crs=CRS, prefix="need-")
    assert list(regions["region"]) == ["need-1", "need-2"]
    assert regions["label"].isna().all()


STAMP = pd.Timestamp("2019-08-01T23:30")


@pytest.mark.parametrize(
    "date",
    ["2019-08-01", "2019/08/01", "20190801", "2019-08-01T23:30+05:00", 20190801, STAMP.date(), STAMP],
)
@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.parquet"])
def test_label_and_date_come_from_the_file(tmp_path, name, date):
    table = frame(region=["a", "b"], label=["housing", None], cleared=[date, None])
    regions = read_regions(store(table, tmp_path / name), role="control", crs=CRS)
    assert regions["label"][0] == "housing"
    assert regions["label"][1] is None
    assert regions["cleared"].tolist() == ["2019-08-01", None]


@pytest.mark.parametrize("date", ["last week", "01/08/2019", "2019-02-30", "2019-08-011", 7.5])
def test_dates_that_cannot_be_read_are_refused_with_their_region(tmp_path, date):
    store(frame(region=["a", "b"], cleared=[None, date]), tmp_path / "a.gpkg")
    with pytest.raises(ValueError, match=r"a.gpkg: region 'b': cleared is .*, not a date as 2019-08-01"):
        read_regions(tmp_path / "a.gpkg", role="clearing", crs=CRS)


def test_what_is_written_is_read_back(tmp_path):
    frame(region=["b", "a"], label=["need", None]).to_file(tmp_path / "a.gpkg")
    regions = read_regions(tmp_path / "a.gpkg", role="clearing", crs=CRS)
    write_regions(regions, tmp_path / "regions.gpkg")
    write_regions(regions, tmp_path / "again.gpkg")
    assert (tmp_path / "again.gpkg").read_bytes() == (tmp_path / "regions.gpkg").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"a.gpkg", "again.gpkg", "regions.gpkg"}
    back = load_regions(tmp_path / "regions.gpkg")
    assert list(back["region"]) == ["b", "a"]
    assert back["label"][1] is None
    assert back["cleared"][0] is None
    assert back.crs == CRS


BOW = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
FLAT = Polygon([(500000, 6400000), (500010, 6400000), (500020, 6400000)])


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (frame(crs=None), "no coordinate system"),
        (frame(geometries=[]), "holds no region"),
        (frame(region=["a", "a"]), "not unique: 'a' and 'a'"),
        (frame(region=["Å1", "å1"]), "not unique: 'Å1' and 'å1'"),
        (frame(region=["a", None]), "no id"),
        (frame(region=["a", "b/c"]), "region 'b/c' holds '/'; files are named after regions"),
        (frame(region=["a", "b\\c"]), "holds"),
        (frame(region=["a", "b\tc"]), r"holds '\\t'"),
        (frame(region=["a", ".b"]), "begins with a dot"),
        (frame(region=["a", "å" * 51]), "102 bytes long, more than 100"),
        (frame(geometries=[SQUARE, None]), "region '2' has no geometry"),
        (frame(geometries=[SQUARE, Polygon()]), "region '2' has no geometry"),
        (frame(geometries=[SQUARE, BOW]), "region '2' is not a valid polygon .Self-intersection"),
        (frame(geometries=[SQUARE, FLAT]), "region '2' is not a valid polygon"),
        (frame(geometries=[SQUARE, MultiPolygon([SQUARE, SQUARE])]), "not a valid polygon"),
        (frame(geometries=[Point(0, 0), MultiPoint([(0, 0)])]), "not a polygon"),
        (frame(geometries=[SQUARE, affinity.translate(SQUARE, 1e7)]), "region '2' lies at 10500000, .* is wrong"),
        (frame(geometries=[SQUARE, affinity.translate(SQUARE, 0, 1e300)]), "region '2'"),
        (frame(geometries=[SQUARE, affinity.translate(SQUARE, -3e6)]), "region '2' lies at -2500000"),
        (frame(geometries=[Polygon([(0, 0), (1, np.nan), (1, 1)])]), r"region '1' .*Invalid Coordinate\[1 nan\]"),
        (frame(geometries=[Polygon([(0, 0), (1, np.inf), (1, 1)])]), "region '1' has coordinates that are no numbers"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_faulty_regions_are_refused_by_name(tmp_path, table, message):
    table.to_file(tmp_path / "a.gpkg")
    with pytest.raises(ValueError, match=message) as caught:
        read_regions(tmp_path / "a.gpkg", role="stand", crs=CRS)
    assert "a.gpkg" in str(caught.value)


@pytest.mark.parametrize(
    ("crs", "polygon"),
    [("EPSG:3006", SQUARE), ("EPSG:2393", box(3400000, 6700000, 3400100, 6700100)), ("EPSG:4326", box(100, 5, 101, 6))],
)
@pytest.mark.parametrize("name", ["a.gpkg", "a.shp"])
def test_swapped_axes_are_reported_and_not_corrected(tmp_path, crs, polygon, name):
    frame(crs=crs, geometries=[polygon]).to_file(tmp_path / name)
    assert len(read_regions(tmp_path / name, role="stand", crs="EPSG:4326")) == 1
    frame(crs=crs, geometries=[swap(polygon)]).to_file(tmp_path / name)
    with pytest.raises(ValueError, match=r"region '1' lies at .* its axes are swapped; write easting"):
        read_regions(tmp_path / name, role="stand", crs="EPSG:4326")


def test_a_zone_is_used_beyond_its_edges_and_across_the_date_line(tmp_path):
    luleå = gpd.GeoSeries([box(22.1, 65.5, 22.2, 65.6)], crs=4326).to_crs(CRS)  # zone 34
    store(frame(geometries=luleå), tmp_path / "a.gpkg")
    assert len(read_regions(tmp_path / "a.gpkg", role="stand", crs="EPSG:4326")) == 1
    store(frame(crs="EPSG:2193", geometries=[box(1.5e6, 5.2e6, 1.6e6, 5.3e6)]), tmp_path / "b.gpkg")
    assert len(read_regions(tmp_path / "b.gpkg", role="stand", crs="EPSG:4326")) == 1


def test_wrong_names_are_refused_with_what_there_is(tmp_path):
    frame(stand=[1, 2]).to_file(tmp_path / "a.gpkg", layer="stands")
    with pytest.raises(ValueError, match="does not exist"):
        read_regions(tmp_path / "b.gpkg", role="stand", crs=CRS)
    with pytest.raises(ValueError, match="stand, clearing, control"):
        read_regions(tmp_path / "a.gpkg", role="forest", crs=CRS)
    with pytest.raises(ValueError, match=r"no column 'id'.*'stand'"):
        read_regions(tmp_path / "a.gpkg", role="stand", crs=CRS, id_field="id")
    with pytest.raises(ValueError, match=r"layer 'stand' does not exist. Did you mean 'stands'"):
        read_regions(tmp_path / "a.gpkg", role="stand", crs=CRS, layer="stand")
    pd.DataFrame({"a": [1]}).to_csv(tmp_path / "c.csv", index=False)
    with pytest.raises(ValueError, match=r"c.csv holds no geometry"):
        read_regions(tmp_path / "c.csv", role="stand", crs=CRS)


@pytest.mark.parametrize("name", ["a.shp", "a.gpkg", "a.geojson", "a.parquet"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_truncated_files_are_refused_by_name(tmp_path, name, share):
    path = store(frame(region=["a", "b"]), tmp_path / name)
    intact = path.read_bytes()
    path.write_bytes(intact[: int(share * len(intact))])
    with pytest.raises(ValueError, match=name):
        read_regions(path, role="stand", crs=CRS)


def test_the_table_of_a_shapefile_may_not_be_cut_short(tmp_path):
    frame(region=["a", "b"]).to_file(tmp_path / "a.shp")
    dbf = (tmp_path / "a.dbf").read_bytes()
    records, header, record = struct.unpack("<IHH", dbf[4:12])
    (tmp_path / "a.dbf").write_bytes(dbf[: header + record])
    assert records == 2
    with pytest.raises(ValueError, match=r"a.dbf is truncated"):
        read_regions(tmp_path / "a.shp", role="stand", crs=CRS)


def test_a_table_of_billions_of_records_without_bytes_is_refused_and_not_read(tmp_path):
    frame(region=["a", "b"]).to_file(tmp_path / "a.shp")
    dbf = (tmp_path / "a.dbf").read_bytes()
    (tmp_path / "a.dbf").write_bytes(dbf[:4] + struct.pack("<IHH", 2**32 - 1, 65, 0) + dbf[12:])
    with pytest.raises(ValueError, match=r"a.dbf states 4294967295 records of 0 bytes"):
        read_regions(tmp_path / "a.shp", role="stand", crs=CRS)


def test_a_local_system_leads_nowhere(tmp_path):
    local = 'ENGCRS["site",EDATUM["site"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]'
    store(frame(crs=local), tmp_path / "a.parquet")
    with pytest.raises(ValueError, match=r"a.parquet: its coordinate system 'site' leads to no other"):
        read_regions(tmp_path / "a.parquet", role="stand", crs=CRS)


def test_labels_of_stands_are_words_of_a_vocabulary(tmp_path):
    path = store(frame(label=["Need", " clear "]), tmp_path / "a.gpkg")
    assert list(read_regions(path, role="stand", crs=CRS)["label"]) == ["need", "clear"]
    path = store(frame(label=["Röjning", "klar"]), tmp_path / "b.gpkg")
    mapped = read_regions(path, role="stand", crs=CRS, labels={"röjning": "need", "klar": "clear"})
    assert list(mapped["label"]) == ["need", "clear"]
    with pytest.raises(ValueError, match=r"labels 'Röjning' \(1 stands\), 'klar' \(1 stands\); .* is clear or need"):
        read_regions(path, role="stand", crs=CRS)
    with pytest.raises(ValueError, match="labels maps 'klar' to 'done'"):
        read_regions(path, role="stand", crs=CRS, labels={"klar": "done"})


def test_one_of_several_layers_must_be_named(tmp_path):
    path = tmp_path / "a.gpkg"
    frame().to_file(path, layer="2019")
    frame(geometries=TWO[:1]).to_file(path, layer="2023")
    with pytest.raises(ValueError, match=r"layers '2019' \(2 features\), '2023' \(1 features\): name one by `layer"):
        read_regions(path, role="stand", label="need", crs=CRS)
    assert len(read_regions(path, role="stand", label="need", crs=CRS, layer="2023")) == 1


def test_the_only_layer_with_geometry_is_taken(tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"owner": ["a"]}), path, layer="owners")
    frame().to_file(path, layer="stands")
    assert len(read_regions(path, role="stand", label="need", crs=CRS)) == 2


def test_an_operation_of_unknown_accuracy_is_refused(tmp_path):
    wkt = pyproj.CRS.from_epsg(3021).to_wkt("WKT1_ESRI").replace("D_RT_1990", "D_Unknown_on_Bessel")
    lost = store(frame(geometries=[box(1500000, 6400000, 1500100, 6400100)], crs=wkt), tmp_path / "a.parquet")
    with pytest.raises(ValueError, match="only with unknown accuracy .PROJ: .*[Bb]allpark"):
        read_regions(lost, role="stand", label="need", crs=CRS)


def test_all_faults_of_shape_are_named_at_once(tmp_path):
    bow = Polygon([(500000, 6400000), (500100, 6400100), (500100, 6400000), (500000, 6400100)])
    path = store(frame(geometries=[bow, SQUARE, bow], region=["a", "b", "c"]), tmp_path / "a.parquet")
    with pytest.raises(ValueError, match="region 'a' is not a valid polygon.*; region 'c' is not a valid polygon"):
        read_regions(path, role="stand", label="need", crs=CRS)


def test_ids_that_are_rounded_are_refused_and_a_column_taken_by_its_name_is_said(tmp_path):
    path = store(frame(number=[9007199254740993.0, 1.0]), tmp_path / "a.gpkg")
    with pytest.raises(ValueError, match="'number' holds decimal numbers up to 9007199254740992, which are rounded"):
        read_regions(path, role="stand", label="need", crs=CRS, id_field="number")
    path = store(frame(region=["Östergötland"] * 2), tmp_path / "b.gpkg")
    with pytest.raises(ValueError, match=r"not unique: .*its column 'region', because of its name.*id_field"):
        read_regions(path, role="stand", label="need", crs=CRS)


def test_a_stand_in_parts_far_from_each_other_is_said(tmp_path, caplog):
    parts = MultiPolygon([SQUARE, affinity.translate(SQUARE, 400, 400)])
    path = store(frame(geometries=[parts, SQUARE], label=["need", None]), tmp_path / "a.gpkg")
    read_regions(path, role="stand", crs=CRS)
    assert "1 of 2 stands have no label" in caplog.text
    assert "region '1' has 2 parts and fills 8 % of its box" in caplog.text
    assert "`parts: regions` of this file" in caplog.text


def test_a_narrow_stand_across_its_box_is_named(tmp_path, caplog):
    strip = affinity.rotate(affinity.scale(SQUARE, 8, 1), 45)
    read_regions(store(frame(geometries=[strip, SQUARE]), tmp_path / "a.gpkg"), role="stand", label="need", crs=CRS)
    assert "stand '1' fills 20 % of its box" in caplog.text and "stand '2'" not in caplog.text
    caplog.clear()
    read_regions(tmp_path / "a.gpkg", role="clearing", crs=CRS)  # outside its outline nothing is known
    assert not caplog.text


def test_parts_may_be_regions_of_their_own_that_know_what_they_are_parts_of(tmp_path):
    parts = MultiPolygon([SQUARE, affinity.translate(SQUARE, 400, 400)])
    path = store(frame(geometries=[parts, SQUARE], region=["7", "8"]), tmp_path / "a.gpkg")
    regions = read_regions(path, role="stand", label="need", crs=CRS, parts="regions")
    assert list(regions["region"]) == ["7_1", "7_2", "8"]
    assert list(regions["part_of"]) == ["7", "7", None]
    assert regions.geometry.geom_type.unique().tolist() == ["Polygon"]
    write_regions(regions, tmp_path / "regions.gpkg")
    assert list(load_regions(tmp_path / "regions.gpkg")["part_of"]) == ["7", "7", None]
    together = read_regions(path, role="stand", label="need", crs=CRS)
    assert list(together["region"]) == ["7", "8"] and "part_of" not in together
    alone = store(frame(geometries=[SQUARE, SQUARE]), tmp_path / "b.gpkg")
    assert "part_of" not in read_regions(alone, role="stand", label="need", crs=CRS, parts="regions")
    taken = store(frame(geometries=[parts, SQUARE], region=["7", "7_2"]), tmp_path / "c.gpkg")
    with pytest.raises(ValueError, match="ids are not unique: '7_2'"):
        read_regions(taken, role="stand", label="need", crs=CRS, parts="regions")
    with pytest.raises(ValueError, match="parts: 'region' does not exist. Did you mean 'regions'"):
        read_regions(path, role="stand", label="need", crs=CRS, parts="region")


@pytest.mark.parametrize("name", ["a.gpkg", "a.shp"])
def test_columns_are_kept_as_text_where_they_are_asked_for(tmp_path, name):
    parts = MultiPolygon([SQUARE, affinity.translate(SQUARE, 400, 400)])
    path = store(frame(geometries=[parts, SQUARE], municipality=["Enonkoski", None], area=[7.0, 8.5]), tmp_path / name)
    columns = ["municipality", "area"]
    regions = read_regions(path, role="stand", label="need", crs=CRS, parts="regions", columns=columns)
    write_regions(regions, tmp_path / "regions.gpkg")
    kept = load_regions(tmp_path / "regions.gpkg")
    assert list(kept["kept_municipality"]) == ["Enonkoski", "Enonkoski", None]
    assert list(kept["kept_area"]) == ["7", "7", "8.5"]
    with pytest.raises(ValueError, match="column of .* 'Area' does not exist. Did you mean 'area'"):
        read_regions(path, role="stand", crs=CRS, columns=["Area"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp850"])
def test_geojson_is_read_in_the_encoding_that_it_has(tmp_path, encoding):
    regions = gpd.GeoDataFrame({"region": ["björkåsen"]}, geometry=[box(15, 58, 15.1, 58.1)], crs=4326)
    text = json.dumps(json.loads(regions.to_json()), ensure_ascii=False)
    (tmp_path / "a.geojson").write_text(text, encoding=encoding)
    assert list(read_regions(tmp_path / "a.geojson", role="clearing", crs="EPSG:32633")["region"]) == ["björkåsen"]


def test_regions_are_read_back_the_same_in_parts(tmp_path, monkeypatch):
    path = tmp_path / "regions.gpkg"
    columns = {"region": list("edcba"), "role": "stand", "label": [None, None, "need", None, "clear"], "cleared": None}
    kept = {"part_of": [None, None, None, "b", "b"], "kept_owner": [None, "x", "x", None, "y"]}
    outlines = [box(x, 6500000, x + 100, 6500100) for x in range(500000, 500500, 100)]
    write_regions(gpd.GeoDataFrame(columns | kept, geometry=outlines, crs=CRS), path)
    complete = load_regions(path)
    monkeypatch.setattr(region_files, "PART", 2)
    in_parts = load_regions(path)
    assert in_parts.crs == complete.crs and list(in_parts.columns) == [*COLUMNS, *kept]
    pd.testing.assert_frame_equal(in_parts, complete)
