"""Pixels of a grid that belong to a polygon."""

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.features import rasterize
from shapely.geometry.base import BaseGeometry


def inside(polygon: BaseGeometry, crs: str, grid: GeoBox) -> NDArray[np.bool_]:
    """(h, w): True where a pixel's centre lies in the polygon; of one that holds no centre, all pixels that it touches.

    Args:
        polygon: in any coordinate system.
        crs: of the polygon.
        grid: of the pixels.
    """
    (shape,) = gpd.GeoSeries([polygon], crs=crs).to_crs(str(grid.crs))
    for touched in (False, True):
        pixels = rasterize(
            [shape], out_shape=tuple(grid.shape), transform=grid.affine, all_touched=touched, dtype="uint8"
        )
        if pixels.any():
            break
    return np.asarray(pixels > 0)
