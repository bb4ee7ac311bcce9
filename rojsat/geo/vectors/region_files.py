"""Regions: read from any vector format, checked, and kept as one GeoPackage layer."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
from pyproj.exceptions import ProjError

from rojsat.chips import roles
from rojsat.config import lookup
from rojsat.geo.vectors import (
    antimeridian,
    coordinate_operations,
    encodings,
    extent,
    identifiers,
    kept_columns,
    label_words,
    layers,
    read_errors,
    region_columns,
    region_parts,
    region_shapes,
    shapefiles,
    text_encoding,
    vector_files,
    vector_formats,
)

COLUMNS = ["region", "role", "label", "cleared", "geometry"]
"""Columns of `regions.gpkg`, in order."""

LAYER = "regions"

PART = 1 << 16
"""Rows of `regions.gpkg` that are read at a time."""

_SHOWN = 5
"""Regions that a message names; of more it says how many."""


def read_regions(
    path: Path | str,
    *,
    role: str,
    label: str | None = None,
    crs: Any,
    id_field: str | None = None,
    prefix: str = "",
    layer: str | None = None,
    labels: Mapping[str, str] | None = None,
    encoding: str | None = None,
    parts: str = region_parts.TOGETHER,
    columns: Sequence[str] = (),
) -> gpd.GeoDataFrame:
    """Read the regions of one file, whatever its format and coordinate system.

    Args:
        path: GeoParquet (`.parquet`, `.geoparquet`), or any vector file GDAL reads.
        role: role of all its regions, one of `ROLES`.
        label: label of all its regions; without it the file's column `label`, if it has one.
        crs: coordinate system of the result, usually that of the scenes.
        id_field: column with the ids; without it the column `region`, else the row numbers from 1.
        prefix: put before every id, so that two files without ids do not collide.
        layer: layer of the file; without it the only one that has geometry.
        labels: words of the file for labels of stands, and what each means: `{röjning: need, klar: clear}`.
        encoding: of a Shapefile's texts; without it, what its bytes and its `.cpg` say.
        parts: of regions with several: `together`, one region, or `regions`, each one of its own with the ids `7_1`
            and `7_2`, which no split puts into two parts of the data.
        columns: of the file, to be kept as text for splits: the municipality of a stand.

    Returns:
        One row a region with `COLUMNS`: ids as text, `cleared` as ISO date or None, 2-D polygons in `crs`; and
        with `part_of` (`region_parts`) where there are parts, and the columns kept (`kept_columns`).

    Raises:
        ValueError: naming the file, and the regions where there are some: if the file is corrupt; the role, the layer
            or the id column does not exist, or there are several layers and none is named; there is no region or no
            CRS, or one from which no operation of known accuracy leads to `crs`; an id is empty, not unique, rounded
            or cannot name a file; the label of a stand is none; a date cannot be read; a geometry is missing, empty,
            invalid, without area or no polygon, or lies outside the area its CRS is made for (swapped axes: the
            message says so).
    """
    if role not in roles.ROLES:
        raise ValueError(f"role {role!r} does not exist; there are {', '.join(roles.ROLES)}")
    if parts not in region_parts.PARTS:
        raise lookup.unknown("data.regions parts:", parts, region_parts.PARTS)
    table = _open(Path(path), layer, encoding)
    id_column = region_columns.id_column(table, id_field, path)
    words = [label] * len(table) if label is not None else list(region_columns.texts(table, "label"))
    regions = gpd.GeoDataFrame(
        {
            "region": prefix + region_columns.ids(table, id_column, path),
            "role": role,
            "label": pd.Series(label_words.read(words, labels, path) if role == roles.STAND else words, dtype=object),
        },
        geometry=region_shapes.flat(table.geometry.to_numpy()),
        crs=table.crs,
    )
    regions["cleared"] = region_columns.dates(table, regions["region"], path)
    regions = kept_columns.added(regions, table, columns, path)
    hint = f" (the ids are its column {id_column!r}, because of its name: name another by id_field)"
    _check(regions, path, hint if id_field is None and id_column is not None else "")
    if parts == region_parts.REGIONS:
        regions = region_parts.apart(regions)
        identifiers.check(regions["region"], path)
    regions = _transform(regions, crs, path)
    region_shapes.warn(regions, path)
    return regions[_columns(regions)]


def read_columns(path: Path, *, id_field: str | None = None, layer: str | None = None) -> pd.DataFrame:
    """All columns of a file that `read_regions` reads, as they are, with the ids of its regions as index.

    Raises:
        ValueError: as `read_regions`, of the file and its ids.
    """
    table = _open(path, layer)
    ids = region_columns.ids(table, region_columns.id_column(table, id_field, path), path)
    return pd.DataFrame(table.drop(columns=table.geometry.name)).set_axis(pd.Index(ids, name="region"))


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
        vector_files.write_geopackage(regions[_columns(regions)], beside, layer=LAYER)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def load_regions(path: Path) -> gpd.GeoDataFrame:
    """Read what `write_regions` wrote, in the same order; empty text becomes None.

    Raises:
        ValueError: if the file does not exist or is not such a layer.
    """
    regions = gpd.GeoDataFrame(pd.concat(_parts(path), ignore_index=True))
    missing = [column for column in COLUMNS if column not in regions.columns]
    if missing:
        raise ValueError(f"{path} lacks the columns {missing}: rojsat did not write it; read it by `read_regions`")
    return regions[_columns(regions)]


def _parts(path: Path) -> Iterator[gpd.GeoDataFrame]:
    """Rows of a file of our own, `PART` at a time, with texts: reading takes as much memory again as its rows."""
    start, count = 0, 1
    while start < count:
        part = _open(path, LAYER, rows=slice(start, start + PART))
        for column in part.columns.drop(part.geometry.name):
            part[column] = region_columns.texts(part, column)
        yield part
        start, count = start + PART, pyogrio.read_info(path, layer=LAYER)["features"]


def _columns(regions: gpd.GeoDataFrame) -> list[str]:
    """`COLUMNS`, and those beside them that these regions have."""
    return COLUMNS + region_parts.columns(regions) + kept_columns.names(regions)


def _open(path: Path, layer: str | None, encoding: str | None = None, rows: slice | None = None) -> gpd.GeoDataFrame:
    if not path.exists():
        raise ValueError(f"{path} does not exist (it should hold regions)")
    with read_errors.named(path, "a vector file"):
        table = _read(path, layer, encoding, rows)
    if not isinstance(table, gpd.GeoDataFrame):
        raise ValueError(f"{path} holds no geometry; export the regions as polygons")
    if len(table) == 0:
        raise ValueError(f"{path} holds no region")
    if table.crs is None:
        raise ValueError(f"{path} has no coordinate system; set it (ogr2ogr -a_srs EPSG:…) and try again")
    return table


def _read(path: Path, layer: str | None, encoding: str | None, rows: slice | None) -> Any:
    """The file's rows: a GeoDataFrame, or a DataFrame if there is no geometry."""
    if path.suffix.lower() in (".parquet", ".geoparquet"):
        return gpd.read_parquet(path)
    with text_encoding.readable(path) as source:
        vector_formats.check(source)
        shapefiles.check(path)
        if path.suffix.lower() == ".shp":
            encoding = encodings.of_shapefile(path, encoding)
        return gpd.read_file(source, layer=layers.choose(source, layer), encoding=encoding, rows=rows)


