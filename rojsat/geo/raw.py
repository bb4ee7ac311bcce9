"""A raw data set: scenes from a source, regions and GPS points from the files of their owners."""

import logging
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from rojsat.config import lookup
from rojsat.geo import file_paths, sources
from rojsat.geo.finland import stand_regions
from rojsat.geo.gps import tracks
from rojsat.geo.harvests import harvest_table, register_file
from rojsat.geo.harvests.registers import REGISTERS
from rojsat.geo.scenes import catalog, cloud_masks
from rojsat.geo.vectors import contradictions, region_files, repeated_outlines

log = logging.getLogger(__name__)

WGS84 = "EPSG:4326"
"""Coordinate system of regions before their scenes are known."""

_OPTIONAL = Parameter("root", Parameter.KEYWORD_ONLY, default=None)


def write(
    destination: Path,
    *,
    source: str,
    root: Path | None = None,
    options: Mapping[str, Any] | None = None,
    regions: Sequence[Mapping[str, Any]] = (),
    gps: Mapping[str, Any] | None = None,
    clouds: str | None = None,
    harvests: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Write `catalog.json` with its items, `regions.gpkg`, and where there are some `gps.parquet`, `harvests.parquet`.

    Vectors are read and checked before the source is asked for a scene.

    Args:
        destination: a folder that is empty, or holds what an interrupted call with the same arguments left.
        source: a module of `rojsat.geo.sources`.
        root: the folder that the source reads, and that the paths of vectors are relative to; without it they are
            relative to the working directory.
        options: options of the source.
        regions: region files, each the keywords of `read_regions` with its `path`, or with a `source` those of
            `stand_regions.read`; none: the source has its own.
        gps: `files`, paths or patterns of GPS tracks, and `options` of `tracks.read_tracks`.
        harvests: files of harvests, each its `path` and its `register`, see `rojsat.geo.harvests.registers`.
        clouds: `csmask`: compute a cloud mask around the regions for scenes that have none; None: leave them so.

    Raises:
        UnknownNameError: if there is no such source or option.
        ValueError: if a file cannot be used, two regions share an id, two stands have one outline and both labels, or
            there are no regions; the message says which.
    """
    if clouds is not None:
        cloud_masks.check(clouds)
    write_scenes = _writer(source, root, options or {})
    read_tracks = lookup.bind(
        tracks.read_tracks, (gps or {}).get("options", {}), "GPS tracks (data.gps.options)", ("crs", "regions")
    )
    areas = _regions(regions, root, destination)
    track_files = file_paths.files((gps or {}).get("files", ()), root, key="data.gps.files")
    points = None if areas is None or not track_files else read_tracks(track_files, crs=WGS84, regions=areas)
    dated = None if areas is None else _harvests(harvests, root, areas)
    write_scenes(destination, areas)
    crs = catalog.read(destination)[0].crs
    if areas is not None:
        region_files.write_regions(areas.to_crs(crs), destination / "regions.gpkg")
    elif not (destination / "regions.gpkg").exists():
        raise ValueError(f"source {source} has no regions of its own; name files of them in data.regions")
    elif track_files:
        points = read_tracks(track_files, crs=crs, regions=region_files.load_regions(destination / "regions.gpkg"))
    if points is not None:
        tracks.write_tracks(points.to_crs(crs), destination / "gps.parquet")
    if harvests:
        tables = dated or _harvests(harvests, root, region_files.load_regions(destination / "regions.gpkg"))
        facts = {name: counts for name, _, counts in tables}
        harvest_table.write(destination, [table.to_crs(crs) for _, table, _ in tables], facts)
    if clouds is not None:
        cloud_masks.add(destination, region_files.load_regions(destination / "regions.gpkg"))
    scenes = catalog.read(destination)
    if cloud_masks.lacking(scenes):
        log.warning("cloud masks: %s", cloud_masks.words(scenes))


def _writer(source: str, root: Path | None, options: Mapping[str, Any]) -> Callable[..., Any]:
    """`write` of a source with its options, still to be called with a destination and regions."""
    module = lookup.module(sources, source, "source")
    if root is not None:
        options = {**options, "root": root}
    elif signature(module.write).parameters.get("root", _OPTIONAL).default is Parameter.empty:
        raise ValueError(f"source {source} reads a folder: name it by data.root=FOLDER")
    return lookup.bind(module.write, options, f"source {source} (data.options)")


def _regions(files: Sequence[Mapping[str, Any]], root: Path | None, destination: Path) -> gpd.GeoDataFrame | None:
    """All regions of all files, in WGS 84; tables of Finnish stands are kept at the destination."""
    if not files:
        return None
    kept = destination / stand_regions.FOLDER
    tables = [_region_file(file, root, kept / str(number)) for number, file in enumerate(files)]
    regions = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry="geometry", crs=WGS84)
    repeated = sorted(set(regions.loc[regions["region"].duplicated(), "region"]))
    if repeated:
        names = ", ".join(str(file["path"]) for file in files)
        raise ValueError(f"regions {repeated[:5]} are in more than one of {names}; give each file its own `prefix`")
    contradicting = contradictions.find(regions)
    contradictions.check(contradicting)
    if contradicting:
        log.warning("%s", contradictions.warning(contradicting))
    if twice := repeated_outlines.find(regions):
        log.warning("%s", repeated_outlines.warning(twice))
    log.info("%d regions: %s", len(regions), regions["role"].value_counts().to_dict())
    return regions


def _region_file(file: Mapping[str, Any], root: Path | None, kept: Path) -> gpd.GeoDataFrame:
    keys = {key: value for key, value in file.items() if key != "source"}
    if file.get("source") is not None:
        return stand_regions.read(kept, source=file["source"], crs=WGS84, root=root, **keys)
    if keys.get("path") is None:
        raise ValueError("data.regions: a file of regions lacks its path")
    path = file_paths.absolute(keys.pop("path"), root)
    return region_files.read_regions(path, crs=WGS84, **keys)


def _harvests(
    files: Sequence[Mapping[str, Any]], root: Path | None, regions: gpd.GeoDataFrame
) -> list[tuple[str, gpd.GeoDataFrame, dict[str, Any]]]:
    """The harvests near the regions, of each file its name, its table and what was left aside."""
    tables = []
    for file in files:
        table, counts = register_file.read(file_paths.absolute(str(file["path"]), root), file["register"], regions)
        register = REGISTERS[file["register"]]
        facts = {"register": file["register"], "source": register.source, "licence": register.licence}
        tables.append((str(file["path"]), table, facts | counts.facts()))
    return tables
