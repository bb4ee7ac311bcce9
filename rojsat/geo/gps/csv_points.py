"""Reads CSV files of GPS points."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyproj
from numpy.typing import NDArray

from rojsat.geo.gps import columns, text_encoding
from rojsat.geo.gps.batch import WGS84, Batch

LONGITUDE = ("lon", "longitude", "lng", "long")
LATITUDE = ("lat", "latitude")
X, Y = ("x", "easting", "east"), ("y", "northing", "north")

_BLOCK = 1 << 24
"""Bytes read at a time; no line is longer."""


def read(path: Path, csv_crs: str | None) -> Iterator[Batch]:
    """Points of a CSV file: columns lon and lat in WGS 84, or x and y in `csv_crs`."""
    encoding = text_encoding.of(path)
    delimiter, header = _header(path, encoding)
    names, crs = _coordinates(header, csv_crs)
    time, track = (columns.named(header, options) for options in (columns.TIME, columns.TRACK))
    wanted = [name for name in (*names, time, track) if name is not None]
    texts = pa.csv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()), include_columns=wanted)
    comma = delimiter != ","
    with pa.csv.open_csv(
        path,
        read_options=pa.csv.ReadOptions(block_size=_BLOCK, encoding=encoding.removesuffix("-sig")),
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
    lon, lat, x, y = (columns.named(header, names) for names in (LONGITUDE, LATITUDE, X, Y))
    if lon is not None and lat is not None:
        return (lon, lat), WGS84
    if x is not None and y is not None:
        if csv_crs is None:
            raise ValueError(f"it has columns {x} and {y}: state their CRS, csv_crs: EPSG:… (data.gps.options)")
        return (x, y), pyproj.CRS.from_user_input(csv_crs)
    needed = f"{'/'.join(LONGITUDE)} and {'/'.join(LATITUDE)} (degrees, WGS 84), or x and y (in csv_crs)"
    raise ValueError(f"it needs columns {needed}; it has {list(header)}")


def _decimals(column: pa.Array, comma: bool) -> NDArray[np.float64]:
    text = pc.utf8_trim_whitespace(column)
    if comma:
        text = pc.replace_substring(text, ",", ".")
    return columns.numbers(pc.cast(pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text), pa.float64()))
