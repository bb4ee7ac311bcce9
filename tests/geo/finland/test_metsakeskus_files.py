"""The file of a municipality is found however its name is typed, downloaded, unpacked and read."""

import io
import zipfile

import pyogrio
import pytest
from shapely.geometry import box

from rojsat.geo.finland import metsakeskus_files, metsakeskus_gpkg
from rojsat.geo.servers.retries import Patience
from tests.support.file_server import FileServer

PATIENCE = Patience(tries=3, first_wait=0.001, timeout=2.0)
OPERATIONS = {"standid": [1], "operationtype": [740], "proposalyear": [None], "completiondate": ["2020-05-01"]}


def packed(*members):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return archive.getvalue()


@pytest.fixture
def server(geopackage):
    """A server of the file of one municipality, and of names alone."""
    content = geopackage([box(400_000, 6_900_000, 400_100, 6_900_100)], operation=OPERATIONS).read_bytes()
    files = {
        "MV_Jyväskylä.zip": packed(("MV_Jyväskylä.gpkg", content), ("lue minut.txt", b"")),
        "MV_Salo.zip": b"no zip",
    }
    served = FileServer(**files, **{"MV_Mänttä-Vilppula.zip": packed(), "readme.html": b""})
    yield served
    served.close()


@pytest.mark.parametrize("name", ["Jyväskylä", "jyvaskyla"])
def test_it_is_read_with_what_was_completed(server, tmp_path, name):
    path = metsakeskus_files.fetch(name, tmp_path / "data", url=server.url, patience=PATIENCE)
    assert path.name == "MV_Jyväskylä.gpkg"
    (operation,) = metsakeskus_gpkg.read(path).operations
    assert str(operation.completed) == "2020-05-01"
    source = pyogrio.read_dataframe(path, layer="source").iloc[0]
    assert "Metsäkeskus" in source["attribution"]
    assert source["url"].endswith("MV_Jyv%C3%A4skyl%C3%A4.zip")
    server.requests.clear()
    assert metsakeskus_files.fetch("JYVASKYLA", tmp_path / "data", url=server.url, patience=PATIENCE) == path
    assert server.requests == []
    assert [file.name for file in (tmp_path / "data").iterdir() if file.name != ".lock"] == [path.name]


def test_its_size_is_known_before(server):
    size = metsakeskus_files.size("mantta vilppula", PATIENCE, url=server.url.rstrip("/"))
    assert size == len(server.files["MV_Mänttä-Vilppula.zip"])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Jyvaskulä", "no file of municipality 'Jyvaskulä'. Did you mean Jyväskylä"),
        ("Salo", "MV_Salo.zip is no zip file of a GeoPackage"),
        ("Mänttä-Vilppula", "has 0 GeoPackages; it must have one"),
    ],
)
def test_what_cannot_be_read_says_why_and_leaves_nothing(server, tmp_path, name, message):
    with pytest.raises(ValueError, match=message):
        metsakeskus_files.fetch(name, tmp_path / "data", url=server.url, patience=PATIENCE)
    assert [file.name for file in (tmp_path / "data").iterdir() if file.name != ".lock"] == []


def test_a_folder_without_files_is_refused(server):
    server.files = {"index.html": b""}
    with pytest.raises(ValueError, match=r"shows no files MV_\*\.zip"):
        metsakeskus_files.find("Salo", PATIENCE, url=server.url)
