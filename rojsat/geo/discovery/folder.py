"""Looks into a folder of somebody's own files and says what a data set can be made of."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rojsat.geo.discovery import gps_files, polygon_layers, scene_sources
from rojsat.geo.discovery.gps_files import GpsFile
from rojsat.geo.discovery.left_aside import LeftAside
from rojsat.geo.discovery.polygon_layers import Outlines
from rojsat.geo.discovery.scene_sources import SceneFiles
from rojsat.geo.gps import files as point_files
from rojsat.geo.gps import kml, stanford

VECTORS = (".shp", ".gpkg", ".geojson", ".json", ".parquet", ".geoparquet", ".fgb", ".gml", ".kml", ".sqlite")
"""Endings of files that may hold regions or points."""

POINTS = (".gpx", ".csv", ".fit", *stanford.ENDINGS)
"""Endings of files that may hold GPS points alone."""

PARTS = (".dbf", ".shx", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".qmd", ".qgz", ".qgs", ".xml", ".ovr", ".md", ".txt")
"""Endings of files that belong to others, or are read by people."""

REASONS = {
    ".zip": "a zip file that is no product of ESA's: unpack it",
    ".rar": "an archive: unpack it",
    ".7z": "an archive: unpack it",
    ".gdb": "a folder of ESRI's: export the layer as GeoPackage",
} | point_files.NOT_READ
"""Why files of an ending are left aside."""


@dataclass(frozen=True)
class FolderContent:
    """What lies in a folder.

    Attributes:
        folder: absolute.
        scenes: its scenes.
        outlines: its layers of polygons, by path.
        gps: its files of GPS points, by path.
        left_aside: files that are not used.
    """

    folder: Path
    scenes: SceneFiles
    outlines: Sequence[Outlines]
    gps: Sequence[GpsFile]
    left_aside: Sequence[LeftAside]


def look(folder: Path) -> FolderContent:
    """Look into a folder, at any depth. Nothing is written.

    Raises:
        ValueError: if there is no such folder, it holds nothing that can be used, or a product of ESA's is broken.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder: name the one that holds your scenes and the outlines of your stands")
    absolute = folder.resolve()
    files = list(_files(absolute))
    scenes = scene_sources.find(absolute, files)
    layers: list[Outlines] = []
    points: list[GpsFile] = []
    left_aside = list(scenes.left_aside)
    for path in files:
        try:
            _sort(absolute, path, layers, points)
        except ValueError as error:
            reason = str(error).replace(f"{absolute}/", "").removeprefix(f"{path.as_posix()} ")
            left_aside.append(LeftAside(path.as_posix(), reason))
    if scenes.source == "stac" and not layers and not points:
        some = "; ".join(f"{path}: {reason}" for path, reason in left_aside[:5]) or "it is empty"
        raise ValueError(f"{folder} holds no scenes, no outlines and no GPS points ({some})")
    return FolderContent(absolute, scenes, layers, points, left_aside)


def _files(folder: Path) -> Iterator[Path]:
    """Files and products in their order, relative to the folder; hidden ones left out, and what is in a product."""
    for root, inner, files in os.walk(folder):
        inner.sort()
        products = [name for name in inner if name.endswith((".SAFE", ".gdb"))]
        inner[:] = [name for name in inner if name not in products and not name.startswith(".")]
        shown = sorted(name for name in [*files, *products] if not name.startswith("."))
        yield from ((Path(root) / name).relative_to(folder) for name in shown)


def _sort(folder: Path, path: Path, layers: list[Outlines], points: list[GpsFile]) -> None:
    """Put what a file holds to the layers or the points.

    Raises:
        ValueError: why it is left aside.
    """
    ending = path.suffix.lower()
    if scene_sources.is_product(path) or ending in (*scene_sources.RASTERS, *PARTS):
        return
    if ending in REASONS:
        raise ValueError(REASONS[ending])
    has_tracks = ending in kml.ENDINGS and kml.has_tracks(folder / path)
    if ending in POINTS or (has_tracks and ending == ".kmz"):
        points.append(gps_files.read(folder, path))
        return
    if ending == ".kmz":
        raise ValueError("it has no tracks with times: unpack the KML in it")
    if ending not in VECTORS:
        raise ValueError(f"files {ending or 'without an ending'} are not read")
    kinds = dict(polygon_layers.layers(folder, path))
    polygons = [layer for layer, kind in kinds.items() if "Polygon" in kind]
    if has_tracks or any("Point" in kind for kind in kinds.values()):
        points.append(gps_files.read(folder, path))
    elif not polygons:
        held = ", ".join(sorted(set(kinds.values()))) or "nothing"
        tracks = "; lines that are tracks are named in data.gps.files" if "Line" in held else ""
        raise ValueError(f"it holds {held}, neither polygons nor points{tracks}")
    layers += [polygon_layers.read(folder, path, layer) for layer in polygons]
