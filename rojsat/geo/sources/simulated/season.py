"""The year: sun, leaves that come and turn, fields that are sown and cut, by day of the year.

From the end of March on; there is no snow.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from rojsat.chips.bands import BOA
from rojsat.geo.sources.simulated.materials import library
from rojsat.geo.sources.simulated.units import CEREAL, LEY, Units

_LATITUDE, _LONGITUDE = 58.42, 15.6  # degrees, Linköping
_TURNED = dict(zip(BOA, (1.15, 1.25, 1.30, 2.1, 1.45, 1.0, 0.88, 0.84, 0.83, 0.85, 1.12, 1.45), strict=True))
"""Reflectance of turned leaves relative to green ones: chlorophyll goes (red rises), cells dry (SWIR rises)."""
TURNED = np.array([_TURNED[name] for name in BOA], np.float32)
_OUT = {"leaves": 133, "shrub": 130, "grass": 118}
"""Middle day on which a kind turns green; assumed: birch about 13 May, grass about 28 April."""
_UNFOLD = 16.0  # days from first to last leaf
_BARE = {"leaves": ("slash", "broadleaf"), "shrub": ("slash", "shrub"), "grass": ("straw", "grass")}
"""What is seen of a kind before it is green, and when it is green: twigs and litter look like slash, dead grass like
straw."""


@dataclass(frozen=True)
class Sun:
    """Where the sun stands, degrees.

    Attributes:
        zenith: 0 is overhead.
        azimuth: clockwise from north.
    """

    zenith: float
    azimuth: float


def sun(time: datetime) -> Sun:
    """Position over the middle of the world (Cooper 1969 for the declination; equation of time after Spencer).

    Args:
        time: UTC.

    Returns:
        The sun.
    """
    day = time.timetuple().tm_yday
    year = 2 * np.pi * (day - 81) / 364
    declination = np.deg2rad(23.45 * np.sin(2 * np.pi * (284 + day) / 365))
    minutes = 9.87 * np.sin(2 * year) - 7.53 * np.cos(year) - 1.5 * np.sin(year)
    solar = time.hour + time.minute / 60 + _LONGITUDE / 15 + minutes / 60
    hour, latitude = np.deg2rad(15 * (solar - 12)), np.deg2rad(_LATITUDE)
    up = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(hour)
    east = -np.cos(declination) * np.sin(hour)
    north = np.cos(latitude) * np.sin(declination) - np.sin(latitude) * np.cos(declination) * np.cos(hour)
    return Sun(float(np.rad2deg(np.arccos(up))), float(np.rad2deg(np.arctan2(east, north)) % 360))


def turned(kind: str, day: int, lag: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far leaves have turned.

    Args:
        kind: "leaves" (birch and aspen turn about 27 September), "shrub" (about 10 September) or "grass"
            (dries a little in August, more in October).
        day: of the year.
        lag: days later than usual, any shape.

    Returns:
        0 green to 1 turned, same shape.
    """

    def step(middle: float, width: float) -> NDArray[np.float32]:
        return (1 / (1 + np.exp(-(day - middle - lag) / width))).astype(np.float32)

    if kind == "leaves":
        return step(270, 6)
    if kind == "shrub":
        return step(253, 8)
    return (0.3 * step(225, 9) + 0.45 * step(286, 9)).astype(np.float32)


def bare(kind: str, day: int, lag: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much of a kind is not yet green.

    Args:
        kind: "leaves", "shrub" or "grass".
        day: of the year.
        lag: days later than usual, any shape.

    Returns:
        1 before the leaves come to 0 from then on, same shape.
    """
    return np.clip((_OUT[kind] + lag - day) / _UNFOLD + 0.5, 0, 1).astype(np.float32)


def bare_look(kind: str) -> NDArray[np.float32]:
    """Reflectance of a kind without green relative to full summer, (12,) in the order of `bands.BOA`."""
    seen, green = _BARE[kind]
    return library()[seen].mean / library()[green].mean


def field_cover(units: Units, day: int) -> dict[str, NDArray[np.float32]]:
    """What covers each parcel on a day.

    Args:
        units: the parcels (stands are in it too; their rows mean nothing).
        day: of the year.

    Returns:
        Shares of "green", "straw", "soil" and "grass", (units,) each; they add up to 1.
    """
    since = day - units.harvest
    cereal, ley = units.crop == CEREAL, units.crop == LEY
    ripe = 1 / (1 + np.exp(-(since + 18) / 4))  # green turns to straw about 18 days before harvest
    ploughed = np.clip((since - 14) / 10, 0, 1) * np.where(units.autumn, 1.0, 0.35)
    sown = np.where(units.autumn, np.clip((since - 30) / 35, 0, 0.8), np.clip(since / 90, 0, 0.25))
    mown = np.exp(-np.maximum((day - units.harvest * 0.98) % 45, 0) / 12)  # a ley is cut about every 45 days
    up = np.where(units.autumn, 1.0, np.clip((day - 120) / 30, 0, 1))  # what is sown in spring covers the soil in May
    green = np.where(cereal, np.where(since < 0, (1 - ripe) * up, sown), np.where(ley, 0.85 - 0.35 * mown, 0.15))
    soil = np.where(cereal, np.where(since < 0, np.maximum(0.05, 1 - up), ploughed * (1 - green)), 0.05)
    straw = np.where(cereal, np.maximum(1 - green - soil, 0), np.where(ley, 0.10 + 0.25 * mown, 0.05))
    total = np.maximum(green + soil + straw, 1)
    shares = {"green": green / total, "soil": soil / total, "straw": straw / total}
    grass = 1 - sum(shares.values())
    return {name: value.astype(np.float32) for name, value in (shares | {"grass": grass}).items()}
