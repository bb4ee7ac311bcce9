import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from rojsat.geo.tracks import COLUMNS, load_tracks, read_tracks, write_tracks

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


HOURS = ["2019-08-01T10:00:00Z", "2019-08-01T09:00:00Z", "2019-08-01T11:00:00Z"]


@pytest.mark.parametrize("suffix", ["gpx", "gpkg", "shp", "parquet", "csv"])
def test_every_format_gives_the_same_points(tmp_path, suffix):
    made, path = points([50, 150, 350], HOURS), tmp_path / f"a.{suffix}"
    if suffix == "gpx":
        path.write_text(gpx(made))
    elif suffix == "parquet":
        made.to_parquet(path)
    elif suffix == "csv":
        wgs = made.to_crs(4326).geometry
        pd.DataFrame({"Lon": wgs.x, "Lat": wgs.y, "time": HOURS}).to_csv(path, index=False)
    else:
        made.assign(time=HOURS).to_file(path)
    tracks = read_tracks([path], crs=CRS, regions=REGIONS)
    assert list(tracks.columns) == COLUMNS
    assert list(tracks["region"]) == ["2", "1"]  # by time; the third lies in a stand only
    assert list(tracks["time"]) == [pd.Timestamp(HOURS[1]), pd.Timestamp(HOURS[0])]
    assert abs(tracks.geometry.x[1] - EAST - 50) < 0.01
    assert tracks.attrs == {"points": 3, "outside": 1, "repeated": 0, "untimed": 0}


def test_a_point_in_two_regions_goes_to_the_first_and_a_repeated_one_counts_once(tmp_path):
    points([95, 95, 96], [HOURS[0], HOURS[0], HOURS[0]]).to_parquet(tmp_path / "a.parquet")
    tracks = read_tracks([tmp_path / "a.parquet"], crs=CRS, regions=REGIONS)
    assert list(tracks["region"]) == ["1", "1"]
    assert tracks.attrs["repeated"] == 1


def test_points_without_a_believable_time_stay(tmp_path):
    points([1, 2], ["1901-12-13T20:45:52Z", None]).to_parquet(tmp_path / "a.parquet")
    points([1, 2]).to_parquet(tmp_path / "b.parquet")
    tracks = read_tracks([tmp_path / "a.parquet", tmp_path / "b.parquet"], crs=CRS, regions=REGIONS)
    assert len(tracks) == 4
    assert tracks["time"].isna().all()
    assert tracks.attrs["untimed"] == 4


def test_what_is_written_is_read_back(tmp_path):
    points([50, 150, 350], HOURS).to_parquet(tmp_path / "a.parquet")
    tracks = read_tracks([tmp_path / "a.parquet"], crs=CRS, regions=REGIONS)
    write_tracks(tracks, tmp_path / "gps.parquet")
    back = load_tracks(tmp_path / "gps.parquet")
    assert back.drop(columns="geometry").equals(tracks.drop(columns="geometry"))
    assert back.geometry.geom_equals(tracks.geometry).all()
    with pytest.raises(ValueError, match="no GPS tracks"):
        load_tracks(tmp_path / "none.parquet")


def test_faulty_files_are_refused(tmp_path):
    pd.DataFrame({"a": [1]}).to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(ValueError, match=r"lon/.*it has \['a'\]"):
        read_tracks([tmp_path / "a.csv"], crs=CRS, regions=REGIONS)
    (tmp_path / "b.gpx").write_text(GPX.format(points=""))
    with pytest.raises(ValueError, match="no track point"):
        read_tracks([tmp_path / "b.gpx"], crs=CRS, regions=REGIONS)
    (tmp_path / "c.gpkg").write_text("no database")
    with pytest.raises(ValueError, match="cannot be read"):
        read_tracks([tmp_path / "c.gpkg"], crs=CRS, regions=REGIONS)
    with pytest.raises(ValueError, match="does not exist"):
        read_tracks([tmp_path / "d.gpx"], crs=CRS, regions=REGIONS)
    REGIONS.to_parquet(tmp_path / "e.parquet")
    with pytest.raises(ValueError, match="must come as points"):
        read_tracks([tmp_path / "e.parquet"], crs=CRS, regions=REGIONS)


@pytest.mark.parametrize(
    ("name", "count", "untimed"),
    [
        ("cerknicko-jezero.gpx", 296, 0),
        ("Mojstrovka.gpx", None, "all"),
        ("unicode_with_bom.gpx", 0, 0),
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
    tracks = read_tracks([real / "gps" / name], crs=4326, regions=world)
    assert tracks.attrs["outside"] == 0
    assert count is None or tracks.attrs["points"] == count
    if untimed is not None:
        assert tracks.attrs["untimed"] == (len(tracks) if untimed == "all" else untimed)
