"""Reads points of the vector formats of GDAL and of GeoParquet."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyogrio
import pyproj

from rojsat.geo.gps import columns, gpx_texts, track_layers, wkb
from rojsat.geo.gps.batch import Batch
from rojsat.geo.gps.lines import Lines
from rojsat.geo.vectors import shapefiles, text_encoding, vector_formats

_ROWS = 1 << 18
"""Rows of a batch: some 30 MB on the way."""


def read(path: Path, content: bytes | None = None) -> Iterator[Batch]:
    """Points of any vector format of GDAL, and the vertices of lines; of a GPX file the points of its tracks.

    Args:
        path: the file.
        content: what is read, where it is not the file but packed in it.

    Raises:
        ValueError: if it states no coordinate system, or holds neither points nor lines.
    """
    shapefiles.check(path)
    if path.suffix.lower() == ".gpx":
        gpx_texts.check_decimals(path)
    with text_encoding.readable(path, content) as source:
        vector_formats.check(source)
        yield from _read(path, source)


def _read(path: Path, source: Path) -> Iterator[Batch]:
    """Points of a file.

    Args:
        path: its name, for messages.
        source: what GDAL reads.
    """
    lines, untimed, timed = Lines(), 0, 0
    for layer in track_layers.choose(path, source):
        info = pyogrio.read_info(source, layer=layer)
        fields = [str(name) for name in info["fields"]]
        time, track = columns.of_times(fields, path), columns.named(fields, columns.TRACK)
        wanted = [name for name in (time, track) if name is not None]
        options = {"layer": layer, "columns": wanted, "batch_size": _ROWS, "datetime_as_string": True}
        with pyogrio.open_arrow(source, **options) as (meta, stream):
            if meta["crs"] is None:
                raise ValueError("it has no coordinate system; set it (ogr2ogr -a_srs EPSG:…) and try again")
            crs = pyproj.CRS.from_user_input(meta["crs"])
            for batch in pa.RecordBatchReader.from_stream(stream):
                points = _batch(batch, crs, meta["geometry_name"] or "wkb_geometry", time, track, lines)
                if points.time is not None:
                    untimed += points.time.null_count
                    timed += len(points.x) - points.time.null_count
                yield points
    lines.say(path)
    if untimed and path.suffix.lower() == ".gpx":
        gpx_texts.check_times(path, source, timed)


def read_parquet(path: Path) -> Iterator[Batch]:
    """Points of GeoParquet, as WKB or in its native encoding."""
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
        fields = [name for name in file.schema_arrow.names if name != geometry]
        time, track = columns.of_times(fields, path), columns.named(fields, columns.TRACK)
        wanted = [name for name in (geometry, time, track) if name is not None]
        lines = Lines()
        for batch in file.iter_batches(_ROWS, columns=wanted):
            yield _batch(batch, crs, geometry, time, track, lines)
        lines.say(path)


def _batch(
    batch: pa.RecordBatch, crs: pyproj.CRS, geometry: str, time: str | None, track: str | None, lines: Lines
) -> Batch:
    shapes = batch.column(geometry)
    if pa.types.is_struct(shapes.type):  # native encoding of GeoParquet 1.1
        x, y = (columns.numbers(pc.struct_field(shapes, name)) for name in "xy")
        rows, on_line = np.arange(len(x)), np.zeros(len(x), bool)
    else:
        x, y, rows, on_line = wkb.decode(shapes.storage if isinstance(shapes, pa.ExtensionArray) else shapes)
    stated = [None if name is None else batch.column(name) for name in (time, track)]
    if track is not None and track.lower() == "track_fid":
        stated[1] = pc.add(stated[1], 1)  # GDAL counts the tracks of a GPX file from 0
    if len(rows) != batch.num_rows:  # a multipoint or a line is several rows
        stated = [None if column is None else column.take(pa.array(rows)) for column in stated]
    if on_line.any():
        lines.add(x[on_line], y[on_line], rows[on_line], crs)
        if stated[0] is not None:  # the time of a line is not that of its vertices
            stated[0] = pc.if_else(pa.array(on_line), pa.scalar(None, stated[0].type), stated[0])
    return Batch(crs, x, y, stated[0], None if stated[1] is None else columns.text(stated[1]))
