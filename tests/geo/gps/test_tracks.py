import logging

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyproj
import pytest
from shapely.geometry import MultiPoint, Point, box

from rojsat.geo.gps.tracks import COLUMNS, load_tracks, read_tracks, write_tracks

CRS = "EPSG:32633"
EAST, NORTH = 500000.0, 6400000.0
REGIONS = gpd.GeoDataFrame(
    {"region": ["1", "2", "s"], "role": ["clearing", "clearing", "stand"]},
    geometry=[
        box(EAST, NORTH, EAST + 100, NORTH + 100),
        box(EAST + 90, NORTH, EAST + 200, NORTH + 100),  # overlaps 1 by 10 m
        box(EAST + 300, NORTH, EAST + 400, NORTH + 100),
    ],
    crs=CRS,
)
GPX = """<?xml version="1.0"?><gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">
<wpt lat="0" lon="0"/><trk><trkseg>{points}</trkseg></trk></gpx>"""
LON, LAT = gpd.GeoSeries.from_xy([EAST + 20], [NORTH + 50], crs=CRS).to_crs(4326).get_coordinates().to_numpy()[0]
LOCAL = 'ENGCRS["site",EDATUM["site"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]'
HOURS = ["2019-08-01T10:00:00Z", "2019-08-01T09:00:00Z", "2019-08-01T11:00:00Z"]


def points(xs, times=None, track="a"):
    columns = {"track": track, "geometry": gpd.points_from_xy([EAST + x for x in xs], [NORTH + 50] * len(xs))}
    if times is not None:
        columns["time"] = pd.to_datetime(times, utc=True)
    return gpd.GeoDataFrame(columns, crs=CRS)


def gpx(frame):
    fixes = [
        f'<trkpt lat="{p.y:.9f}" lon="{p.x:.9f}"><time>{t:%Y-%m-%dT%H:%M:%SZ}</time></trkpt>'
        for p, t in zip(frame.to_crs(4326).geometry, frame["time"], strict=True)
    ]
    return GPX.format(points="".join(fixes))


def stored(tmp_path, name, table, times):
    """The points as a file of the kind that `name` ends with."""
    path, wgs = tmp_path / name, table.to_crs(4326).geometry
    if name.endswith("gpx"):
        path.write_text(gpx(table))
    elif name == "native.parquet":
        table.to_parquet(path, geometry_encoding="geoarrow")
    elif name.endswith("parquet"):
        table.to_parquet(path)
    elif name == "xy.csv":
        pd.DataFrame({"Y": table.geometry.y, "X": table.geometry.x, "Time": times}).to_csv(path, index=False)
    elif name == "excel.csv":  # Swedish: semicolons, decimal commas, a byte order mark
        columns = pd.DataFrame({"lon": wgs.x, "lat": wgs.y, "time": times})
        columns.to_csv(path, index=False, sep=";", decimal=",", encoding="utf-8-sig")
    elif name.endswith("csv"):
        pd.DataFrame({"Lon": wgs.x, "Lat": wgs.y, "time": times}).to_csv(path, index=False)
    elif name == "parts.gpkg":
        multipoint = MultiPoint(list(table.geometry))
        gpd.GeoDataFrame({"time": [times[0]]}, geometry=[multipoint], crs=CRS).to_file(path)
    else:
        table.assign(time=times).to_file(path)
    return path


FORMATS = ["a.gpx", "a.gpkg", "a.shp", "a.geojson", "a.parquet", "native.parquet", "a.geoparquet"]


@pytest.mark.parametrize("name", [*FORMATS, "a.csv", "xy.csv", "excel.csv"])
def test_every_format_gives_the_same_points(tmp_path, name):
    path = stored(tmp_path, name, points([50, 150, 350], HOURS), HOURS)
    fixes = read_tracks([path], crs=CRS, regions=REGIONS, csv_crs=CRS)
    assert [fixes.regions[number] for number in fixes.region] == ["2", "1"]  # by time; the third lies in a stand only
    assert list(fixes.time) == [np.datetime64(HOURS[1][:-1]), np.datetime64(HOURS[0][:-1])]
    assert fixes.x == pytest.approx([EAST + 150, EAST + 50], abs=0.01)
    counts = {"unplaced": 0, "impossible": 0, "repeated": 0, "fast": 0, "outside": 1, "untimed": 0}
    assert fixes.facts == {"files": 1, "points": 3, **counts, "kept": 2}


