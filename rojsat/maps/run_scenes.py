"""What lies beside the predictions of a run on a map: true colour of its scenes, outlines, ground not walked."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio import features
from shapely import MultiPolygon, Polygon
from shapely.geometry import shape

from rojsat.geo.scenes.cog import write_cog
from rojsat.geo.vectors import vector_files

OUTLINES, NOT_WALKED = "outlines", "not_walked"
"""Layers, and the names of their files without `.gpkg`."""

NO_DATA = 0


def write_true_colour(path: Path, image: NDArray[np.float32], crs: str, transform: Affine) -> Path:
    """Write true colour as a Cloud Optimized GeoTIFF of 8 bits, 0 where there is none.

    Args:
        path: of the raster.
        image: (h, w, 3) in [0, 1], NaN where unknown.
        crs: of its grid.
        transform: of its grid.
    """
    known = np.asarray(np.isfinite(image).all(axis=-1))
    stored = np.clip(np.rint(255 * np.nan_to_num(image)), NO_DATA + 1, 255)
    values = np.where(known, np.moveaxis(stored, -1, 0), NO_DATA).astype(np.uint8)
    names = ["red", "green", "blue"]
    return write_cog(
        path,
        values,
        transform=transform,
        crs=crs,
        nodata=NO_DATA,
        resampling="average",
        descriptions=names,
    )


def outline(rings: Iterable[NDArray[Any]], transform: Affine) -> MultiPolygon:
    """Rings of a region, `(N, 2)` column and row of its grid, as polygons in its coordinate system."""
    return MultiPolygon([Polygon(np.stack(transform @ ring.T, -1)) for ring in rings])


def area(pixels: NDArray[np.bool_], transform: Affine) -> MultiPolygon:
    """The pixels of a grid that are true, (h, w), as polygons."""
    parts = features.shapes(pixels.astype(np.uint8), mask=pixels, transform=transform)
    return MultiPolygon([shape(part) for part, _ in parts])


def write_layer(folder: Path, layer: str, rows: gpd.GeoDataFrame) -> Path:
    """Write a layer as a GeoPackage of its name, complete or not at all."""
    beside, path = folder / f".{layer}.gpkg", folder / f"{layer}.gpkg"
    beside.unlink(missing_ok=True)
    vector_files.write_geopackage(rows, beside, layer=layer)
    beside.replace(path)
    return path
