"""Areas that a request asks to be predicted: GeoJSON outlines in WGS 84, checked before anything is written."""

import json
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

import shapely
from pydantic import BaseModel, ConfigDict, FailFast, Field, TypeAdapter, ValidationError
from pyproj import Geod
from shapely.geometry import box, mapping, shape
from shapely.geometry.base import BaseGeometry

from rojsat.geo.vectors import identifiers, region_shapes
from rojsat.server.limits import Limits, RefusedError

CRS84 = ("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326")
"""What the old member `crs` of GeoJSON may name."""

_ELLIPSOID = Geod(ellps="WGS84")
_HECTARE, _KILOMETRE = 1e4, 1e3

Longitude = Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False)]
Position = Annotated[tuple[Longitude, Latitude], FailFast()]
Ring = Annotated[list[Position], Field(min_length=4), FailFast()]
Rings = Annotated[list[Ring], Field(min_length=1), FailFast()]


class PolygonRings(BaseModel):
    """A polygon of GeoJSON: its outer ring and its holes, each closed, of longitude and latitude in degrees."""

    type: Literal["Polygon"]
    coordinates: Rings


class MultiPolygonRings(BaseModel):
    """Several polygons that are one stand."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[list[Rings], Field(min_length=1), FailFast()]


Geometry = Annotated[PolygonRings | MultiPolygonRings, Field(discriminator="type")]


class Outline(BaseModel):
    """The outline of one stand. Its id names it in the answer; without one it is its number, from 1."""

    type: Literal["Feature"]
    geometry: Geometry
    id: Annotated[int | str | None, Field(union_mode="left_to_right")] = None


class OutlineCollection(BaseModel):
    """The outlines of stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "id": "17",
                        "geometry": {
                            "type": "Polygon",
                            "coordinates": [[[15.1, 58.4], [15.11, 58.4], [15.11, 58.41], [15.1, 58.4]]],
                        },
                    }
                ],
            }
        }
    )
    type: Literal["FeatureCollection"]
    features: Annotated[list[Outline], Field(min_length=1), FailFast()]
    crs: Any = None


Area = Annotated[OutlineCollection | Outline | PolygonRings | MultiPolygonRings, Field(discriminator="type")]
_AREA: TypeAdapter[OutlineCollection | Outline | PolygonRings | MultiPolygonRings] = TypeAdapter(Area)


def schema() -> dict[str, Any]:
    """The JSON schema of an area, with all that it consists of in place."""
    return OutlineCollection.model_json_schema(ref_template="#/components/schemas/{model}")


class CheckedArea(BaseModel):
    """An area that is predicted.

    Attributes:
        outlines: how many.
        hectares: of them on the ellipsoid.
        geojson: their FeatureCollection, each with its id as the property `region`.
    """

    outlines: int
    hectares: float
    geojson: str


def check(content: bytes, limits: Limits, extent: Sequence[Sequence[float]] | None) -> CheckedArea:
    """Read an area.

    Args:
        content: of the request.
        limits: of the server.
        extent: boxes of the scenes, west, south, east and north in degrees; None where it is not known.

    Raises:
        RefusedError: 422, in one sentence, if it is malformed; 413, if it is too large.
    """
    outlines = _outlines(content)
    if len(outlines) > limits.outlines:
        raise RefusedError(413, f"{len(outlines)} outlines; a request has at most {limits.outlines}")
    vertices = sum(len(ring) for each in outlines for ring in _rings(each))
    if vertices > limits.vertices:
        raise RefusedError(413, f"{vertices} vertices; a request has at most {limits.vertices}: simplify the outlines")
    names = [str(number) if each.id is None else str(each.id) for number, each in enumerate(outlines, 1)]
    try:
        identifiers.check(names, "the request")
    except ValueError as error:
        raise RefusedError(422, str(error)) from error
    shapes = [_shape(name, each) for name, each in zip(names, outlines, strict=True)]
    _check_size([geometry.bounds for geometry in shapes], limits)
    if extent is not None:
        _check_extent(names, shapes, extent)
    features = [
        {"type": "Feature", "properties": {"region": name}, "geometry": mapping(geometry)}
        for name, geometry in zip(names, shapes, strict=True)
    ]
    hectares = sum(abs(_ELLIPSOID.geometry_area_perimeter(geometry)[0]) for geometry in shapes) / _HECTARE
    return CheckedArea(
        outlines=len(shapes),
        hectares=round(hectares, 3),
        geojson=json.dumps({"type": "FeatureCollection", "features": features}),
    )