def test_a_multipoint_is_several_points_of_one_time(tmp_path):
    path = stored(tmp_path, "parts.gpkg", points([50, 150, 60], HOURS), HOURS)
    fixes = read_tracks([path], crs=CRS, regions=REGIONS)
    assert fixes.by_region() == {"1": 2, "2": 1}
    assert len(set(fixes.time)) == 1


def test_a_point_in_two_regions_goes_to_the_first_and_edges_belong_to_them(tmp_path):
    points([95, 0, 200]).to_parquet(tmp_path / "a.parquet")
    assert read_tracks([tmp_path / "a.parquet"], crs=CRS, regions=REGIONS).by_region() == {"1": 2, "2": 1}


def test_tracks_of_two_files_stay_apart_though_their_names_are_the_same(tmp_path):
    files = [tmp_path / "a.parquet", tmp_path / "b.parquet", tmp_path / "c" / "a.parquet"]
    files[2].parent.mkdir()
    for number, path in enumerate(files):
        points([1 + number, 2 + number], HOURS[:2], track="1").to_parquet(path)
    two = read_tracks(files[:2], crs=CRS, regions=REGIONS, repeated="keep")
    assert two.tracks == ("a/1", "b/1")
    three = read_tracks(files, crs=CRS, regions=REGIONS, repeated="keep")
    assert three.tracks == ("a.parquet/1", "b.parquet/1", "c/a.parquet/1")
    assert len(read_tracks([*files, *files], crs=CRS, regions=REGIONS, repeated="keep")) == 6  # each file once


def test_what_is_written_is_read_back_by_geopandas_too(tmp_path):
    points([50, 150, 350], [*HOURS[:2], None]).to_parquet(tmp_path / "a.parquet")
    fixes = read_tracks([tmp_path / "a.parquet"], crs=CRS, regions=REGIONS, outside="keep")
    write_tracks(fixes, tmp_path / "gps.parquet")
    back = load_tracks(tmp_path / "gps.parquet")
    for name in ("x", "y", "time", "track"):
        np.testing.assert_array_equal(getattr(back, name), getattr(fixes, name))
    assert back.facts == fixes.facts and back.crs == fixes.crs
    assert {k: v for k, v in back.by_region().items() if v} == {"1": 1, "2": 1}
    frame = gpd.read_parquet(tmp_path / "gps.parquet")
    assert list(frame.columns) == COLUMNS
    assert frame.crs == CRS
    assert list(frame["region"].fillna("none")) == ["2", "1", "none"]
    assert str(frame["time"].dtype) == "datetime64[ms, UTC]" and frame["time"].isna().sum() == 1
    assert frame.geometry.x.tolist() == fixes.x.tolist()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_corrupt_file_of_points_is_refused_with_the_command(tmp_path):
    with pytest.raises(ValueError, match="no GPS tracks"):
        load_tracks(tmp_path / "none.parquet")
    points([50]).to_parquet(tmp_path / "a.parquet")
    write_tracks(read_tracks([tmp_path / "a.parquet"], crs=CRS, regions=REGIONS), tmp_path / "gps.parquet")
    intact = (tmp_path / "gps.parquet").read_bytes()
    (tmp_path / "gps.parquet").write_bytes(intact[:-50])
    with pytest.raises(
        ValueError, match=r"gps.parquet cannot be read .*; delete .*, then run `python -m rojsat.stages.raw data="
    ):
        load_tracks(tmp_path / "gps.parquet")
    (tmp_path / "b.parquet").write_bytes(intact)
    pq.write_table(pq.read_table(tmp_path / "b.parquet").replace_schema_metadata({}), tmp_path / "gps.parquet")
    with pytest.raises(ValueError, match="another version of rojsat, wrote it"):
        load_tracks(tmp_path / "gps.parquet")


