"""Columns of a file of regions: ids, texts and dates."""

import datetime
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

SHAPEFILE_NAME = 10
"""Length that Shapefiles cut the names of columns to."""

EXACT = 2**53
"""Decimal numbers hold every integer up to this, and not all beyond."""

_DATE = re.compile(r"(\d{4})[-/]?(\d\d)[-/]?(\d\d)(?!\d)")


def id_column(table: gpd.GeoDataFrame, field: str | None, path: Path | str) -> str | None:
    """Name of the column with the ids; None where the rows are numbered.

    Args:
        table: rows of the file.
        field: the column that the user names; without it `region`, if there is one.
        path: the file, for messages.

    Raises:
        ValueError: if the column that the user names does not exist.
    """
    if field is not None and field not in table.columns and Path(path).suffix.lower() == ".shp":
        field = field[:SHAPEFILE_NAME]
    if field is not None and field not in table.columns:
        raise ValueError(f"{path} has no column {field!r} for the ids; it has {sorted(map(str, table.columns))}")
    return field or ("region" if "region" in table.columns else None)


def ids(table: gpd.GeoDataFrame, column: str | None, path: Path | str) -> pd.Series:
    """Ids as texts: those of a column, else the row numbers from 1.

    Raises:
        ValueError: if they are decimal numbers too large to be exact.
    """
    if column is None:
        return pd.Series(range(1, len(table) + 1), index=table.index).map(str)
    if pd.api.types.is_float_dtype(table[column]) and (table[column].abs() >= EXACT).any():
        largest = table[column].abs().max()
        raise ValueError(
            f"{path}: column {column!r} holds decimal numbers up to {largest:.0f}, which are rounded: numbers of more "
            "than 15 digits are not kept exactly; export the ids as text"
        )
    return table[column].map(text_of).astype(object)


def text_of(value: Any) -> str:
    """A value as text: 7.0, as a format without integers stores 7, is '7'; missing is ''."""
    if pd.isna(value):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def texts(table: gpd.GeoDataFrame, column: str) -> pd.Series:
    """Texts of a column, None where one is empty or missing, or the column is."""
    if column not in table.columns:
        return pd.Series([None] * len(table), index=table.index, dtype=object)
    known: dict[str, str] = {}  # one object for all rows that have the same text
    texts = (None if pd.isna(value) or str(value) == "" else str(value) for value in table[column])
    values = [text if text is None else known.setdefault(text, text) for text in texts]
    return pd.Series(values, index=table.index, dtype=object)


def dates(table: pd.DataFrame, regions: pd.Series, path: Path | str, column: str = "cleared") -> pd.Series:
    """ISO dates of a column, as stated: a time of day and a zone are left out.

    Raises:
        ValueError: naming the region whose date cannot be read.
    """
    values = table[column].map(text_of) if column in table.columns else pd.Series("", index=table.index)
    days = []
    for region, value in zip(regions, values, strict=True):
        try:
            days.append(_date(value) if value else None)
        except ValueError as error:
            raise ValueError(f"{path}: region {region!r}: {column} is {value!r}, not a date as 2019-08-01") from error
    return pd.Series(days, index=table.index, dtype=object)


def _date(text: str) -> str:
    """ISO date of a text that begins with year, month and day."""
    match = _DATE.match(text)
    if match is None:
        raise ValueError("no date")
    return datetime.date(*(int(number) for number in match.groups())).isoformat()
