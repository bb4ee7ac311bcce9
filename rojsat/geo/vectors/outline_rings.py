"""The outline of a region in pixels of a grid."""

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry


def outline_rings(geometry: BaseGeometry, transform: Affine) -> list[NDArray[np.float64]]:
    """The outer ring of every polygon of a region, `(N, 2)` column and row, from the corner of the upper left pixel.

    Args:
        geometry: polygon or multipolygon, in the coordinate system of the grid.
        transform: of the grid, from column and row to coordinates.
    """
    polygons = getattr(geometry, "geoms", [geometry])
    return [np.stack(~transform @ np.array(polygon.exterior.coords).T[:2], -1) for polygon in polygons]