def _outlines(content: bytes) -> list[Outline]:
    """The outlines of a content, whatever of GeoJSON it is."""
    try:
        area = _AREA.validate_json(content)
    except ValidationError as error:
        raise RefusedError(422, _sentence(error)) from error
    if isinstance(area, OutlineCollection):
        _check_crs(area.crs)
        return area.features
    return [area] if isinstance(area, Outline) else [Outline(type="Feature", geometry=area)]


def _sentence(error: ValidationError) -> str:
    """Where an area is malformed, and why."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field_path = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"] if part not in _KINDS
    )
    hint = {"less_than_equal": _DEGREES, "greater_than_equal": _DEGREES, "too_long": _TWO}.get(first["type"], "")
    return f"{field_path.lstrip('.') or 'the content'}: {first['msg']}{hint}"


_KINDS = ("FeatureCollection", "Feature", "Polygon", "MultiPolygon")
_DEGREES = ". Coordinates are degrees in WGS 84, longitude first: transform the outlines (ogr2ogr -t_srs EPSG:4326)"
_TWO = ". A position is longitude and latitude, without a height (ogr2ogr -dim XY)"


def _check_crs(crs: Any) -> None:
    """Refuse another system than WGS 84, which GeoJSON named before 2016."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if crs is not None and name not in CRS84:
        raise RefusedError(
            422, f"crs: GeoJSON is in WGS 84 (EPSG:4326), not in {str(name)[:80]}: transform the outlines"
        )


def _rings(outline: Outline) -> Iterator[list[tuple[float, float]]]:
    geometry = outline.geometry
    polygons = [geometry.coordinates] if isinstance(geometry, PolygonRings) else geometry.coordinates
    for rings in polygons:
        yield from rings


def _shape(name: str, outline: Outline) -> BaseGeometry:
    """The outline as a valid polygon."""
    if any(ring[0] != ring[-1] for ring in _rings(outline)):
        raise RefusedError(422, f"outline {name!r} has a ring that is not closed: its last position is its first")
    geometry = shape(outline.geometry.model_dump())
    reason = region_shapes.fault(geometry)
    if reason:
        raise RefusedError(422, f"outline {name!r} {reason}: repair it (QGIS: Fix geometries)")
    return geometry


def _check_size(boxes: Sequence[tuple[float, float, float, float]], limits: Limits) -> None:
    """Refuse outlines whose boxes are too large, or lie too far from each other."""
    hectares = sum(abs(_ELLIPSOID.geometry_area_perimeter(box(*bounds))[0]) for bounds in boxes) / _HECTARE
    if hectares > limits.hectares:
        raise RefusedError(
            413, f"the boxes around the outlines have {hectares:,.0f} ha; a request has at most {limits.hectares:,} ha"
        )
    west, south, east, north = shapely.total_bounds([box(*bounds) for bounds in boxes])
    nearest = min(abs(south), abs(north)) if south * north > 0 else 0.0
    sides = (
        _ELLIPSOID.inv(west, nearest, east, nearest)[2] / _KILOMETRE if east - west < 180 else 20_000.0,
        _ELLIPSOID.inv(west, south, west, north)[2] / _KILOMETRE,
    )
    if max(sides) > limits.kilometres:
        raise RefusedError(
            413, f"the outlines lie up to {max(sides):,.0f} km apart, at most {limits.kilometres}: send two requests"
        )


def _check_extent(names: Sequence[str], shapes: Sequence[BaseGeometry], extent: Sequence[Sequence[float]]) -> None:
    """Refuse outlines of which none touches a scene."""
    ground = shapely.union_all([box(*bounds) for bounds in extent])
    if not any(geometry.intersects(ground) for geometry in shapes):
        west, south, east, north = ground.bounds
        raise RefusedError(
            422,
            f"no scene covers an outline ({', '.join(names[:3])}{', …' * (len(names) > 3)}): scenes lie within "
            f"{west:.3f}, {south:.3f}, {east:.3f}, {north:.3f} (west, south, east, north)",
        )
