"""Areas of regions, whatever their coordinate system."""

import geopandas as gpd
import pandas as pd

EQUAL_AREA = "EPSG:6933"
"""Equal-area projection of the world (EASE-Grid 2.0)."""

HECTARE = 1e4
"""Square metres."""


def hectares(regions: gpd.GeoDataFrame) -> pd.Series:
    """Area of each region, hectares."""
    return regions.to_crs(EQUAL_AREA).area / HECTARE
