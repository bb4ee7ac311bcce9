"""Marks that people set on the page of a map: stands and places that are in need, clear, or other ground."""

import datetime
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

NEEDS = ("need", "clear", "other")
"""What a mark says; `other` is ground that is no young forest."""

CRS = "EPSG:4326"

SHAPES = ("Point", "Polygon", "MultiPolygon")

_WGS84 = ("crs84", "epsg::4326", "epsg:4326")


@dataclass(frozen=True)
class Mark:
    """A mark.

    Attributes:
        need: one of `NEEDS`.
        date: ISO day on which it was set.
        shape: the outline of a stand, or a point; longitude and latitude, WGS 84.
        name: what a message calls it: the file, and its number in it.
    """

    need: str
    date: str
    shape: BaseGeometry
    name: str


def read(paths: Sequence[Path]) -> list[Mark]:
    """Read the marks of GeoJSON files.

    Args:
        paths: of files as the page saves them: every feature has the properties `need` and `date`.

    Raises:
        ValueError: if a file holds something else, or no file holds a mark; naming the file and the feature.
    """
    marks = [mark for path in paths for mark in _of_file(path)]
    if not marks:
        raise ValueError(f"{', '.join(map(str, paths))}: no mark in it; set some on the page of a map and save them")
    return marks


def _of_file(path: Path) -> Iterator[Mark]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is no GeoJSON file: {error}") from error
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or content.get("type") != "FeatureCollection":
        raise ValueError(f"{path} is no file of marks: it must be a GeoJSON FeatureCollection, as the page saves it")
    system = json.dumps(content.get("crs"))
    if content.get("crs") is not None and not any(name in system.lower() for name in _WGS84):
        raise ValueError(f"{path} has the coordinate system {system}; marks are in WGS 84 (ogr2ogr -t_srs EPSG:4326)")
    for number, feature in enumerate(features, start=1):
        name = f"{path}, mark {number}"
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            raise ValueError(f"{name} has no properties; it needs need and date")
        yield Mark(_need(properties, name), _date(properties, name), _shape(feature.get("geometry"), name), name)


def _need(properties: dict[str, Any], name: str) -> str:
    need = properties.get("need")
    if need not in NEEDS:
        raise ValueError(f"{name} has need={need!r}; it may be {', '.join(NEEDS)}")
    return str(need)


def _date(properties: dict[str, Any], name: str) -> str:
    try:
        return datetime.date.fromisoformat(properties["date"]).isoformat()
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{name} has date={properties.get('date')!r}; it must be a day, 2026-05-17") from error


def _shape(geometry: Any, name: str) -> BaseGeometry:
    try:
        shape = shapely.force_2d(shapely.from_geojson(json.dumps(geometry)))
    except (shapely.errors.GEOSException, TypeError) as error:
        raise ValueError(f"{name} has no geometry that can be read: {error}") from error
    if shape is None or shape.geom_type not in SHAPES or shape.is_empty:
        raise ValueError(f"{name} is no point and no polygon")
    if not shape.is_valid:
        raise ValueError(f"{name}: {shapely.is_valid_reason(shape)}; repair it (QGIS: Fix geometries)")
    left, bottom, right, top = shape.bounds
    if not (math.isfinite(left + bottom + right + top) and -180 <= left <= right <= 180 and -90 <= bottom <= top <= 90):
        raise ValueError(f"{name} lies at {left:g}, {bottom:g}, which are no longitude and latitude (WGS 84)")
    return shape
