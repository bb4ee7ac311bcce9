"""Pixels of a grid that belong to a polygon."""

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.features import rasterize
from shapely.geometry.base import BaseGeometry


def centres(polygon: BaseGeometry, crs: str, grid: GeoBox) -> NDArray[np.bool_]:
    """(h, w): True where a pixel's centre lies in the polygon; nowhere, where it holds none.

    Args:
        polygon: in any coordinate system.
        crs: of the polygon.
        grid: of the pixels.
    """
    return _burn(polygon, crs, grid, touched=False)


def inside(polygon: BaseGeometry, crs: str, grid: GeoBox) -> NDArray[np.bool_]:
    """(h, w): True where a pixel's centre lies in the polygon; of one that holds no centre, all pixels that it touches.

    Args:
        polygon: in any coordinate system.
        crs: of the polygon.
        grid: of the pixels.
    """
    pixels = centres(polygon, crs, grid)
    return pixels if pixels.any() else _burn(polygon, crs, grid, touched=True)


def _burn(polygon: BaseGeometry, crs: str, grid: GeoBox, *, touched: bool) -> NDArray[np.bool_]:
    (shape,) = [polygon] if crs == str(grid.crs) else gpd.GeoSeries([polygon], crs=crs).to_crs(str(grid.crs))
    pixels = rasterize([shape], out_shape=tuple(grid.shape), transform=grid.affine, all_touched=touched, dtype="uint8")
    return np.asarray(pixels > 0)
