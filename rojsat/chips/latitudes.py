"""Latitude and longitude of chips, by formulas of their coordinate system: a machine that trains has no library for it.

Knows numpy and pandas only.
"""

import re
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.chips import ground_metres

FLATTENING = 1 / 298.257223563
"""Of WGS 84; that of GRS 80, of ETRS89 and SWEREF 99, differs in the ninth digit."""

FACTOR = 0.9996
"""Scale on the central meridian of UTM."""

_ETRS = {"3006": 15.0, "3067": 27.0}
"""Central meridians of SWEREF 99 TM and ETRS89 / TM35FIN, degrees: they are zones of UTM without its limits."""


def places(rows: pd.DataFrame) -> NDArray[np.float64]:
    """Latitude and longitude of the middle of each region's own box, (N, 2) degrees.

    Args:
        rows: as for `ground_metres.own_edges`.

    Raises:
        ValueError: for a coordinate system whose formulas are not there.
    """
    left, bottom, right, top = ground_metres.own_edges(rows).T
    east, north = (left + right) / 2, (bottom + top) / 2
    both = np.empty((len(rows), 2))
    systems = rows["crs"].astype(str).to_numpy()
    for crs in np.unique(systems):
        of_crs = systems == crs
        both[of_crs] = np.stack(of(str(crs), east[of_crs], north[of_crs]), axis=1)
    return both


def of(crs: str, east: NDArray[np.float64], north: NDArray[np.float64]) -> tuple[np.ndarray, np.ndarray]:
    """Latitude and longitude, degrees, of points in a coordinate system; `ValueError` as `places`."""
    if ground_metres.is_web_mercator(crs):  # Snyder 1987, equations 7-4 and 7-5
        radius = ground_metres.EARTH_RADIUS
        return np.degrees(np.arctan(np.sinh(north / radius))), np.degrees(east / radius)
    code = crs.upper().removeprefix("EPSG:")
    if code in ("4326", "4258"):
        return north, east
    if (zone := _zone(code)) is not None:
        return _transverse_mercator(east, north - zone.false_northing, zone.meridian)
    raise ValueError(
        f"latitude and longitude are not known in {crs}: they are in UTM (EPSG:326.., 327.., 258..), EPSG:3857, "
        "EPSG:4326, EPSG:3006 and EPSG:3067; cut the chips in one of these"
    )


def projected(crs: str, latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> tuple[np.ndarray, np.ndarray]:
    """East and north, metres, of points, degrees: what `of` undoes, exact to a metre.

    Raises:
        ValueError: for a coordinate system that is no transverse Mercator of those that `of` knows.
    """
    zone = _zone(crs.upper().removeprefix("EPSG:"))
    if zone is None:
        raise ValueError(f"{crs} is none of UTM (EPSG:326.., 327.., 258..), EPSG:3006 and EPSG:3067")
    n, radius = _ellipsoid()
    phi, lateral = np.radians(latitude), np.radians(longitude - zone.meridian)
    eccentricity = 2 * np.sqrt(n) / (1 + n)
    conformal = np.sinh(np.arctanh(np.sin(phi)) - eccentricity * np.arctanh(eccentricity * np.sin(phi)))
    xi, eta = np.arctan2(conformal, np.cos(lateral)), np.arcsinh(np.sin(lateral) / np.hypot(conformal, np.cos(lateral)))
    alphas = (n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16, 13 * n**2 / 48 - 3 * n**3 / 5, 61 * n**3 / 240)
    orders = [(2 * order, alpha) for order, alpha in enumerate(alphas, start=1)]
    north = xi + sum(alpha * np.sin(order * xi) * np.cosh(order * eta) for order, alpha in orders)
    east = eta + sum(alpha * np.cos(order * xi) * np.sinh(order * eta) for order, alpha in orders)
    return 5e5 + FACTOR * radius * east, zone.false_northing + FACTOR * radius * north


class _Zone(NamedTuple):
    """A zone of transverse Mercator: its central meridian, degrees, and what is added to northings, metres."""

    meridian: float
    false_northing: float


def _zone(code: str) -> _Zone | None:
    """The zone that an EPSG code is of; None of another system."""
    if zone := re.fullmatch(r"(326|327|258)(\d\d)", code):
        return _Zone(6.0 * int(zone[2]) - 183, 1e7 * (zone[1] == "327"))
    return _Zone(_ETRS[code], 0.0) if code in _ETRS else None


def _transverse_mercator(
    east: NDArray[np.float64], north: NDArray[np.float64], meridian: float
) -> tuple[np.ndarray, np.ndarray]:
    """Latitude and longitude, degrees; the series of Krueger (1912) to the third power, exact to a metre."""
    n, radius = _ellipsoid()
    xi, eta = north / (FACTOR * radius), (east - 5e5) / (FACTOR * radius)
    betas = (n / 2 - 2 * n**2 / 3 + 37 * n**3 / 96, n**2 / 48 + n**3 / 15, 17 * n**3 / 480)
    orders = [(2 * order, beta) for order, beta in enumerate(betas, start=1)]
    conformal = xi - sum(beta * np.sin(order * xi) * np.cosh(order * eta) for order, beta in orders)
    lateral = eta - sum(beta * np.cos(order * xi) * np.sinh(order * eta) for order, beta in orders)
    chi = np.arcsin(np.sin(conformal) / np.cosh(lateral))
    deltas = (2 * n - 2 * n**2 / 3 - 2 * n**3, 7 * n**2 / 3 - 8 * n**3 / 5, 56 * n**3 / 15)
    latitude = chi + sum(delta * np.sin(2 * order * chi) for order, delta in enumerate(deltas, start=1))
    longitude = np.arctan2(np.sinh(lateral), np.cos(conformal))
    return np.degrees(latitude), meridian + np.degrees(longitude)


def _ellipsoid() -> tuple[float, float]:
    """Third flattening of WGS 84, and the radius, metres, of a circle as long as its meridian."""
    n = FLATTENING / (2 - FLATTENING)
    return n, ground_metres.EARTH_RADIUS / (1 + n) * (1 + n**2 / 4)
