"""Reads points of the vector formats of GDAL and of GeoParquet."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyogrio
import pyproj

from rojsat.config import zip_limits
from rojsat.geo.gps import columns, text_encoding, track_layers, wkb
from rojsat.geo.gps.batch import Batch
from rojsat.geo.vectors import shapefiles, vector_formats

_ROWS = 1 << 18
"""Rows of a batch: some 30 MB on the way."""


def read(path: Path) -> Iterator[Batch]:
    """Points of any vector format of GDAL; of a GPX file those of its tracks."""
    vector_formats.check(path)
    shapefiles.check(path)
    source = gdal_source(path)
    for layer in track_layers.choose(path, source):
        info = pyogrio.read_info(source, layer=layer)
        time, track = (
            columns.named([str(name) for name in info["fields"]], names) for names in (columns.TIME, columns.TRACK)
        )
        wanted = [name for name in (time, track) if name is not None]
        options = {"layer": layer, "columns": wanted, "batch_size": _ROWS, "datetime_as_string": True}
        with pyogrio.open_arrow(source, **options) as (meta, stream):
            if meta["crs"] is None:
                raise ValueError("it has no coordinate system; set it (ogr2ogr -a_srs EPSG:…) and try again")
            crs = pyproj.CRS.from_user_input(meta["crs"])
            for batch in pa.RecordBatchReader.from_stream(stream):
                yield _batch(batch, crs, meta["geometry_name"] or "wkb_geometry", time, track)


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
        time, track = (columns.named(file.schema_arrow.names, names) for names in (columns.TIME, columns.TRACK))
        wanted = [name for name in (geometry, time, track) if name is not None]
        for batch in file.iter_batches(_ROWS, columns=wanted):
            yield _batch(batch, crs, geometry, time, track)


def _batch(batch: pa.RecordBatch, crs: pyproj.CRS, geometry: str, time: str | None, track: str | None) -> Batch:
    shapes = batch.column(geometry)
    if pa.types.is_struct(shapes.type):  # native encoding of GeoParquet 1.1
        x, y = (columns.numbers(pc.struct_field(shapes, name)) for name in "xy")
        rows = np.arange(len(x))
    else:
        x, y, rows = wkb.decode(shapes.storage if isinstance(shapes, pa.ExtensionArray) else shapes)
    stated = [None if name is None else batch.column(name) for name in (time, track)]
    if track is not None and track.lower() == "track_fid":
        stated[1] = pc.add(stated[1], 1)  # GDAL counts the tracks of a GPX file from 0
    if len(rows) != batch.num_rows:  # a multipoint is several rows
        stated = [None if column is None else column.take(pa.array(rows)) for column in stated]
    return Batch(crs, x, y, stated[0], None if stated[1] is None else columns.text(stated[1]))


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
