"""Regions: read from any vector format, checked, and kept as one GeoPackage layer."""

import datetime
import os
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyproj.exceptions import ProjError
from shapely import force_2d
from shapely.validation import explain_validity

from rojsat.chips.roles import ROLES
from rojsat.config import lookup
from rojsat.geo.vectors import extent, identifiers, read_errors, shapefiles, vector_files

COLUMNS = ["region", "role", "label", "cleared", "geometry"]
"""Columns of `regions.gpkg`, in order."""

LAYER = "regions"

SHAPEFILE_NAME = 10
"""Length that Shapefiles cut the names of columns to."""

_DATE = re.compile(r"(\d{4})[-/]?(\d\d)[-/]?(\d\d)(?!\d)")


def read_regions(
    path: Path | str,
    *,
    role: str,
    label: str | None = None,
    crs: Any,
    id_field: str | None = None,
    prefix: str = "",
    layer: str | None = None,
) -> gpd.GeoDataFrame:
    """Read the regions of one file, whatever its format and coordinate system.

    Args:
        path: GeoParquet (`.parquet`, `.geoparquet`), or any vector file GDAL reads.
        role: role of all its regions, one of `ROLES`.
        label: label of all its regions; without it the file's column `label`, if it has one.
        crs: coordinate system of the result, usually that of the scenes.
        id_field: column with the ids; without it the column `region`, else the row numbers from 1.
        prefix: put before every id, so that two files without ids do not collide.
        layer: layer of the file; without it the first.

    Returns:
        One row a region with `COLUMNS`: ids as text, `cleared` as ISO date or None, 2-D polygons in `crs`.

    Raises:
        ValueError: naming the file, and the region where there is one: if the file is corrupt; the role, the layer or
            the id column does not exist; there is no region or no CRS; an id is empty, not unique or cannot name a
            file; a date cannot be read; a geometry is missing, empty, invalid, without area or no polygon, or lies
            outside the area its CRS is made for (swapped axes: the message says so).
    """
    if role not in ROLES:
        raise ValueError(f"role {role!r} does not exist; there are {', '.join(ROLES)}")
    table = _open(Path(path), layer)
    regions = gpd.GeoDataFrame(
        {
            "region": prefix + _ids(table, id_field, path),
            "role": role,
            "label": label if label is not None else _text(table, "label"),
        },
        geometry=force_2d(table.geometry.to_numpy()),
        crs=table.crs,
    )
    regions["cleared"] = _dates(table, regions["region"], path)
    _check(regions, path)
    return _transform(regions, crs, path)[COLUMNS]


def write_regions(regions: gpd.GeoDataFrame, path: Path) -> None:
    """Write regions (any roles together) as the layer `regions` of a GeoPackage, complete or not at all.

    Raises:
        ValueError: if a column is missing, an id is not unique or cannot name a file, or a geometry is no polygon.
    """
    missing = [column for column in COLUMNS if column not in regions.columns]
    if missing:
        raise ValueError(f"regions for {path} lack the columns {missing}; they need {COLUMNS}")
    _check(regions, path)
    beside = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        vector_files.write_geopackage(regions[COLUMNS], beside, layer=LAYER)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def load_regions(path: Path) -> gpd.GeoDataFrame:
    """Read what `write_regions` wrote, in the same order; empty text becomes None.

    Raises:
        ValueError: if the file does not exist or is not such a layer.
    """
    regions = _open(path, LAYER)
    missing = [column for column in COLUMNS if column not in regions.columns]
    if missing:
        raise ValueError(f"{path} lacks the columns {missing}: rojsat did not write it; read it by `read_regions`")
    for column in COLUMNS[:-1]:
        regions[column] = _text(regions, column)
    return regions[COLUMNS]


