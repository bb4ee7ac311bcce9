"""Reads CSV files of GPS points, as phones, spreadsheets and GIS write them."""

import csv
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyproj
from numpy.typing import NDArray

from rojsat.geo.gps import columns
from rojsat.geo.gps.batch import WGS84, Batch
from rojsat.geo.vectors import text_encoding

DATE = ("date", "datum")
"""Names of columns of days, which may stand beside a column of clocks."""

ENDINGS = (".csv", ".tsv", ".txt")

LONGITUDE = ("lon", "longitude", "lng", "long", "longitud", "längd", "längdgrad")
LATITUDE = ("lat", "latitude", "latitud", "bredd", "breddgrad")
X = ("x", "easting", "east", "e", "point_x", "x_coord", "xcoord", "ost", "öst")
Y = ("y", "northing", "north", "n", "point_y", "y_coord", "ycoord", "nord", "norr")

_SEPARATORS = ",;\t|"

_CLOCK = r"^\s*\d{1,2}[:.]\d\d([:.]\d\d)?"
"""A time of day without a day."""

_BLOCK = 1 << 24
"""Bytes read at a time; no line is longer."""


def read(path: Path, csv_crs: str | None) -> Iterator[Batch]:
    """Points of a CSV file: columns lon and lat in WGS 84, or x and y in `csv_crs`.

    Separators are commas, semicolons, tabs or bars, decimals have points or commas. Empty lines, comments (`#`) and
    Excel's `sep=` before the header are skipped. A column of days beside one of clocks are one time.

    Raises:
        ValueError: if columns are missing, or a coordinate is no number.
    """
    encoding = text_encoding.of(path)
    skipped, delimiter, header = _header(path, encoding)
    names, crs = _coordinates(header, csv_crs)
    time, day = columns.of_times(header, path), columns.named(header, DATE)
    track = columns.named(header, columns.TRACK)
    columns_read = list(dict.fromkeys(name for name in (*names, time, day, track) if name is not None))
    with pa.csv.open_csv(
        path,
        read_options=pa.csv.ReadOptions(block_size=_BLOCK, encoding=encoding.removesuffix("-sig"), skip_rows=skipped),
        parse_options=pa.csv.ParseOptions(delimiter=delimiter),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(header, pa.string()), include_columns=columns_read
        ),
    ) as stream:
        for batch in stream:
            x, y = (_decimals(batch.column(name), name) for name in names)
            times = None if time is None else _moments(batch.column(time), None if day is None else batch.column(day))
            yield Batch(crs, x, y, times, None if track is None else batch.column(track))


def _header(path: Path, encoding: str) -> tuple[int, str, list[str]]:
    """Number of lines before the header, the separator, and the names of the columns."""
    with path.open(encoding=encoding, newline="") as file:
        begin = file.read(1 << 16).splitlines()
    skipped = len(list(takewhile(_is_no_header, begin)))
    line = "".join(begin[skipped : skipped + 1])
    rows = {delimiter: next(csv.reader([line], delimiter=delimiter), []) for delimiter in _SEPARATORS}
    delimiter = max(_SEPARATORS, key=lambda sign: (_places(rows[sign]) is not None, len(rows[sign])))
    names = rows[delimiter]
    if len(set(names)) < len(names):
        raise ValueError(f"its header names a column more than once: {names}")
    return skipped, delimiter, names


def _is_no_header(line: str) -> bool:
    return not line.strip() or line.startswith("#") or line.lower().startswith("sep=")


def _places(header: Sequence[str]) -> tuple[str, str, bool] | None:
    """The columns of the coordinates, and whether they are degrees; None without any."""
    for east, north, is_degrees in ((LONGITUDE, LATITUDE, True), (X, Y, False)):
        pair = [columns.named(header, names) for names in (east, north)]
        if pair[0] is not None and pair[1] is not None:
            return pair[0], pair[1], is_degrees
    return None


def _coordinates(header: Sequence[str], csv_crs: str | None) -> tuple[tuple[str, str], pyproj.CRS]:
    """The columns of the coordinates, and their CRS."""
    places = _places(header)
    if places is None:
        needed = f"{'/'.join(LONGITUDE)} and {'/'.join(LATITUDE)} (degrees, WGS 84), or x and y (in csv_crs)"
        raise ValueError(f"it needs columns {needed}; it has {list(header)}")
    east, north, is_degrees = places
    if is_degrees:
        return (east, north), WGS84
    if csv_crs is None:
        raise ValueError(f"it has columns {east} and {north}: state their CRS, csv_crs: EPSG:… (data.gps.options)")
    return (east, north), pyproj.CRS.from_user_input(csv_crs)


def _moments(time: pa.Array, day: pa.Array | None) -> pa.Array:
    """Times; where they are clocks without a day, with that of the other column."""
    if day is None:
        return time
    is_clock = pc.fill_null(pc.match_substring_regex(time, _CLOCK), False)
    return pc.if_else(is_clock, pc.binary_join_element_wise(pc.utf8_trim_whitespace(day), time, " "), time)


def _decimals(column: pa.Array, name: str) -> NDArray[np.float64]:
    """The column as numbers.

    Raises:
        ValueError: naming the first that is none.
    """
    text = pc.replace_substring(pc.utf8_trim_whitespace(column), ",", ".")
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    try:
        return columns.numbers(pc.cast(text, pa.float64()))
    except pa.ArrowInvalid as error:
        raise ValueError(f"column {name}: {error}; write decimal numbers, such as 15.0834") from error
