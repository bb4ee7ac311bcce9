"""Whether coordinates lie in the area of their coordinate system: else a CRS is wrong, or axes are swapped."""

import numpy as np
import pyproj
from numpy.typing import NDArray

MARGIN = 10.0
"""Degrees around the area of use: UTM zone 33 is used for all of Sweden, which goes 6 degrees beyond."""

WORLD = (-180.0, -90.0, 180.0, 90.0)
"""Area of use of a coordinate system that states none."""

_SWAP = [1, 0, 3, 2]


def fault(bounds: NDArray[np.float64], crs: pyproj.CRS) -> tuple[int, str] | None:
    """What is wrong with the position of some geometries.

    Args:
        bounds: (N, 4) left, bottom, right and top of each, in `crs`, x before y.
        crs: coordinate system.

    Returns:
        The first row that is wrong, and what; None if none is.
    """
    broken = ~np.isfinite(bounds).all(1)
    if broken.any():
        return int(broken.argmax()), "has coordinates that are no numbers"
    away = ~inside(bounds, crs)
    if not away.any():
        return None
    row = int(away.argmax())
    corners = ", ".join(f"{number:.9g}" for number in bounds[row])
    west, south, east, north = area(crs)
    where = f"lies at {corners} in {crs.name}, which is made for {west} to {east} °E, {south} to {north} °N"
    if inside(bounds[:, _SWAP], crs)[away].all():
        return row, f"{where}: its axes are swapped; write easting (longitude) before northing (latitude)"
    return row, f"{where}: the coordinates or the coordinate system is wrong"


def inside(bounds: NDArray[np.float64], crs: pyproj.CRS) -> NDArray[np.bool_]:
    """(N,) whether the corners of each box, (N, 4), lie in the area of use of `crs` or near it."""
    transformer = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    lon, lat = transformer.transform(bounds[:, [0, 2, 0, 2]], bounds[:, [1, 1, 3, 3]])  # (N, 4) each
    west, south, east, north = area(crs)
    width = (east - west) % 360 or 360.0
    fits = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 360)
    lon, lat = np.where(fits, lon, 0.0), np.where(fits, lat, 0.0)
    fits &= (lon - west + MARGIN) % 360 <= width + 2 * MARGIN
    fits &= (lat >= max(south - MARGIN, -90)) & (lat <= min(north + MARGIN, 90))
    return np.asarray(fits.all(1))


def area(crs: pyproj.CRS) -> tuple[float, float, float, float]:
    """West, south, east and north end of the area of use, degrees; that of the EPSG code where only it states one."""
    used = crs.area_of_use
    if used is None:
        code = crs.to_epsg()
        used = None if code is None else pyproj.CRS.from_epsg(code).area_of_use
    return WORLD if used is None else (used.west, used.south, used.east, used.north)
