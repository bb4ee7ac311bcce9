"""The table of harvests of a raw data set: outline, date and what the date says, who has to be named."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.geo.harvests.registers import Register

COLUMNS = ["date", "means", "source", "licence", "geometry"]
"""ISO day; what it says, `felled` or `declared`; who has to be named; licence; outline."""

NAME, FACTS = "harvests.parquet", "harvests.json"
"""In the folder of a raw data set: the table, and what was left aside of each file."""


def assemble(days: Sequence[str], outlines: NDArray[Any], register: Register, crs: Any) -> gpd.GeoDataFrame:
    """The table of one register.

    Args:
        days: ISO day of each harvest.
        outlines: valid polygons.
        register: that they are of.
        crs: of the outlines.
    """
    constant = {"means": register.means, "source": register.source, "licence": register.licence}
    frame = pd.DataFrame({"date": pd.Series(days, dtype=object)}).assign(**constant)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(np.asarray(outlines), crs=crs))[COLUMNS]


def write(raw: Path, tables: Sequence[gpd.GeoDataFrame], facts: Mapping[str, Any]) -> None:
    """Write the harvests of all files, sorted, and what is known of each file.

    Args:
        raw: folder of the raw data set.
        tables: of every file, in one CRS.
        facts: by file, ready for JSON.
    """
    joined = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry="geometry", crs=tables[0].crs)
    keys = joined[["date", "source"]].assign(wkb=joined.geometry.to_wkb(hex=True))
    joined.loc[keys.sort_values(["date", "source", "wkb"]).index].reset_index(drop=True).to_parquet(raw / NAME)
    (raw / FACTS).write_text(json.dumps(dict(facts), indent=1) + "\n")


def load(raw: Path) -> gpd.GeoDataFrame | None:
    """What `write` wrote; None where a raw data set has no harvests."""
    return gpd.read_parquet(raw / NAME) if (raw / NAME).exists() else None


def lines(raw: Path) -> list[str]:
    """What was taken of each file and what was left aside, in sentences; nothing without harvests."""
    facts = json.loads((raw / FACTS).read_text()) if (raw / FACTS).exists() else {}
    return [
        f"{counts['kept']} harvests near the regions of {name} ({counts['source']}, {counts['licence']}); left aside: "
        f"{counts['undated']} without date, {counts['shapeless']} without area, {sum(counts['others'].values())} after "
        f"which a stand still stands; {counts['repaired']} outlines repaired"
        for name, counts in facts.items()
    ]
