"""A raw data set: scenes from a source, regions and GPS points from files as their owners hand them over."""

import logging
from collections.abc import Mapping, Sequence
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from rojsat.config import lookup
from rojsat.geo import sources
from rojsat.geo.gps import tracks
from rojsat.geo.scenes import catalog as scenes
from rojsat.geo.vectors import region_files

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
) -> None:
    """Write `catalog.json` with its items, `regions.gpkg` and, where there are tracks, `gps.parquet`.

    Vectors are read and checked before the source is asked for a scene.

    Args:
        destination: a folder that is empty, or holds what an interrupted call with the same arguments left.
        source: a module of `rojsat.geo.sources`.
        root: the folder that the source reads, and that the paths of vectors are relative to; without it they are
            relative to the working directory.
        options: options of the source.
        regions: region files, each the keywords of `vectors.read_regions` with its `path`; none: the source knows.
        gps: `files`, paths or patterns of GPS tracks, and `options` of `tracks.read_tracks`.

    Raises:
        UnknownNameError: if there is no such source or option.
        ValueError: if a file is no use, two regions share an id, or nobody knows the regions; the message says which.
    """
    home = lookup.module(sources, source, "source")
    if root is None and signature(home.write).parameters.get("root", _OPTIONAL).default is Parameter.empty:
        raise ValueError(f"source {source} reads a folder: name it by data.root=FOLDER")
    taken = dict(options or {}) | ({} if root is None else {"root": root})
    make = lookup.bind(home.write, taken, f"source {source} (data.options)")
    clean = lookup.bind(
        tracks.read_tracks, (gps or {}).get("options", {}), "GPS tracks (data.gps.options)", ("crs", "regions")
    )
    areas, files = _regions(regions, root), _files((gps or {}).get("files", ()), root)
    points = None if areas is None or not files else clean(files, crs=WGS84, regions=areas)
    make(destination, areas)
    crs = scenes.read(destination)[0].crs
    if areas is not None:
        region_files.write_regions(areas.to_crs(crs), destination / "regions.gpkg")
    elif not (destination / "regions.gpkg").exists():
        raise ValueError(f"source {source} knows no regions of its own; name files of them in data.regions")
    elif files:
        points = clean(files, crs=crs, regions=region_files.load_regions(destination / "regions.gpkg"))
    if points is not None:
        tracks.write_tracks(points.to_crs(crs), destination / "gps.parquet")


def _regions(files: Sequence[Mapping[str, Any]], root: Path | None) -> gpd.GeoDataFrame | None:
    """All regions of all files, in WGS 84."""
    if not files:
        return None
    found = [
        region_files.read_regions(
            _place(file["path"], root), crs=WGS84, **{k: v for k, v in file.items() if k != "path"}
        )
        for file in files
    ]
    together = gpd.GeoDataFrame(pd.concat(found, ignore_index=True), geometry="geometry", crs=WGS84)
    twice = sorted(set(together.loc[together["region"].duplicated(), "region"]))
    if twice:
        names = ", ".join(str(file["path"]) for file in files)
        raise ValueError(f"regions {twice[:5]} come in more than one of {names}; tell them apart by `prefix`")
    log.info("%d regions: %s", len(together), together["role"].value_counts().to_dict())
    return together


def _files(patterns: Sequence[str], root: Path | None) -> list[Path]:
    """The files that the patterns name, sorted, each once."""
    found: set[Path] = set()
    for pattern in patterns:
        place = _place(pattern, root)
        matching = {place} if place.exists() else set(Path(place.anchor).glob(str(place.relative_to(place.anchor))))
        if not matching:
            raise ValueError(f"data.gps.files: no file matches {place}")
        found |= matching
    return sorted(found)


def _place(path: str, root: Path | None) -> Path:
    """A path of the user's, made absolute."""
    return ((root or Path.cwd()) / Path(path).expanduser()).resolve()
