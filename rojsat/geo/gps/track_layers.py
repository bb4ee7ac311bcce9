"""Which layers of a vector file hold GPS tracks; what is left aside is reported."""

import logging
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pyogrio

from rojsat.geo.vectors import text_encoding

log = logging.getLogger(__name__)

POINTS = "track_points"
"""Layer of a GPX file whose points a device logged by itself."""

_OTHERS = {"waypoints": "waypoints", "route_points": "points of routes"}
"""Layers of a GPX file with points that a person set: none of them says where somebody worked."""


def choose(path: Path, source: Path) -> list[str]:
    """The layers to read: of a GPX file the points of its tracks, of any other file all of points, or of lines.

    Args:
        path: the file.
        source: what GDAL reads of it.

    Raises:
        ValueError: if a `.gpx` is none, or has no point of a track, saying what it has.
    """
    kinds = {str(name): kind for name, kind in pyogrio.list_layers(source)}
    if POINTS in kinds:
        _say_others(path, source)
        return [POINTS]
    if path.suffix.lower() == ".gpx":
        raise ValueError("it is no GPX file")
    spatial = [name for name, kind in kinds.items() if kind is not None]
    chosen = next(filter(None, (_of_kind(source, kinds, kind) for kind in ("Point", "Line"))), spatial)
    aside = [f"{name} ({kinds[name]})" for name in spatial if name not in chosen]
    if aside:
        log.warning("%s: layers %s are read; left aside are %s", path, ", ".join(chosen), ", ".join(aside))
    elif len(chosen) > 1:
        log.info("%s: all of its layers are read: %s", path, ", ".join(chosen))
    return chosen or list(kinds)


def _of_kind(source: Path, kinds: Mapping[str, str | None], kind: str) -> list[str]:
    """Layers of points, or of lines; of a layer that may hold anything the first geometry says what it is."""
    return [
        name
        for name, stated in kinds.items()
        if stated is not None and kind in (_first_kind(source, name) if "Unknown" in stated else stated)
    ]


def _first_kind(source: Path, layer: str) -> str:
    shapes = pyogrio.read_dataframe(source, layer=layer, columns=[], max_features=1)
    return str(shapes.geom_type.iloc[0]) if isinstance(shapes, gpd.GeoDataFrame) and len(shapes) else ""


def _say_others(path: Path, source: Path) -> None:
    """Say how many points of a GPX file are left aside.

    Raises:
        ValueError: if there are no others.
    """
    listed = others(source)
    if _features(source, POINTS) == 0:
        log.warning("%s has no point of a track%s", path, f", only {listed}: record tracks" if listed else "")
    elif listed:
        log.warning("%s: %s are left aside; only points of tracks say where somebody worked", path, listed)


def others(source: Path) -> str:
    """The points of a GPX file that are no track's, counted in words; empty without any."""
    counts = {words: _features(source, layer) for layer, words in _OTHERS.items()}
    return " and ".join(f"{count} {words}" for words, count in counts.items() if count)


def described(path: Path) -> str:
    """The name of a file, and what a GPX file has beside tracks: `a.gpx (150 waypoints)`."""
    if path.suffix.lower() != ".gpx":
        return path.name
    with text_encoding.readable(path) as source:
        listed = others(source)
    return f"{path.name} ({listed})" if listed else path.name


def _features(source: Path, layer: str) -> int:
    return int(pyogrio.read_info(source, layer=layer, force_feature_count=True)["features"])
