"""A piece of Finland to fetch data of: a box, or a municipality by its outline."""

import json
import math
from dataclasses import dataclass
from typing import Any

import shapely
from pyproj import Transformer
from shapely import Geometry

from rojsat.geo.finland import finnish_stands

FINLAND = (40_000.0, 6_590_000.0, 760_000.0, 7_790_000.0)
"""Easting and northing in EPSG:3067, metres, within which Finland lies."""

_DEGREES = "EPSG:4326"
_SMALLEST = 10.0  # metres: the pixel of Sentinel-2


@dataclass(frozen=True)
class Area:
    """A piece of Finland, in EPSG:3067.

    Attributes:
        name: as messages and files name it.
        bounds: west, south, east and north, metres.
        outline: of a municipality; None of a box.
        attribution: whose outline it is, as its licence asks for; None of a box.
    """

    name: str
    bounds: tuple[float, float, float, float]
    outline: Geometry | None = None
    attribution: str | None = None

    def to_json(self) -> str:
        """The area as text that `from_json` reads."""
        outline = None if self.outline is None else shapely.to_wkt(self.outline, rounding_precision=3)
        return json.dumps({**vars(self), "outline": outline}, ensure_ascii=False, sort_keys=True)


def from_json(text: str) -> Area:
    """The area that `Area.to_json` wrote.

    Raises:
        ValueError: if the text is no such area.
    """
    try:
        content: dict[str, Any] = json.loads(text)
        outline = None if content["outline"] is None else shapely.from_wkt(content["outline"])
        west, south, east, north = map(float, content["bounds"])
        return Area(str(content["name"]), (west, south, east, north), outline, content["attribution"])
    except (ValueError, LookupError, TypeError, shapely.errors.ShapelyError) as error:
        raise ValueError(f"it is no area that rojsat wrote: {error}") from error


def box(text: str) -> Area | None:
    """The box that a text describes; None if it is a name.

    Args:
        text: `west,south,east,north` in metres of EPSG:3067, or longitudes and latitudes in degrees (EPSG:4326), which
            the size of the numbers tells apart; a fifth part may name the one or the other.

    Raises:
        ValueError: if it has numbers that are no box in Finland.
    """
    parts = [part.strip() for part in text.split(",")]
    numbers, crs = _numbers(parts[:4]), parts[4].upper() if len(parts) == 5 else None
    if len(parts) == 1 or not any(part[:1].isdigit() for part in parts):
        return None
    if len(parts) not in (4, 5) or numbers is None or crs not in (None, _DEGREES, finnish_stands.CRS):
        raise ValueError(
            f"{text!r} is no box: it must be west,south,east,north in metres ({finnish_stands.CRS}) or degrees "
            f"({_DEGREES}), as 384000,6672000,390000,6678000 or 24.9,60.1,25.0,60.2; the system may stand behind it"
        )
    if crs is None:
        crs = _DEGREES if max(map(abs, numbers)) <= 180.0 else finnish_stands.CRS
    west, south, east, north = numbers
    if crs == _DEGREES:
        _check_degrees(text, numbers)
        project = Transformer.from_crs(_DEGREES, finnish_stands.CRS, always_xy=True)
        west, south, east, north = project.transform_bounds(west, south, east, north, densify_pts=21)
    bounds = _round((west, south, east, north))
    _check(text, bounds)
    return Area("box " + ",".join(f"{number:.0f}" for number in bounds), bounds)


def around(name: str, outline: Geometry, attribution: str) -> Area:
    """The area of a municipality.

    Args:
        name: of the municipality.
        outline: in EPSG:3067.
        attribution: whose outline it is.

    Raises:
        ValueError: if the outline lies outside Finland.
    """
    west, south, east, north = map(float, outline.bounds)
    bounds = _round((west, south, east, north))
    _check(name, bounds)
    return Area(name, bounds, outline, attribution)


def _numbers(parts: list[str]) -> tuple[float, float, float, float] | None:
    try:
        west, south, east, north = map(float, parts)
    except ValueError:
        return None
    return (west, south, east, north) if all(map(math.isfinite, (west, south, east, north))) else None


def _round(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """To full metres, outwards: the same box is the same request."""
    west, south, east, north = bounds
    return float(math.floor(west)), float(math.floor(south)), float(math.ceil(east)), float(math.ceil(north))


def _check_degrees(text: str, numbers: tuple[float, float, float, float]) -> None:
    west, south, east, north = numbers
    if not (19.0 <= west < east <= 32.0 and 59.0 <= south < north <= 71.0):
        raise ValueError(
            f"the box {text!r} does not lie in Finland: longitudes must be 19 to 32 and latitudes 59 to 71, in the "
            "order west,south,east,north (longitude before latitude)"
        )


def _check(text: str, bounds: tuple[float, float, float, float]) -> None:
    west, south, east, north = bounds
    if east - west < _SMALLEST or north - south < _SMALLEST:
        raise ValueError(f"the box {text!r} is narrower than {_SMALLEST:g} m; the order is west,south,east,north")
    if west < FINLAND[0] or south < FINLAND[1] or east > FINLAND[2] or north > FINLAND[3]:
        raise ValueError(
            f"the box {text!r} does not lie in Finland: in {finnish_stands.CRS} eastings must be {FINLAND[0]:.0f} to "
            f"{FINLAND[2]:.0f} and northings {FINLAND[1]:.0f} to {FINLAND[3]:.0f}, in the order west,south,east,north"
        )
