"""Stands as a page lists and outlines them."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

COLUMNS = (
    *("rank", "region", "area_ha", "need_ha", "degree_mean", "degree_p90", "degree_low", "degree_high"),
    *("seen", "outside", "trained_on", "last_clear", "note"),
)
"""Columns that the page has words for; others stand under their own names where a stand is chosen."""

DECIMALS = 6
"""Of longitude and latitude: a tenth of a metre."""

TOLERANCES = (1.0, 2.5, 5.0, 10.0)
"""Metres that an outline may be moved by to have fewer corners, the least first."""

MOST_CORNERS = 100
"""Corners of a stand on average, above which outlines are simplified more."""


def rows(stands: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """A stand each, JSON-ready.

    Args:
        stands: the stand table, in a system of metres.

    Returns:
        The columns of `COLUMNS` that the table has, None where a value is missing; `more`, names and texts of all other
        columns; and `outline`, GeoJSON in WGS 84.
    """
    outlines = _outlines(stands)
    known = [name for name in COLUMNS if name in stands.columns]
    others = [name for name in stands.columns if name not in (*COLUMNS, "geometry")]
    return [
        {
            **{name: _plain(row[name]) for name in known},
            "more": [(str(name), str(_plain(row[name]))) for name in others if _plain(row[name]) not in (None, "")],
            "outline": outline,
        }
        for row, outline in zip(stands.to_dict("records"), outlines, strict=True)
    ]


def _outlines(stands: gpd.GeoDataFrame) -> list[Mapping[str, Any]]:
    for tolerance in TOLERANCES:
        simplified = stands.geometry.simplify(tolerance)
        if shapely.get_num_coordinates(simplified.to_numpy()).mean() <= MOST_CORNERS:
            break
    rounded = shapely.transform(simplified.to_crs("EPSG:4326").to_numpy(), lambda corners: np.round(corners, DECIMALS))
    return [shapely.geometry.mapping(outline) for outline in rounded]


def _plain(value: Any) -> Any:
    """A value of a table as JSON has it; None where it is missing."""
    if value is None or pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value
