"""Whatever a file holds, its reader gives a valid result or a ValueError that names it: never anything else."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from rojsat.geo.gps.tracks import read_tracks
from rojsat.geo.vectors import identifiers
from rojsat.geo.vectors.region_files import COLUMNS, load_regions, read_regions, write_regions
from tests.support.fit_files import fit

pytestmark = pytest.mark.slow

CRS = "EPSG:32633"
SQUARE = box(500000, 6400000, 500100, 6400100)
REGIONS = gpd.GeoDataFrame({"region": ["1"], "role": ["clearing"]}, geometry=[SQUARE], crs=CRS)
KINDS = ["shp", "gpkg", "geojson", "parquet"]
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
ODD = st.floats(width=64) | st.floats(-200, 200) | st.sampled_from([500050.0, 6400050.0, 1e308, -1e308, 90.0, 180.0])


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    """Bytes of a valid file of regions, and of points, of every kind."""
    folder, files = tmp_path_factory.mktemp("valid"), {}
    regions = gpd.GeoDataFrame({"region": ["a", "b"]}, geometry=[SQUARE, SQUARE.buffer(5)], crs=CRS)
    times = pd.to_datetime(["2019-08-01T10:00Z", "2019-08-01T11:00Z"])
    points = gpd.GeoDataFrame({"time": times}, geometry=gpd.points_from_xy([500050, 500060], [6400050] * 2), crs=CRS)
    for content, table in (("regions", regions), ("points", points)):
        for kind in KINDS:
            path = folder / f"{content}.{kind}"
            table = table.assign(time=table["time"].astype(str)) if (content, kind) == ("points", "shp") else table
            table.to_parquet(path) if kind == "parquet" else table.to_file(path)
            files[content, kind] = {part.suffix: part.read_bytes() for part in folder.glob(f"{content}.*")}
    wgs = points.to_crs(4326).geometry
    rows = "".join(f'<trkpt lat="{p.y}" lon="{p.x}"><time>2019-08-01T10:00:00Z</time></trkpt>' for p in wgs)
    gpx = f'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>{rows}</trkseg></trk></gpx>'
    files["points", "gpx"] = {".gpx": gpx.encode()}
    files["points", "fit"] = {".fit": fit([(p.y, p.x, 1564653600) for p in wgs], [1564653600])}
    stems = "".join(
        f"<Stem><HarvestDate>2019-08-01T10:00:00Z</HarvestDate><StemCoordinates><Latitude>{p.y}</Latitude>"
        f"<Longitude>{p.x}</Longitude></StemCoordinates></Stem>"
        for p in wgs
    )
    hpr = f'<HarvestedProduction xmlns="urn:skogforsk:stanford2010"><Machine>{stems}</Machine></HarvestedProduction>'
    files["points", "hpr"] = {".hpr": hpr.encode()}
    pairs = "".join(f"<when>2019-08-01T10:00:00Z</when><coord>{p.x} {p.y}</coord>" for p in wgs)
    kml = f'<kml xmlns="http://www.opengis.net/kml/2.3"><Placemark><Track>{pairs}</Track></Placemark></kml>'
    files["points", "kml"] = {".kml": kml.encode()}
    text = "lon,lat,time\n" + "".join(f"{p.x},{p.y},2019-08-01T10:00:00Z\n" for p in wgs)
    files["points", "csv"] = {".csv": text.encode()}
    return files


def corrupt(data, intact):
    """The bytes with some changed, cut off or put in."""
    content = bytearray(intact)
    for _ in range(data.draw(st.integers(1, 4))):
        offset = data.draw(st.integers(0, max(len(content) - 1, 0)))
        how = data.draw(st.sampled_from(["change", "cut", "insert"]))
        if how == "change" and content:
            content[offset] = data.draw(st.integers(0, 255))
        elif how == "cut":
            del content[offset:]
        else:
            content[offset:offset] = data.draw(st.binary(max_size=20))
    return bytes(content)


def put(folder, what, kind, parts, changed, content):
    for suffix, intact in parts.items():
        (folder / f"{what}{suffix}").write_bytes(content if suffix == changed else intact)
    return folder / f"{what}.{kind}"


def regions_or_error(path):
    try:
        regions = read_regions(path, role="clearing", crs=CRS)
    except ValueError as error:
        assert str(path) in str(error) or path.name in str(error)
        return
    assert list(regions.columns) == COLUMNS and len(regions)
    assert regions.is_valid.all() and (regions.area > 0).all() and np.isfinite(regions.total_bounds).all()
    write_regions(regions, path.with_name("back.gpkg"))
    assert list(load_regions(path.with_name("back.gpkg"))["region"]) == list(regions["region"])


def points_or_error(path, **options):
    try:
        points = read_tracks([path], crs=CRS, regions=REGIONS, **options)
    except ValueError as error:
        assert path.name in str(error) or "lies in a clearing object" in str(error)
        return
    assert len(points) and (points.region == 0).all()
    assert (points.x >= 500000).all() and (points.y <= 6400100).all()


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@QUICK
def test_corrupt_files_of_regions(tmp_path_factory, valid, kind, data):
    parts = valid["regions", kind]
    changed = data.draw(st.sampled_from(sorted(parts)))
    content = corrupt(data, parts[changed])
    regions_or_error(put(tmp_path_factory.mktemp("corrupt"), "regions", kind, parts, changed, content))


def test_a_projection_file_that_is_no_text(tmp_path, valid):
    for what, check in (("regions", regions_or_error), ("points", points_or_error)):
        parts = valid[what, "shp"]
        check(put(tmp_path, what, "shp", parts, ".prj", parts[".prj"][:8] + b"\x80" + parts[".prj"][9:]))


@pytest.mark.parametrize("kind", [*KINDS, "gpx", "csv", "fit", "hpr", "kml"])
@given(data=st.data())
@QUICK
def test_corrupt_files_of_points(tmp_path_factory, valid, kind, data):
    parts = valid["points", kind]
    changed = data.draw(st.sampled_from(sorted(parts)))
    content = corrupt(data, parts[changed])
    points_or_error(put(tmp_path_factory.mktemp("corrupt"), "points", kind, parts, changed, content))


@given(st.sampled_from([*KINDS, "gpx", "csv", "fit", "hpr", "kml"]), st.binary(max_size=300))
@QUICK
def test_files_of_anything(tmp_path_factory, kind, content):
    path = tmp_path_factory.mktemp("any") / f"any.{kind}"
    path.write_bytes(content)
    regions_or_error(path)
    points_or_error(path)


@given(st.lists(st.tuples(ODD, ODD), min_size=3, max_size=6), st.sampled_from([CRS, "EPSG:4326", "EPSG:3006"]))
@settings(QUICK, max_examples=40)
def test_regions_with_odd_coordinates(tmp_path_factory, corners, crs):
    path = tmp_path_factory.mktemp("odd") / "odd.parquet"
    ring = [*corners, corners[0]]
    if any(math.isnan(number) for number in corners[0]):
        return  # shapely refuses a ring that it cannot see to be closed
    gpd.GeoDataFrame({"region": ["a"]}, geometry=[Polygon(ring)], crs=crs).to_parquet(path)
    regions_or_error(path)


@given(st.lists(st.tuples(ODD, ODD, st.text(max_size=25) | st.datetimes().map(str)), min_size=1, max_size=6))
@settings(QUICK, max_examples=40)
def test_points_with_odd_coordinates_and_times(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("odd") / "odd.csv"
    pd.DataFrame(rows, columns=["x", "y", "time"]).to_csv(path, index=False)
    points_or_error(path, csv_crs=CRS, zone="Europe/Stockholm")


@given(st.text(max_size=120))
@settings(max_examples=200, deadline=None)
def test_an_id_is_refused_or_names_a_file(tmp_path_factory, name):
    try:
        identifiers.check([name], "somewhere.gpkg")
    except ValueError as error:
        assert "somewhere.gpkg" in str(error)
        return
    folder = tmp_path_factory.mktemp("ids")
    file = folder / f".{name}.tif.12345.tif"
    file.write_bytes(b"")
    assert [path.name for path in folder.iterdir()] == [file.name]
    file.unlink()
