"""What raw data took of what was there, and what was left aside and why: the paragraph at the end of the stage."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow.parquet as pq
import pyogrio
from shapely import union_all

from rojsat.config.input_files import listed
from rojsat.geo import file_paths
from rojsat.geo.finland import stand_regions
from rojsat.geo.gps import collecting, track_layers, tracks
from rojsat.geo.harvests import harvest_table
from rojsat.geo.scenes import catalog, native_pixels
from rojsat.geo.scenes.catalog import Scene
from rojsat.geo.sources import _leftovers
from rojsat.geo.vectors import region_files, text_encoding

WGS84 = "EPSG:4326"

COUNTED = {
    "unplaced": "without usable coordinates",
    "repeated": "repeated",
    "copied": "of copied tracks",
    "fast": "reached too fast",
    "outside": "outside every clearing object",
}
"""Facts of GPS points that are left out, in words."""


def lines(
    raw: Path,
    *,
    source: str,
    root: Path | None,
    options: Mapping[str, Any],
    regions: Sequence[Mapping[str, Any]],
    gps: Mapping[str, Any],
    harvests: Sequence[Mapping[str, Any]] = (),
) -> list[str]:
    """Compare a raw data set with what it was made from.

    Args:
        raw: the folder of the raw data set.
        source: see `rojsat.geo.raw.write`, as all others.
        root: see there.
        options: see there.
        regions: see there.
        gps: see there.
        harvests: see there.

    Returns:
        Lines to print.

    Raises:
        ValueError: if a folder below the root cannot be read.
    """
    scenes, areas = catalog.read(raw), region_files.load_regions(raw / "regions.gpkg")
    points = sorted({path for pattern in gps.get("files", ()) for path in file_paths.matching(pattern, root)})
    files = [file_paths.absolute(str(file["path"]), root) for file in regions if file.get("path")]
    registers = [file_paths.absolute(str(file["path"]), root) for file in harvests]
    aside = [*_layers(regions, root), *stand_regions.lines(raw), *_of_points(raw, points)]
    aside += _without_scene(scenes, areas)
    if root is not None:
        named = [file_paths.absolute(str(options["area"]), root)] if options.get("area") else []
        copies = [Path(raster).resolve() for raster in native_pixels.facts(raw).get("rasters", [])]
        used = {*files, *registers, *points, *named, *_label_rasters(raw), *copies}
        hrefs = [asset.href for scene in scenes for asset in scene.assets.values()]
        aside += _leftovers.lines(_leftovers.of_root(root, source, options, hrefs, used), listed)
    native = native_pixels.words(raw) or (native_pixels.hint(scenes) if source == "geotiff" else None)
    return [
        _taken(scenes, areas, raw),
        *([native] if native else []),
        *harvest_table.lines(raw),
        *(f"left aside: {line}" for line in aside or ["nothing"]),
    ]


def _taken(scenes: Sequence[Scene], areas: gpd.GeoDataFrame, raw: Path) -> str:
    dates = sorted({scene.date for scene in scenes})
    roles = ", ".join(f"{count} {role}" for role, count in areas["role"].value_counts().sort_index().items())
    facts = _facts(raw)
    points = f", {facts['kept']} of {facts['points']} GPS points of {facts['files']} files" if facts else ""
    period = dates[0] if len(dates) == 1 else f"{len(dates)} dates, {dates[0]} to {dates[-1]}"
    return f"taken: {len(scenes)} scenes ({period}), {len(areas)} regions ({roles}){points}"


def _facts(raw: Path) -> Mapping[str, int]:
    """Counts of GPS points; empty without any."""
    path = raw / "gps.parquet"
    if not path.exists():
        return {}
    facts: Mapping[str, int] = json.loads((pq.read_schema(path).metadata or {})[tracks.FACTS])
    return facts


def _label_rasters(raw: Path) -> Iterator[Path]:
    path = raw / "labels.json"
    for pair in json.loads(path.read_text()) if path.exists() else ():
        yield from (Path(raster).resolve() for raster in pair.values() if raster is not None)


def _layers(regions: Sequence[Mapping[str, Any]], root: Path | None) -> Iterator[str]:
    """Layers of the files of regions that are not read; a file with a source has those of its format."""
    regions = [entry for entry in regions if entry.get("source") is None]
    files = [file_paths.absolute(str(entry["path"]), root) for entry in regions]
    for path in dict.fromkeys(files):
        if path.suffix.lower() in (".parquet", ".geoparquet"):
            continue
        kinds = {str(name): kind for name, kind in pyogrio.list_layers(path)}
        of_file = [entry.get("layer") for entry, file in zip(regions, files, strict=True) if file == path]
        first = next((name for name, kind in kinds.items() if kind is not None), None)
        read = {layer if layer is not None else first for layer in of_file}
        if others := [name for name in kinds if name not in read]:
            yield f"layers of {path.name} that data.regions does not name: {listed(others)}"


def _of_points(raw: Path, files: Sequence[Path]) -> Iterator[str]:
    """GPS points that were read and left out, files that none stayed of, and points that are no track's."""
    facts = _facts(raw)
    if counts := [f"{facts[name]} {words}" for name, words in COUNTED.items() if facts.get(name)]:
        yield f"GPS points: {', '.join(counts)}"
    if facts:
        kept = _tracks(raw / "gps.parquet")
        names = zip(files, collecting.names(files), strict=True)
        empty = [path.name for path, name in names if not any(f"{track}/".startswith(f"{name}/") for track in kept)]
        if empty:
            yield f"GPS files of which no point stays: {listed(empty)}"
    for path in files:
        if path.suffix.lower() != ".gpx":
            continue
        with text_encoding.readable(path) as source:
            others = track_layers.others(source)
        if others:
            yield f"{others} of {path.name}: only points of tracks say where somebody worked"


def _tracks(path: Path) -> set[str]:
    """Names of the tracks that points stay of."""
    names: set[str] = set()
    with pq.ParquetFile(path, read_dictionary=["track"]) as file:
        for batch in file.iter_batches(columns=["track"]):
            names.update(batch.column(0).dictionary.to_pylist())
    return names


def _without_scene(scenes: Sequence[Scene], areas: gpd.GeoDataFrame) -> Iterator[str]:
    """Regions that no scene touches."""
    outlines = gpd.GeoSeries([scene.grid.extent.to_crs(WGS84).geom for scene in scenes], crs=WGS84)
    touched = areas.geometry.to_crs(WGS84).intersects(union_all(outlines.to_numpy()))
    if not touched.all():
        yield f"{int((~touched).sum())} regions that no scene touches: {listed(areas['region'][~touched])}"