def broken(tmp_path, name):
    """A file that cannot be used, of each kind."""
    path, frame = tmp_path / name, points([50, 60], HOURS[:2])
    texts = {
        "none.csv": "a\n1\n",
        "empty.csv": "",
        "xy.csv": "x,y\n1,2\n",
        "word.csv": "lon,lat\n15,north\n",
        "repeated.csv": "lon,lat,lon\n1,2,3\n",
        "short.csv": "lon,lat,time\n15,58\n",
        "latin.csv": b"lon,lat,track\n15,58,\xe5sa\n",
        "swapped.csv": f"lon,lat\n{LAT},{LON}\n",
        "far.csv": "lon,lat\n25,58\n",
        "times.csv": f"lon,lat,time\n{LON},{LAT},01/08/2019 10:00\n",
        "broken.gpx": gpx(frame)[:-20],
        "other.gpx": "<html></html>",
        "empty.gpx": GPX.format(points=""),
        "c.gpkg": "no database",
        "d.geojson": '{"type": "FeatureCollection", "features": [',
        "short.parquet": "PAR1",
    }
    if name in texts:
        path.write_bytes(texts[name] if isinstance(texts[name], bytes) else texts[name].encode())
    elif name == "area.parquet":
        REGIONS.to_parquet(path)
    elif name == "table.parquet":
        frame.drop(columns="geometry").to_parquet(path)
    elif name in ("nowhere.parquet", "nowhere.shp"):
        frame = frame.set_crs(None, allow_override=True)
        frame.to_parquet(path) if name.endswith("parquet") else frame.drop(columns="time").to_file(path)
    elif name == "numbers.parquet":
        frame.assign(time=[1564653600, 1564653601]).to_parquet(path)
    elif name == "local.parquet":
        frame.set_crs(LOCAL, allow_override=True).to_parquet(path)
    elif name == "list.parquet":
        frame.assign(track=[["a"], ["b"]]).to_parquet(path)
    elif name == "latin.shp":
        frame.drop(columns="time").to_file(path)
        path.with_suffix(".prj").write_bytes(b'PROJCS["\xe5"]')
    elif name == "cut.shp":
        frame.drop(columns="time").to_file(path)
        path.write_bytes(path.read_bytes()[:-20])
    return path


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.csv", r"lon/.*it has \['a'\]"),
        ("empty.csv", r"it has \[\]"),
        ("xy.csv", "csv_crs: EPSG"),
        ("word.csv", "north"),
        ("repeated.csv", "names a column more than once"),
        ("short.csv", "Expected 3 columns"),
        ("swapped.csv", "axes are swapped"),
        ("far.csv", r"none of 1 GPS points lies in a clearing object.*500000, 6400000"),
        ("times.csv", "none of its 1 times can be read, as .*write them as"),
        ("broken.gpx", "cannot be read"),
        ("other.gpx", "cannot be read"),
        ("empty.gpx", "no track point in 1 files: empty.gpx"),
        ("c.gpkg", "cannot be read"),
        ("d.geojson", "cannot be read"),
        ("none.gpx", "does not exist"),
        ("short.parquet", "cannot be read"),
        ("area.parquet", "holds POLYGON; GPS tracks must come as points"),
        ("table.parquet", "Parquet without geometry"),
        ("nowhere.parquet", "no coordinate system"),
        ("nowhere.shp", "no coordinate system"),
        ("numbers.parquet", "holds int64; times must be"),
        ("local.parquet", "'site' leads to no other"),
        ("list.parquet", "cannot be read"),
        ("latin.shp", "cannot be read"),
        ("cut.shp", "truncated: it has 136 of 156 bytes"),
    ],
)
@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_faulty_files_are_refused_by_name(tmp_path, name, message):
    path = broken(tmp_path, name)
    with pytest.raises(ValueError, match=message) as caught:
        read_tracks([path], crs=CRS, regions=REGIONS)
    assert name in str(caught.value) or name == "far.csv"


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"zone": "Europe/Stokholm"}, "'Europe/Stokholm' does not exist; .*'Europe/Stockholm'"),
        ({"earliest": "then"}, "earliest is 'then', not a date"),
        ({"latest": None}, "latest is None, not a date"),
        ({"impossible": "keep"}, "impossible is 'keep'; it may be 'untimed' or 'drop'"),
        ({"repeated": "once"}, "it may be 'drop' or 'keep'"),
        ({"max_speed": 0}, "above 0 metres a second"),
        ({"regions": REGIONS[REGIONS["role"] == "stand"]}, "regions of role clearing"),
    ],
)
def test_wrong_options_are_refused_before_a_file_is_read(tmp_path, option, message):
    with pytest.raises(ValueError, match=message):
        read_tracks([tmp_path / "none.gpx"], **{"crs": CRS, "regions": REGIONS, **option})


def test_times_without_zone_are_of_the_zone_that_is_named(tmp_path):
    times = ["2019-08-01 10:00:00", "2019-12-01T10:00:00", "2019-12-01T10:00:00+05:30"]
    (tmp_path / "a.csv").write_text("\n".join(["lon,lat,time", *(f"{LON},{LAT},{time}" for time in times)]))
    fixes = read_tracks([tmp_path / "a.csv"], crs=CRS, regions=REGIONS, zone="Europe/Stockholm")
    expected = ["2019-08-01T08:00", "2019-12-01T04:30", "2019-12-01T09:00"]
    assert list(fixes.time) == [np.datetime64(moment) for moment in expected]


