"""Areas of regions, whatever their coordinate system."""

import geopandas as gpd
import pandas as pd
from pyproj import Geod

EQUAL_AREA = "EPSG:6933"
"""Equal-area projection of the world (EASE-Grid 2.0)."""

HECTARE = 1e4
"""Square metres."""


def hectares(regions: gpd.GeoDataFrame) -> pd.Series:
    """Area of each region, hectares."""
    return regions.to_crs(EQUAL_AREA).area / HECTARE


def geodesic_hectares(regions: gpd.GeoDataFrame) -> pd.Series:
    """Area of each region on the ellipsoid WGS 84, hectares: right whatever their own system.

    Edges are geodesics between the corners (Karney 2013); a stand is so small that no other line differs.
    """
    ellipsoid = Geod(ellps="WGS84")
    on_ellipsoid = regions.geometry.to_crs("EPSG:4326")
    return on_ellipsoid.map(lambda outline: abs(ellipsoid.geometry_area_perimeter(outline)[0]) / HECTARE)
