"""Surroundings of a region: how far its chips reach beyond its box, and its outline on their pixels."""

import math
from dataclasses import replace

import numpy as np
from shapely.geometry.base import BaseGeometry

from rojsat.geo.cutting.overpasses import Region
from rojsat.geo.scenes import outline_pixels
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
    return replace(wider, outline=outline_pixels.inside(polygon, crs, wider.chip_grid).astype(np.uint8))