def dirty(tmp_path):
    """Seven metres in a second are too fast; a drive, a clock of 1901, doubles, no place, somewhere else."""
    seconds = [0, 10, 11, 12, 13, 60, 60, 120, 180]
    times = [
        *(f"2019-08-01T10:{s // 60:02}:{s % 60:02}Z" for s in seconds),
        "1901-12-13T20:45:52Z",
        "never",
        None,
        None,
    ]
    xs = [1, 2, 22, 42, 62, 70, 70, 500, 80, 5, 6, 7, np.nan]
    table = points(xs).assign(time=times)
    table.loc[12, "geometry"] = Point()
    table.to_parquet(tmp_path / "a.parquet")
    return [tmp_path / "a.parquet"]


def test_what_cleaning_leaves_out_is_counted_and_logged(tmp_path, caplog):
    with caplog.at_level(logging.INFO, "rojsat.geo.gps.tracks"):
        fixes = read_tracks(dirty(tmp_path), crs=CRS, regions=REGIONS)
    fine = {"files": 1, "points": 13, "unplaced": 1, "impossible": 2, "repeated": 1}
    assert fixes.facts == {**fine, "fast": 2, "outside": 1, "untimed": 3, "kept": 8}
    assert (fixes.x - EAST).tolist() == [1, 2, 62, 70, 80, 5, 6, 7]
    assert caplog.messages[-1].startswith("GPS: 1 files, 13 points, 1 unplaced, 2 impossible, 1 repeated, 2 fast")


@pytest.mark.parametrize(
    ("option", "change"),
    [
        ({"max_speed": None}, {"fast": 0, "kept": 10}),
        ({"max_speed": 30.0}, {"fast": 0, "kept": 10}),
        ({"repeated": "keep"}, {"repeated": 0, "kept": 9}),
        ({"outside": "keep"}, {"kept": 9}),
        ({"impossible": "drop"}, {"untimed": 1, "kept": 6}),
        ({"earliest": "1901-01-01"}, {"impossible": 1, "untimed": 2}),
        ({"latest": "2019-01-01"}, {"impossible": 11, "untimed": 11, "repeated": 0, "fast": 0, "kept": 11}),
    ],
)
def test_each_cleaning_is_an_option(tmp_path, option, change):
    files = dirty(tmp_path)
    before = read_tracks(files, crs=CRS, regions=REGIONS).facts
    assert read_tracks(files, crs=CRS, regions=REGIONS, **option).facts == {**before, **change}


@pytest.mark.parametrize(
    ("name", "count", "untimed"),
    [
        ("cerknicko-jezero.gpx", 296, 0),
        ("Mojstrovka.gpx", None, "all"),
        ("unicode_with_bom.gpx", 0, 0),
        ("unicode.gpx", 0, 0),
        ("korita-zbevnica.gpx", None, None),
        ("track-with-empty-segment.gpx", None, None),
        ("cerknicko-without-times.gpx", 296, 291),
    ],
)
def test_real_walks_are_read_however_dirty(real, name, count, untimed):
    world = gpd.GeoDataFrame({"region": ["w"], "role": ["clearing"]}, geometry=[box(-20, 30, 40, 70)], crs=4326)
    if count == 0:
        with pytest.raises(ValueError, match="no track point"):
            read_tracks([real / "gps" / name], crs=4326, regions=world)
        return
    fixes = read_tracks([real / "gps" / name], crs=4326, regions=world)
    assert fixes.facts["outside"] == 0
    assert count is None or fixes.facts["points"] == count
    if untimed is not None:
        assert fixes.facts["untimed"] == (len(fixes) if untimed == "all" else untimed)


def walk(seconds=range(200)):
    """A worker's way through region 1, a point a second."""
    return points(
        [5 + second * 0.4 for second in seconds], pd.Timestamp("2019-08-01T09:00Z") + pd.to_timedelta(seconds, "s")
    )


@pytest.mark.parametrize("times", [True, False])
def test_the_same_work_in_two_files_counts_once(tmp_path, caplog, times):
    track, wgs = walk(), walk().to_crs(4326).geometry
    (tmp_path / "a.gpx").write_text(gpx(track))
    rounded = pd.DataFrame({"lon": wgs.x.round(5), "lat": wgs.y.round(5)} | ({"time": track["time"]} if times else {}))
    rounded.to_csv(tmp_path / "b.csv", index=False)
    read = read_tracks([tmp_path / "a.gpx", tmp_path / "b.csv"], crs=CRS, regions=REGIONS)
    assert (len(read), read.facts["copied"], read.tracks[read.track[0]]) == (200, 200, "a/1")
    assert "track 'b' is the same work as 'a/1'" in caplog.text
    kept = read_tracks([tmp_path / "a.gpx", tmp_path / "b.csv"], crs=CRS, regions=REGIONS, repeated="keep")
    assert len(kept) == 400


