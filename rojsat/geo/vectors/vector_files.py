"""Write vector files whose bytes depend on their content alone: the dates that GDAL writes into them are fixed."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio

WRITTEN = "2020-01-01T00:00:00.000Z"
"""Time that every GeoPackage says it was written at, day of every Shapefile: the same content gives the same bytes."""


def write_geopackage(frame: gpd.GeoDataFrame, path: Path, *, layer: str, **options: Any) -> None:
    """Write a GeoPackage of one layer.

    Args:
        frame: its rows, in the CRS to write.
        path: the file; must not exist yet.
        layer: name of its layer.
        options: of `GeoDataFrame.to_file`.
    """
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN})
    try:
        frame.to_file(path, layer=layer, driver="GPKG", index=False, **options)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def write_shapefile(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write a Shapefile with UTF-8 texts.

    Args:
        frame: its rows, in the CRS to write; GDAL cuts names of columns to ten letters.
        path: the file; the ones beside it get its name.
    """
    day = WRITTEN.partition("T")[0]  # GDAL's own default is the day of writing, in the header of the .dbf
    frame.to_file(path, engine="pyogrio", index=False, encoding="UTF-8", DBF_DATE_LAST_UPDATE=day)
