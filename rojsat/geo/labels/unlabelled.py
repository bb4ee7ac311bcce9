"""No labels: for data that are only looked at, or predicted on."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
from odc.geo.geobox import GeoBox

from rojsat.geo.degrees import Labels


def masks(
    raw: Path,  # noqa: ARG001 - every source of labels has it
    regions: gpd.GeoDataFrame,  # noqa: ARG001
    grids: Mapping[str, GeoBox],  # noqa: ARG001
) -> Labels:
    """No mask of any region."""
    return Labels({})
