"""Whether a vector file is of a kind that holds features: GDAL also opens small files that name others, or servers.

GDAL takes the format from the content, whatever the file is called, and pyogrio cannot be asked for some formats only.
So the content is looked at before GDAL gets it.
"""

import contextlib
import sqlite3
import zipfile
import zlib
from pathlib import Path
from urllib.parse import quote
from xml.parsers import expat

import pyogrio

from rojsat.config import zip_limits

ROOTS = ("gpx", "kml", "FeatureCollection")
"""Root elements of XML with features in it: GPX, KML, GML. Others name files or servers (OGRVRTDataSource, WFS)."""

_SQLITE = b"SQLite format 3\0"
_INDEX = ("rtree", "rtree_i32", "fts3", "fts4", "fts5")
"""Virtual tables of a GeoPackage that hold their own rows."""

_START = 1 << 16
"""Bytes in which the root element of XML stands."""

_XML = (".vrt", ".kml", ".gml", ".gpx")
"""Endings of XML in a zip file that GDAL may take for the features."""

_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")

pyogrio.set_gdal_config_options({"GML_DOWNLOAD_SCHEMA": "NO"})  # a GML file names where its schema is on the web


def check(path: Path) -> None:
    """Refuse a vector file that leads to other files or to servers, or that unpacks to too much.

    Args:
        path: a file, or a folder of a format that is one.

    Raises:
        ValueError: if it does.
    """
    if not path.is_file():
        return
    with path.open("rb") as file:
        start = file.read(_START)
    _check_start(start, path.name)
    if start.startswith(_SQLITE):
        _check_tables(path)
    elif zipfile.is_zipfile(path):
        _check_zip(path)


def _check_start(start: bytes, name: str) -> None:
    """Refuse XML of another root than `ROOTS`."""
    text = start
    for mark in _MARKS:
        text = text.removeprefix(mark)
    if not text.replace(b"\0", b"").lstrip().startswith(b"<"):
        return
    root = _root(start)
    if root not in ROOTS:
        what = f"XML with the root <{root}>" if root else "XML without a root"
        raise ValueError(
            f"{name} is {what}; of XML, GPX, KML and GML (FeatureCollection) are read: convert it (ogr2ogr a.gpkg FILE)"
        )


def _root(start: bytes) -> str | None:
    """Local name of the first element; None where there is none."""
    roots: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: roots.append(name.rpartition(" ")[2])
    with contextlib.suppress(expat.ExpatError):  # behind the root, or cut in the middle of a letter
        parser.Parse(start, False)
    return roots[0] if roots else None


def _check_tables(path: Path) -> None:
    """Refuse a database with virtual tables: they name other files."""
    try:
        with sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True) as database:
            rows = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE '%VIRTUAL%'")
            tables = [(str(name), str(sql)) for name, sql in rows]
    except sqlite3.Error as error:
        raise ValueError(f"{path.name} is a corrupt database ({error}); copy or export it again") from error
    for name, sql in tables:
        words = sql.upper().replace("(", " ").split()
        module = words[words.index("USING") + 1] if "USING" in words[:-1] else ""
        if words[:3] == ["CREATE", "VIRTUAL", "TABLE"] and module.lower() not in _INDEX:
            raise ValueError(
                f"{path.name}: its table {name!r} is a virtual one ({module}) and leads to another file; export its "
                "layers as a new GeoPackage"
            )


def _check_zip(path: Path) -> None:
    """Refuse a zip file that unpacks to too much, or has a file in it that leads elsewhere."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            zip_limits.check(members, path.name)
            for member in members:
                if len(members) == 1 or member.filename.lower().endswith(_XML):  # not the styles beside a Shapefile
                    with archive.open(member) as file:
                        _check_start(file.read(_START), f"{member.filename} in {path.name}")
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise ValueError(f"{path.name} is no complete zip file ({error}); copy it again") from error
