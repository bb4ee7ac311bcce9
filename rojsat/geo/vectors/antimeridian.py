"""Geometries across 180° of longitude: their coordinates jump from one end of the map to the other."""

import numpy as np
import pyproj
from numpy.typing import NDArray

HALF = 180.0
"""Degrees: no region is half as wide as the Earth, so that one that seems so lies across 180°."""


def fault(bounds: NDArray[np.float64], crs: pyproj.CRS) -> tuple[int, str] | None:
    """What is wrong with geometries whose coordinates are degrees.

    Args:
        bounds: (N, 4) left, bottom, right and top of each, in `crs`, x before y.
        crs: coordinate system; with metres nothing is wrong.

    Returns:
        The first row that is wrong, and what; None if none is.
    """
    if not crs.is_geographic:
        return None
    across = bounds[:, 2] - bounds[:, 0] > HALF
    beyond = (bounds[:, 0] < -HALF) | (bounds[:, 2] > HALF)
    if not (across | beyond).any():
        return None
    row = int((across | beyond).argmax())
    west, east = bounds[row, [0, 2]]
    if across[row] or west < HALF < east or west < -HALF < east:
        return row, (
            "lies across 180° of longitude, and such regions are not read: cut it there into two regions with ids of "
            "their own"
        )
    return row, f"lies at {west:.9g} to {east:.9g} °E: write longitudes from -180 to 180"
