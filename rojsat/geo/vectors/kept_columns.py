"""Columns of a file of regions that are kept with them, for splits: the municipality of a stand, its owner."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd

from rojsat.config import lookup
from rojsat.geo.vectors import region_columns

PREFIX = "kept_"
"""Beginning of the name of a kept column where regions have others too; `rojsat.chips.kept_facts` calls it the same."""


def added(regions: gpd.GeoDataFrame, table: pd.DataFrame, columns: Sequence[str], path: Path | str) -> gpd.GeoDataFrame:
    """The regions with the columns that are kept, as text; None where a value is missing.

    Args:
        regions: one row a region.
        table: the rows of the file that they are read from, in the same sequence.
        columns: names of columns of the file.
        path: of the file, for messages.

    Raises:
        rojsat.config.lookup.UnknownNameError: the file has no such column.
    """
    kept = regions
    for column in columns:
        stored = column[: region_columns.SHAPEFILE_NAME] if Path(path).suffix.lower() == ".shp" else column
        if stored not in table.columns:
            raise lookup.unknown(f"data.regions columns: column of {path}", column, map(str, table.columns))
        texts = table[stored].map(region_columns.text_of)
        kept = kept.assign(**{f"{PREFIX}{column}": texts.where(texts != "", None).astype(object).to_numpy()})
    return kept


def names(regions: pd.DataFrame) -> list[str]:
    """The kept columns of some regions, with their prefix."""
    return [str(column) for column in regions.columns if str(column).startswith(PREFIX)]
