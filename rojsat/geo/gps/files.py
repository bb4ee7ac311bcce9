"""Reads files of GPS points batch by batch: GPX, CSV, GeoParquet, and the vector formats of GDAL."""

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pyogrio
import pyproj
from numpy.typing import NDArray

from rojsat.config import zip_limits
from rojsat.geo.gps import text_encoding, track_layers, wkb
from rojsat.geo.vectors import read_errors, shapefiles, vector_formats

LONGITUDE = ("lon", "longitude", "lng", "long")
LATITUDE = ("lat", "latitude")
X, Y = ("x", "easting", "east"), ("y", "northing", "north")
TIME = ("time", "timestamp", "datetime")
TRACK = ("track", "track_fid")

WGS84 = pyproj.CRS("EPSG:4326")

NOT_READ = {
    ".fit": "FIT files of Garmin are not read; export the activity as GPX (Garmin Connect: Export to GPX)",
    ".tcx": "TCX files are not read; export the activity as GPX",
    ".hpr": "StanForD 2010 files are not read; export the positions of the stems as CSV with lon, lat and time",
    ".mom": "StanForD 2010 files are not read; export the positions of the work as CSV with lon, lat and time",
}
"""Files of GPS points that people have, and what to do with them."""

_ROWS = 1 << 18
"""Rows of a batch: some 30 MB on the way."""


@dataclass(frozen=True)
class Batch:
    """Some points of a file.

    Attributes:
        crs: coordinate system of `x` and `y`.
        x: (N,) east or longitude, NaN where missing.
        y: (N,) north or latitude.
        time: (N,) as the file states it, of any type; None where it holds no times.
        track: (N,) text; None where it names no tracks.
    """

    crs: pyproj.CRS
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    time: pa.Array | None
    track: pa.Array | None


def batches(path: Path, csv_crs: str | None) -> Iterator[Batch]:
    """Read a file of points.

    Args:
        path: `.gpx` (its track points), `.csv` (columns lon and lat in WGS 84, or x and y in `csv_crs`), `.parquet` or
            `.geoparquet`, or any vector format of points; columns time and track if it has them, in any case.
        csv_crs: coordinate system of x and y in a CSV file.

    Raises:
        ValueError: naming the file, if it does not exist, is corrupt, states no CRS, or holds no points.
    """
    if not path.exists():
        raise ValueError(f"{path} does not exist (it should hold GPS points)")
    suffix = path.suffix.lower()
    if suffix in NOT_READ:
        raise ValueError(f"{path}: {NOT_READ[suffix]}")
    with read_errors.named(path, "GPS points"):
        if suffix == ".csv":
            yield from _csv(path, csv_crs)
        elif suffix in (".parquet", ".geoparquet"):
            yield from _parquet(path)
        else:
            yield from _vector(path)


def _vector(path: Path) -> Iterator[Batch]:
    vector_formats.check(path)
    shapefiles.check(path)
    source = gdal_source(path)
    for layer in track_layers.choose(path, source):
        info = pyogrio.read_info(source, layer=layer)
        time, track = (_column([str(name) for name in info["fields"]], names) for names in (TIME, TRACK))
        columns = [name for name in (time, track) if name is not None]
        options = {"layer": layer, "columns": columns, "batch_size": _ROWS, "datetime_as_string": True}
        with pyogrio.open_arrow(source, **options) as (meta, stream):
            if meta["crs"] is None:
                raise ValueError("it has no coordinate system; set it (ogr2ogr -a_srs EPSG:…) and try again")
            crs = pyproj.CRS.from_user_input(meta["crs"])
            for batch in pa.RecordBatchReader.from_stream(stream):
                yield _batch(batch, crs, meta["geometry_name"] or "wkb_geometry", time, track)


def gdal_source(path: Path) -> Path | bytes:
    """What GDAL reads: the file, or the bytes of its text as UTF-8 where it is UTF-16, which GDAL does not know."""
    if path.suffix.lower() not in (".gpx", ".kml", ".gml", ".geojson", ".json"):
        return path
    encoding = text_encoding.of(path)
    if not encoding.startswith("utf-16"):
        return path  # XML states its encoding itself
    zip_limits.check_text(path.stat().st_size, str(path))
    text = path.read_text(encoding=encoding)
    return re.sub(r"""(<\?xml[^>]*encoding=)["'][^"']*["']""", r'\1"UTF-8"', text, count=1).encode()


