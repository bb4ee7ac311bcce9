"""Surroundings of a region: how far its chips reach beyond its box, and its outline on their pixels."""

import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.features import rasterize
from shapely.geometry.base import BaseGeometry

from rojsat.geo.cutting.overpasses import Region
from rojsat.geo.scenes.grid import STEP


def surround(region: Region, margin: float, polygon: BaseGeometry, crs: str) -> Region:
    """The region with surroundings and outline.

    Args:
        region: without them.
        margin: metres on every side, rounded up to full pixels.
        polygon: of the region.
        crs: of the polygon.
    """
    pixels = math.ceil(round(margin / region.grid.affine.a, STEP))
    wider = replace(region, margin=pixels)
    return replace(wider, outline=_outline(polygon, crs, wider.chip_grid))


def _outline(polygon: BaseGeometry, crs: str, grid: GeoBox) -> NDArray[np.uint8]:
    """(h, w): 1 where a pixel's centre lies in the polygon; of one that holds no centre, all pixels that it touches."""
    (shape,) = gpd.GeoSeries([polygon], crs=crs).to_crs(str(grid.crs))
    for touched in (False, True):
        inside = rasterize(
            [shape], out_shape=tuple(grid.shape), transform=grid.affine, all_touched=touched, dtype="uint8"
        )
        if inside.any():
            break
    return np.asarray(inside)
