"""Facts of regions that their file states and the store keeps, such as the municipality of a stand. pandas only."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

PREFIX = "kept_"
"""Beginning of the name of their columns in the index; `rojsat.geo.vectors.kept_columns` calls it the same."""


def added(index: pd.DataFrame, regions: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """The index with a column for each fact; as it is where the store keeps none.

    Args:
        index: the chips' table: region.
        regions: facts of each region in `chips.json`.
    """
    names = sorted({name for facts in regions.values() for name in facts if name.startswith(PREFIX)})
    stated = {name: [regions.get(region, {}).get(name) for region in index["region"].astype(str)] for name in names}
    columns = {name: pd.Series(values, index.index, dtype=object) for name, values in stated.items()}
    return index.assign(**columns) if columns else index


def of_column(index: pd.DataFrame, column: str) -> pd.Series:
    """What a column of the files of regions says of each chip's region, as text.

    Args:
        index: the chips' table: region, and the columns that `added` adds.
        column: its name in the files of regions.

    Raises:
        ValueError: the store keeps no such column, or some region has no value.
    """
    name = f"{PREFIX}{column}"
    if name not in index:
        kept = sorted(each.removeprefix(PREFIX) for each in map(str, index.columns) if each.startswith(PREFIX))
        raise ValueError(
            f"no column {column!r} of the regions is kept in the chips; there is {', '.join(kept) or 'none'}. Name it "
            f"by `columns: [{column}]` of the files in data.regions, and make the data again under a name of its own"
        )
    absent = sorted(set(index.loc[index[name].isna(), "region"].astype(str)))
    if absent:
        raise ValueError(
            f"{len(absent)} regions have no {column} ({', '.join(absent[:5])}); complete the column in their files"
        )
    return index[name].astype(str)