def _parquet(path: Path) -> Iterator[Batch]:
    with pq.ParquetFile(path) as file:
        metadata = file.schema_arrow.metadata or {}
        if b"geo" not in metadata:
            raise ValueError("it is Parquet without geometry (no key `geo`); write it with geopandas or ogr2ogr")
        geo = json.loads(metadata[b"geo"])
        geometry = geo["primary_column"]
        stated = geo["columns"][geometry].get("crs", "OGC:CRS84")  # the standard's default
        if stated is None:
            raise ValueError("it has no coordinate system; set it (geopandas: set_crs) and try again")
        crs = pyproj.CRS.from_user_input(stated)
        time, track = (_column(file.schema_arrow.names, names) for names in (TIME, TRACK))
        columns = [name for name in (geometry, time, track) if name is not None]
        for batch in file.iter_batches(_ROWS, columns=columns):
            yield _batch(batch, crs, geometry, time, track)


def _batch(batch: pa.RecordBatch, crs: pyproj.CRS, geometry: str, time: str | None, track: str | None) -> Batch:
    shapes = batch.column(geometry)
    if pa.types.is_struct(shapes.type):  # native encoding of GeoParquet 1.1
        x, y = (_numbers(pc.struct_field(shapes, name)) for name in "xy")
        rows = np.arange(len(x))
    else:
        x, y, rows = wkb.decode(shapes.storage if isinstance(shapes, pa.ExtensionArray) else shapes)
    columns = [None if name is None else batch.column(name) for name in (time, track)]
    if track is not None and track.lower() == "track_fid":
        columns[1] = pc.add(columns[1], 1)  # GDAL counts the tracks of a GPX file from 0
    if len(rows) != batch.num_rows:  # a multipoint is several rows
        columns = [None if column is None else column.take(pa.array(rows)) for column in columns]
    return Batch(crs, x, y, columns[0], None if columns[1] is None else _text(columns[1]))


def _csv(path: Path, csv_crs: str | None) -> Iterator[Batch]:
    encoding = text_encoding.of(path)
    delimiter, header = _header(path, encoding)
    names, crs = _coordinates(header, csv_crs)
    time, track = (_column(header, options) for options in (TIME, TRACK))
    columns = [name for name in (*names, time, track) if name is not None]
    texts = pa.csv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()), include_columns=columns)
    comma = delimiter != ","
    with pa.csv.open_csv(
        path,
        read_options=pa.csv.ReadOptions(
            block_size=1 << 24, encoding=encoding.removesuffix("-sig")
        ),  # bytes; no line is longer
        parse_options=pa.csv.ParseOptions(delimiter=delimiter),
        convert_options=texts,
    ) as stream:
        for batch in stream:
            x, y = (_decimals(batch.column(name), comma) for name in names)
            yield Batch(crs, x, y, *[None if name is None else batch.column(name) for name in (time, track)])


def _header(path: Path, encoding: str) -> tuple[str, list[str]]:
    with path.open(encoding=encoding, newline="") as file:
        line = file.readline(1 << 16)
    delimiter = max(",;\t", key=line.count)
    names = next(csv.reader([line], delimiter=delimiter), [])
    if len(set(names)) < len(names):
        raise ValueError(f"its header names a column more than once: {names}")
    return delimiter, names


def _coordinates(header: Sequence[str], csv_crs: str | None) -> tuple[tuple[str, str], pyproj.CRS]:
    """The columns of the coordinates, and their CRS."""
    lon, lat, x, y = (_column(header, names) for names in (LONGITUDE, LATITUDE, X, Y))
    if lon is not None and lat is not None:
        return (lon, lat), WGS84
    if x is not None and y is not None:
        if csv_crs is None:
            raise ValueError(f"it has columns {x} and {y}: state their CRS, csv_crs: EPSG:… (data.gps.options)")
        return (x, y), pyproj.CRS.from_user_input(csv_crs)
    columns = f"{'/'.join(LONGITUDE)} and {'/'.join(LATITUDE)} (degrees, WGS 84), or x and y (in csv_crs)"
    raise ValueError(f"it needs columns {columns}; it has {list(header)}")


def _text(column: pa.Array) -> pa.Array:
    plain = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    return plain.cast(pa.string())


def _decimals(column: pa.Array, comma: bool) -> NDArray[np.float64]:
    text = pc.utf8_trim_whitespace(column)
    if comma:
        text = pc.replace_substring(text, ",", ".")
    return _numbers(pc.cast(pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text), pa.float64()))


def _numbers(column: pa.Array) -> NDArray[np.float64]:
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)


def _column(columns: Sequence[str], names: tuple[str, ...]) -> str | None:
    """The column with one of `names`, the first of these first, in upper or lower case; None without any."""
    return next((column for name in names for column in columns if column.lower().strip() == name), None)
