"""The same walk in every way that phones, spreadsheets and GIS write it."""

import pytest

from rojsat.geo.gps import files

WALK = [("15.25", "58.5", "2019-08-01T09:00:00Z"), ("15.26", "58.6", "2019-08-01T09:00:10Z")]


def table(header="lon,lat,time", rows=WALK, *, sep=",", point=".", before=""):
    lines = [sep.join([x.replace(".", point), y.replace(".", point), *rest]) for x, y, *rest in rows]
    return before + "\n".join([header.replace(",", sep), *lines]) + "\n"


def read(path, content, encoding="utf-8", csv_crs=None):
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    (batch,) = files.batches(path, csv_crs)
    return batch


CLOCKS = [(x, y, time[:10], time[11:]) for x, y, time in WALK]


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("a.csv", table(), "utf-8"),
        ("a.CSV", table(sep=";", point=","), "utf-8-sig"),
        ("a.tsv", table(sep="\t"), "utf-16"),
        ("a.txt", table(sep="|"), "utf-16-le"),
        ("a.csv", table(sep="\t", point=","), "utf-16-be"),
        ("a.csv", table("Längd,Bredd,Tid"), "cp1252"),
        ("a.csv", table("Längd,Bredd,Tid"), "cp850"),
        ("a.csv", table(" LONGITUDE , Latitude ,Date_Time"), "utf-8"),
        ("a.csv", table(before="sep=,\n"), "utf-8"),
        ("a.csv", table(before="# of a phone\n\n"), "utf-8"),
        ("a.csv", table(rows=[(f'"{x}"', f'"{y}"', time) for x, y, time in WALK], point=","), "utf-8"),
        ("a.csv", table("lon,lat,date,time", CLOCKS), "utf-8"),
        ("a.csv", table("lon,lat,time,Datum", [(x, y, clock, day) for x, y, day, clock in CLOCKS]), "utf-8"),
        ("a.csv", table("lon,lat,time,date", [(*row, "2001-01-01") for row in WALK]), "utf-8"),
        ("a.csv", table(sep=";").replace("time", "time;a,b,c,d").replace("Z", "Z;1"), "utf-8"),
        ("a.csv", table().replace("\n", "\r\n"), "utf-8"),
        ("a.csv", table().replace("\n", "\r"), "utf-8"),
    ],
)
def test_the_walk_comes_back(tmp_path, name, text, encoding):
    batch = read(tmp_path / name, text, encoding)
    assert (batch.x.tolist(), batch.y.tolist()) == ([15.25, 15.26], [58.5, 58.6])
    assert [time.replace(" ", "T") for time in batch.time.to_pylist()] == [time for *_, time in WALK]


@pytest.mark.parametrize(
    "header", ["x,y,time", "E,N,time", "POINT_X,POINT_Y,time", "Öst,Nord,time", "xcoord,ycoord,time"]
)
def test_columns_of_metres_need_their_coordinate_system(tmp_path, header):
    assert read(tmp_path / "a.csv", table(header), csv_crs="EPSG:3006").crs == "EPSG:3006"
    with pytest.raises(ValueError, match="state their CRS, csv_crs"):
        read(tmp_path / "a.csv", table(header))


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "cp850", "utf-8"])
def test_names_of_tracks_keep_their_letters(tmp_path, caplog, encoding):
    batch = read(tmp_path / "a.csv", table("lon,lat,track", [(x, y, "Örnsköldsås") for x, y, _ in WALK]), encoding)
    assert batch.track.to_pylist() == ["Örnsköldsås"] * 2
    assert ("Örnsköldsås" in caplog.text) == (encoding != "utf-8")


@pytest.mark.parametrize("header", ["lon,lat,Time (UTC)", "lon,lat,created_at"])
def test_times_in_a_column_of_an_unknown_name_are_reported(tmp_path, caplog, header):
    assert read(tmp_path / "a.csv", table(header)).time is None
    assert "has no column of times (time/timestamp/" in caplog.text and header.rpartition(",")[2] in caplog.text


def test_a_coordinate_that_is_no_number_is_named(tmp_path):
    with pytest.raises(ValueError, match="column lat: .*58 30 12.*write decimal numbers"):
        read(tmp_path / "a.csv", table(rows=[("15.25", "58 30 12", "")]))