def test_two_workers_side_by_side_are_no_copies(tmp_path):
    walk().to_parquet(tmp_path / "a.parquet")
    other = walk()
    other.geometry = other.geometry.translate(0, 8)
    other.to_parquet(tmp_path / "b.parquet")
    later = walk()
    later["time"] += pd.Timedelta(1, "h")  # the same way an hour later
    later.to_parquet(tmp_path / "c.parquet")
    read = read_tracks([tmp_path / f"{name}.parquet" for name in "abc"], crs=CRS, regions=REGIONS)
    assert len(read) == 600


def test_what_gives_no_point_of_a_track_is_said(tmp_path, caplog):
    (tmp_path / "a.gpx").write_text(gpx(walk()))
    waypoints = '<?xml version="1.0"?><gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1">{}</gpx>'
    (tmp_path / "w.gpx").write_text(waypoints.format('<wpt lat="58" lon="15"/>' * 3))
    (tmp_path / "r.gpx").write_text(waypoints.format("<rte>" + '<rtept lat="58" lon="15"/>' * 4 + "</rte>"))
    read_tracks([tmp_path / f"{name}.gpx" for name in "awr"], crs=CRS, regions=REGIONS)
    assert "w.gpx has no point of a track, only 3 waypoints" in caplog.text
    assert "r.gpx has no point of a track, only 4 points of routes" in caplog.text
    assert "a.gpx: 1 waypoints are left aside" in caplog.text
    with pytest.raises(ValueError, match=r"no track point in 1 files: w.gpx \(3 waypoints\)"):
        read_tracks([tmp_path / "w.gpx"], crs=CRS, regions=REGIONS)


def test_points_of_a_system_that_is_known_only_roughly_are_refused(tmp_path):
    wkt = pyproj.CRS.from_epsg(3021).to_wkt("WKT1_ESRI").replace("D_RT_1990", "D_Unknown_on_Bessel")
    places = gpd.points_from_xy([1500000.0], [6400000.0])
    gpd.GeoDataFrame({"track": ["a"]}, geometry=places, crs=wkt).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(ValueError, match=r"a\.parquet: its coordinate system .* only with unknown accuracy"):
        read_tracks([tmp_path / "a.parquet"], crs=CRS, regions=REGIONS)


def test_files_are_read_in_the_encodings_that_people_have(tmp_path):
    table = walk().to_crs(4326)
    table = pd.DataFrame({"lon": table.geometry.x, "lat": table.geometry.y, "time": table["time"], "track": "åsen"})
    for encoding in ("utf-16", "cp1252", "utf-8", "utf-8-sig"):
        table.to_csv(tmp_path / f"{encoding}.csv", index=False, encoding=encoding)
        read = read_tracks([tmp_path / f"{encoding}.csv"], crs=CRS, regions=REGIONS)
        assert (len(read), read.tracks) == (200, (f"{encoding}/åsen",))
    (tmp_path / "a.gpx").write_text(gpx(walk()).replace("1.0", '1.0" encoding="utf-16', 1), encoding="utf-16")
    assert len(read_tracks([tmp_path / "a.gpx"], crs=CRS, regions=REGIONS)) == 200


def test_unreadable_times_are_told_from_impossible_ones(tmp_path, caplog):
    table = walk().to_crs(4326)
    texts = [f"{t:%Y-%m-%dT%H:%M:%SZ}" for t in table["time"]]
    texts[:50] = ["01.08.2019 11:00"] * 50
    pd.DataFrame({"lon": table.geometry.x, "lat": table.geometry.y, "time": texts}).to_csv(
        tmp_path / "a.csv", index=False
    )
    read_tracks([tmp_path / "a.csv"], crs=CRS, regions=REGIONS)
    assert "50 of 200 times cannot be read, as '01.08.2019 11:00'" in caplog.text


@pytest.mark.parametrize("suffix", ["TCX", "nmea", "plt", "pri", "hprz", "xlsx"])
def test_formats_that_are_not_read_are_refused_with_what_to_do(tmp_path, suffix):
    (tmp_path / f"a.{suffix}").write_bytes(b"x")
    with pytest.raises(ValueError, match="not read; (export|write|unpack|save)"):
        read_tracks([tmp_path / f"a.{suffix}"], crs=CRS, regions=REGIONS)