def _open(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    if not path.exists():
        raise ValueError(f"{path} does not exist (it should hold regions)")
    with read_errors.named(path, "a vector file"):
        table = _read(path, layer)
    if not isinstance(table, gpd.GeoDataFrame):
        raise ValueError(f"{path} holds no geometry; export the regions as polygons")
    if len(table) == 0:
        raise ValueError(f"{path} holds no region")
    if table.crs is None:
        raise ValueError(f"{path} has no coordinate system; set it (ogr2ogr -a_srs EPSG:…) and try again")
    return table


def _read(path: Path, layer: str | None) -> Any:
    """The file's rows: a GeoDataFrame, or a DataFrame if there is no geometry."""
    if path.suffix.lower() in (".parquet", ".geoparquet"):
        return gpd.read_parquet(path)
    shapefiles.check(path)
    layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    if layer is not None and layer not in layers:
        raise lookup.unknown("layer", layer, layers)
    return gpd.read_file(path, layer=layer or layers[0])


def _ids(table: gpd.GeoDataFrame, field: str | None, path: Path | str) -> pd.Series:
    if field is not None and field not in table.columns and Path(path).suffix.lower() == ".shp":
        field = field[:SHAPEFILE_NAME]
    if field is not None and field not in table.columns:
        raise ValueError(f"{path} has no column {field!r} for the ids; it has {sorted(map(str, table.columns))}")
    field = field or ("region" if "region" in table.columns else None)
    if field is None:
        return pd.Series(range(1, len(table) + 1), index=table.index).map(str)
    return table[field].map(_name).astype(object)


def _name(value: Any) -> str:
    """An id as text: 7.0, as a format without integers stores 7, is '7'; missing is ''."""
    if pd.isna(value):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _text(table: gpd.GeoDataFrame, column: str) -> pd.Series:
    if column not in table.columns:
        return pd.Series([None] * len(table), index=table.index, dtype=object)
    values = [None if pd.isna(value) or str(value) == "" else str(value) for value in table[column]]
    return pd.Series(values, index=table.index, dtype=object)


def _dates(table: gpd.GeoDataFrame, regions: pd.Series, path: Path | str) -> pd.Series:
    """ISO dates of the column `cleared`, as stated: a time of day and a zone are left out."""
    values = table["cleared"].map(_name) if "cleared" in table.columns else pd.Series("", index=table.index)
    dates = []
    for region, value in zip(regions, values, strict=True):
        try:
            dates.append(_date(value) if value else None)
        except ValueError as error:
            raise ValueError(f"{path}: region {region!r}: cleared is {value!r}, not a date as 2019-08-01") from error
    return pd.Series(dates, index=table.index, dtype=object)


def _date(text: str) -> str:
    """ISO date of a text that begins with year, month and day."""
    match = _DATE.match(text)
    if match is None:
        raise ValueError("no date")
    return datetime.date(*(int(number) for number in match.groups())).isoformat()


def _transform(regions: gpd.GeoDataFrame, crs: Any, path: Path | str) -> gpd.GeoDataFrame:
    """The regions in another coordinate system, if they lie in the area of their own."""
    try:
        wrong = extent.fault(regions.bounds.to_numpy(), regions.crs)
        moved = regions if wrong else regions.to_crs(crs)
    except ProjError as error:
        raise ValueError(f"{path}: its coordinate system {regions.crs.name!r} leads to no other: {error}") from error
    if wrong:
        raise ValueError(f"{path}: region {regions['region'].iloc[wrong[0]]!r} {wrong[1]}")
    outside = ~np.isfinite(moved.bounds.to_numpy()).all(1)
    if outside.any():
        region = regions["region"].iloc[outside.argmax()]
        raise ValueError(f"{path}: region {region!r} has no coordinates in {moved.crs.name}")
    return moved


def _check(regions: gpd.GeoDataFrame, path: Path | str) -> None:
    identifiers.check(regions["region"], path)
    for region, geometry in zip(regions["region"], regions.geometry, strict=True):
        fault = _fault(geometry)
        if fault:
            raise ValueError(f"{path}: region {region!r} {fault}; repair it (QGIS: Fix geometries)")


def _fault(geometry: Any) -> str | None:
    if geometry is None or geometry.is_empty:
        return "has no geometry"
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        return f"is a {geometry.geom_type}, not a polygon"
    if not np.isfinite(geometry.bounds).all():
        return "has coordinates that are no numbers"
    if not geometry.is_valid:
        return f"is not a valid polygon ({explain_validity(geometry)})"
    return None if geometry.area > 0 else "has no area"
