"""Vector files lead nowhere, and unpack to no more than they look like."""

import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from rojsat.geo.gps import files
from rojsat.geo.vectors import region_files, vector_formats

VRT = '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{source}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
WFS = "<OGRWFSDataSource><URL>http://127.0.0.1:1/wfs</URL></OGRWFSDataSource>"
OUTLINE = gpd.GeoDataFrame({"region": ["a"]}, geometry=[box(15, 60, 15.01, 60.01)], crs="EPSG:4326")


def read(path):
    return region_files.read_regions(path, role="control", crs="EPSG:4326")


@pytest.mark.parametrize("start", ["", "\ufeff", " \n", '<?xml version="1.0"?>\n<!-- a -->\n'])
@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.csv", "a.kml", "a.shp", "a.gpx"])
def test_a_file_that_names_others_is_refused_whatever_it_is_called(tmp_path, start, name):
    OUTLINE.to_file(tmp_path / "other.gpkg")
    for content, root in ((VRT.format(source=tmp_path / "other.gpkg"), "OGRVRTDataSource"), (WFS, "OGRWFSDataSource")):
        (tmp_path / name).write_text(start + content)
        with pytest.raises(ValueError, match=f"XML with the root <{root}>; of XML, GPX, KML and GML"):
            vector_formats.check(tmp_path / name)
        with pytest.raises(ValueError, match=root):
            read(tmp_path / name)
    if name != "a.csv":
        with pytest.raises(ValueError, match="OGRWFSDataSource"):
            next(files.batches(tmp_path / name, None))


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "shp", "kml", "gml", "fgb", "shp.zip"])
def test_what_gdal_writes_is_read(tmp_path, ending):
    driver = {"gml": "GML", "kml": "KML"}.get(ending)
    OUTLINE.to_file(tmp_path / f"a.{ending}", **({"driver": driver} if driver else {}))
    assert len(read(tmp_path / f"a.{ending}")) == 1


def test_a_database_with_a_table_of_another_file_is_refused(tmp_path):
    OUTLINE.to_file(tmp_path / "a.gpkg")
    with sqlite3.connect(tmp_path / "a.gpkg") as database:
        database.execute("PRAGMA writable_schema = 1")
        sql = "CREATE VIRTUAL TABLE evil USING VirtualOGR('/etc/passwd')"
        database.execute("INSERT INTO sqlite_master VALUES ('table', 'evil', 'evil', 0, ?)", (sql,))
    with pytest.raises(ValueError, match=r"'evil' is a virtual one \(VIRTUALOGR\)"):
        read(tmp_path / "a.gpkg")


def packed(path, name, content):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return path


@pytest.mark.parametrize("name", ["a.vrt", "doc.kml", "a.txt"])
def test_a_zip_file_with_a_file_that_names_others_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match=f"{name} in a.zip is XML with the root <OGRVRTDataSource>"):
        read(packed(tmp_path / "a.zip", name, VRT.format(source="/etc/passwd")))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.shp", "w") as file:
        for _ in range(65):
            file.write(bytes(1 << 20))
    with pytest.raises(ValueError, match=r"'a.shp' in it unpacks to 65 MiB from \d+ KiB"):
        read(tmp_path / "a.zip")


ENTITIES = '<!DOCTYPE gpx [<!ENTITY e0 "ha">{}]>'.format(
    "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
)
BOMBS = {
    "a.gpx": '<?xml version="1.0"?>' + ENTITIES + '<gpx version="1.1"><trk><name>&e11;</name></trk></gpx>',
    "a.kml": '<?xml version="1.0"?>'
    + ENTITIES.replace("DOCTYPE gpx", "DOCTYPE kml")
    + "<kml><Document><Placemark><name>&e11;</name><Point><coordinates>1,2</coordinates></Point></Placemark>"
    + "</Document></kml>",
}
LIMITED = """
import resource, sys
from pathlib import Path
from rojsat.geo.gps import files
from rojsat.geo.sources.safe import metadata
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in map(Path, sys.argv[1:]):
    for read in (lambda: list(files.batches(path, None)), lambda: metadata.product(path.read_bytes(), "MTD.xml")):
        try:
            read()
            print("read")
        except ValueError as error:
            print("refused")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
def test_entities_that_grow_without_end_are_refused_in_little_memory(tmp_path):
    for name, content in BOMBS.items():
        (tmp_path / name).write_text(content)
    program = [sys.executable, "-c", LIMITED, *(str(tmp_path / name) for name in BOMBS)]
    lines = subprocess.run(program, capture_output=True, text=True, check=True, cwd=Path.cwd()).stdout.splitlines()
    assert lines[:4] == ["refused"] * 4
    assert int(lines[4]) < 200 << 10  # KiB


@given(st.binary(max_size=200))
def test_any_bytes_are_accepted_or_refused_in_words(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.gpkg"
    path.write_bytes(content)
    try:
        vector_formats.check(path)
    except ValueError as error:
        assert path.name in str(error)