def _transform(regions: gpd.GeoDataFrame, crs: Any, path: Path | str) -> gpd.GeoDataFrame:
    """The regions in another coordinate system, if they lie in the area of their own."""
    point = regions.geometry.iloc[0].representative_point()
    inaccurate = coordinate_operations.fault(regions.crs, pyproj.CRS.from_user_input(crs), (point.x, point.y))
    if inaccurate:
        raise ValueError(f"{path}: {inaccurate}")
    try:
        wrong = extent.fault(regions.bounds.to_numpy(), regions.crs)
        moved = regions if wrong else regions.to_crs(crs)
    except ProjError as error:
        raise ValueError(f"{path}: its coordinate system {regions.crs.name!r} leads to no other: {error}") from error
    wrong = wrong or antimeridian.fault(moved.bounds.to_numpy(), moved.crs)
    if wrong:
        raise ValueError(f"{path}: region {regions['region'].iloc[wrong[0]]!r} {wrong[1]}")
    outside = ~np.isfinite(moved.bounds.to_numpy()).all(1)
    if outside.any():
        region = regions["region"].iloc[outside.argmax()]
        raise ValueError(f"{path}: region {region!r} has no coordinates in {moved.crs.name}")
    return moved


def _check(regions: gpd.GeoDataFrame, path: Path | str, hint: str = "") -> None:
    try:
        identifiers.check(regions["region"], path)
    except ValueError as error:
        raise ValueError(f"{error}{hint}") from error
    named = zip(regions["region"], regions.geometry, strict=True)
    faults = [f"region {region!r} {reason}" for region, shape in named if (reason := region_shapes.fault(shape))]
    if faults:
        more = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise ValueError(f"{path}: {'; '.join(faults[:_SHOWN])}{more}; repair it (QGIS: Fix geometries)")
