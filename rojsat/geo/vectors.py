"""Regions: read from any vector format, checked, and kept as one GeoPackage layer."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
from shapely import force_2d
from shapely.validation import explain_validity

COLUMNS = ["region", "role", "label", "cleared", "geometry"]
"""Columns of `regions.gpkg`, in order."""

ROLES = ("stand", "clearing", "probe")
"""What a region is for: labelled as a whole, walked by workers with GPS, only looked at."""

LAYER = "regions"

WRITTEN = "2020-01-01T00:00:00.000Z"
"""Time that every GeoPackage says it was written at: the same regions give the same bytes."""


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
        path: any vector file GDAL reads.
        role: role of all its regions, one of `ROLES`.
        label: label of all its regions; without it the file's column `label`, if it has one.
        crs: coordinate system of the result, usually that of the scenes.
        id_field: column with the ids; without it the column `region`, else the row numbers from 1.
        prefix: put before every id, so that two files without ids do not collide.
        layer: layer of the file; without it the first.

    Returns:
        One row a region with `COLUMNS`: ids as text, `cleared` as ISO date or None, 2-D polygons in `crs`.

    Raises:
        ValueError: if the role or the id column does not exist, there is no region or no CRS, an id is empty
            or not unique, or a geometry is missing, empty, invalid or no polygon.
    """
    if role not in ROLES:
        raise ValueError(f"role {role!r} does not exist; there are {', '.join(ROLES)}")
    found = _open(Path(path), layer)
    regions = gpd.GeoDataFrame(
        {
            "region": prefix + _ids(found, id_field, path),
            "role": role,
            "label": label if label is not None else _text(found, "label"),
            "cleared": _dates(found, "cleared"),
        },
        geometry=force_2d(found.geometry.to_numpy()),
        crs=found.crs,
    )
    _check(regions, path)
    return regions.to_crs(crs)[COLUMNS]


def write_regions(regions: gpd.GeoDataFrame, path: Path) -> None:
    """Write regions (any roles together) as the layer `regions` of a GeoPackage.

    Raises:
        ValueError: if a column is missing, an id is not unique or a geometry is not a valid polygon.
    """
    missing = [column for column in COLUMNS if column not in regions.columns]
    if missing:
        raise ValueError(f"regions for {path} lack the columns {missing}; they need {COLUMNS}")
    _check(regions, path)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN})
    try:
        regions[COLUMNS].to_file(path, layer=LAYER, driver="GPKG", index=False)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def load_regions(path: Path) -> gpd.GeoDataFrame:
    """Read what `write_regions` wrote, sorted as it was written; empty text comes back as None.

    Raises:
        ValueError: if the file does not exist or is not such a layer.
    """
    regions = _open(path, LAYER)
    missing = [column for column in COLUMNS if column not in regions.columns]
    if missing:
        raise ValueError(f"{path} lacks the columns {missing}: it is no layer of regions of rojsat")
    for column in COLUMNS[:-1]:
        regions[column] = _text(regions, column)
    return regions[COLUMNS]


def _open(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    if not path.exists():
        raise ValueError(f"{path} does not exist (it should hold regions)")
    try:
        found = gpd.read_file(path, **({} if layer is None else {"layer": layer}))
    except pyogrio.errors.DataSourceError as error:
        raise ValueError(f"{path} cannot be read as a vector file: {error}") from error
    if len(found) == 0:
        raise ValueError(f"{path} holds no region")
    if found.crs is None:
        raise ValueError(f"{path} has no coordinate system; set it (ogr2ogr -a_srs EPSG:…) and try again")
    return found


def _ids(found: gpd.GeoDataFrame, field: str | None, path: Path | str) -> pd.Series:
    if field is not None and field not in found.columns:
        raise ValueError(f"{path} has no column {field!r} for the ids; it has {sorted(set(found.columns))}")
    field = field or ("region" if "region" in found.columns else None)
    if field is None:
        return pd.Series(range(1, len(found) + 1), index=found.index).map(str)
    return found[field].map(_name)


def _name(value: Any) -> str:
    """An id as text: 7.0, which a format without integers makes of 7, is '7'; missing is ''."""
    if pd.isna(value):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _text(found: gpd.GeoDataFrame, column: str) -> pd.Series:
    if column not in found.columns:
        return pd.Series([None] * len(found), index=found.index, dtype=object)
    values = [None if pd.isna(value) or str(value) == "" else str(value) for value in found[column]]
    return pd.Series(values, index=found.index, dtype=object)


def _dates(found: gpd.GeoDataFrame, column: str) -> pd.Series:
    text = _text(found, column)
    dates = [None if value is None else pd.Timestamp(value).date().isoformat() for value in text]
    return pd.Series(dates, index=found.index, dtype=object)


def _check(regions: gpd.GeoDataFrame, path: Path | str) -> None:
    ids = regions["region"]
    if (ids == "").any():
        raise ValueError(f"{path}: {(ids == '').sum()} regions have no id; name another column")
    if ids.duplicated().any():
        raise ValueError(f"{path}: ids are not unique: {sorted(set(ids[ids.duplicated()]))[:5]}")
    for region, geometry in zip(ids, regions.geometry, strict=True):
        fault = _fault(geometry)
        if fault:
            raise ValueError(f"{path}: region {region!r} {fault}; repair it (QGIS: Fix geometries)")


def _fault(geometry: Any) -> str | None:
    if geometry is None or geometry.is_empty:
        return "has no geometry"
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        return f"is a {geometry.geom_type}, not a polygon"
    return None if geometry.is_valid else f"is not a valid polygon ({explain_validity(geometry)})"
