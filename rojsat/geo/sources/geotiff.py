"""A folder of GeoTIFFs whose names say site and date, on whatever grids they are; one or several files a scene."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from rojsat.config import lookup
from rojsat.geo.scenes import catalog as scenes
from rojsat.geo.sources import _coverage, _patterns, _sites
from rojsat.geo.sources._patterns import Name
from rojsat.geo.sources._rasters import look
from rojsat.geo.vectors import region_files

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Files:
    """Files of one kind: one a scene.

    Attributes:
        pattern: their names under `root`, as in `scenes/{site}_{year}-{month}.tif`; one of `{date}` (2019-08-31 or
            20190831) or `{year}`, `{month}` and perhaps `{day}` (default 15) must be there, `{site}`, `{orbit}` and
            `{any}` may be.
        bands: what each band of a file holds, in order: `B02`, `SCL`, `TOA-B02`, and `TCI` for the first of three; None
            for a band to leave out, as for the second and third of `TCI`.
        scale: reflectance = stored * scale + offset; not used for `SCL` and `TCI`.
        offset: see `scale`.
        nodata: stored number that means "no observation"; None for none.
    """

    pattern: str
    bands: Sequence[str | None]
    scale: float = 1e-4
    offset: float = 0.0
    nodata: float | None = 0


def write(
    destination: Path,
    regions: gpd.GeoDataFrame | None,
    *,
    root: Path | str,
    files: Sequence[Mapping[str, Any]],
    relative_orbit: int = 0,
    role: str = "clearing",
    label_rasters: str | None = None,
    valid_rasters: str | None = None,
) -> None:
    """Describe the files of `root` as a raw data set; the rasters themselves stay where they are.

    Args:
        destination: folder of the raw data set.
        regions: what the scenes are for; without them every site is a region, as large as its rasters.
        root: folder of the files.
        files: kinds of files, each with the keys of `Files`; a scene is one file of every kind, of one site, date and
            orbit.
        relative_orbit: orbit of files whose pattern has no `{orbit}`; 0 = unknown.
        role: role of the regions that are made.
        label_rasters: like a pattern with `{site}` only: rasters with the degree in [0, 1] of each pixel.
        valid_rasters: likewise: rasters that are not 0 where a 0 of the label is to be trusted.

    Raises:
        ValueError: if `root` does not exist, no name matches, a scene lacks a file, a file is broken, has another
            number of bands or no CRS, the files of one site lie on two grids, or no scene touches a region.
    """
    folder = Path(root)
    _sites.check_role(role)
    kinds = [_kind(one) for one in files]
    found = [(name.site, _scene(name, paths, kinds)) for name, paths in _match(folder, kinds, relative_orbit).items()]
    sites = _sites.grids(found)
    listed = [scene for _, scene in found]
    if regions is not None:
        _coverage.check(listed, regions)
    if label_rasters is not None:
        rasters = [_labels(folder, label_rasters, valid_rasters, site) for site in sites]
        (destination / "labels.json").write_text(json.dumps(rasters, indent=1) + "\n")
    if regions is None:
        region_files.write_regions(_sites.footprints(sites, role), destination / "regions.gpkg")
    scenes.write(destination, listed, description=f"GeoTIFFs of {folder.resolve()}")


def _kind(options: Mapping[str, Any]) -> Files:
    possible = [field.name for field in fields(Files)]
    for key in options:
        if key not in possible:
            raise lookup.unknown("key of files,", str(key), possible)
    if "pattern" not in options or not options.get("bands"):
        raise ValueError(f"files need a pattern and bands; one of them has only {dict(options)}")
    kind = Files(**options)
    names = [name for name in kind.bands if name is not None]
    for name in names:
        if name not in scenes.NAMES:
            raise lookup.unknown("band", name, scenes.NAMES)
        if names.count(name) > 1:
            raise ValueError(f"files {kind.pattern!r} name {name} twice: {list(kind.bands)}")
    return kind


def _match(root: Path, kinds: Sequence[Files], relative_orbit: int) -> dict[Name, list[Path]]:
    """Files of each scene, one of every kind in their order; the scenes sorted."""
    if not root.is_dir():
        raise ValueError(f"{root} is no folder: data.root must name the folder of the GeoTIFFs")
    if not kinds:
        raise ValueError("data.options.files is empty: name a pattern and bands")
    names = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    found = [_named(names, kind.pattern, relative_orbit, root) for kind in kinds]
    for name in sorted(set().union(*found)):
        lacking = [kind.pattern for kind, mine in zip(kinds, found, strict=True) if name not in mine]
        if lacking:
            raise ValueError(f"site {name.site!r} of {name.day:%Y-%m-%d} has no file {', '.join(lacking)} in {root}")
    matched = {place for mine in found for place in mine.values()}
    log.info("%d files in %s, %d of them match no pattern", len(names), root, len(names) - len(matched))
    return {name: [root / mine[name] for mine in found] for name in sorted(found[0])}


def _named(names: Sequence[str], pattern: str, relative_orbit: int, root: Path) -> dict[Name, str]:
    found: dict[Name, str] = {}
    for place in names:
        name = _patterns.parse(pattern, place, relative_orbit)
        if name is not None and name in found:
            raise ValueError(f"two files are site {name.site!r} of {name.day:%Y-%m-%d}: {found[name]} and {place}")
        if name is not None:
            found[name] = place
    if not found:
        some = ", ".join(names[:5]) or "none at all"
        raise ValueError(f"no file of {root} matches {pattern!r}; the files there are: {some}")
    return found


def _scene(name: Name, paths: Sequence[Path], kinds: Sequence[Files]) -> scenes.Scene:
    assets: dict[str, scenes.Asset] = {}
    systems: dict[str, Path] = {}
    for path, kind in zip(paths, kinds, strict=True):
        crs, mine = _assets(path, kind)
        twice = sorted(mine.keys() & assets.keys())
        if twice:
            raise ValueError(f"{twice} come from two files: {path} and one before it")
        assets |= mine
        systems.setdefault(crs, path)
    if len(systems) > 1:
        raise ValueError(f"the files of one scene differ in their coordinate systems: {list(systems.values())}")
    noon = pd.Timestamp(f"{name.day:%Y-%m-%d}T12:00", tz="UTC")
    return scenes.Scene(
        _sites.scene_id(name.site, f"{noon:%Y-%m-%d}", name.orbit), noon, name.orbit, next(iter(systems)), assets
    )


def _assets(path: Path, kind: Files) -> tuple[str, dict[str, scenes.Asset]]:
    """CRS and assets of a file."""
    raster = look(path.resolve())
    if len(raster.dtypes) != len(kind.bands):
        raise ValueError(f"{path} has {len(raster.dtypes)} bands, but {len(kind.bands)} are named: {list(kind.bands)}")
    assets = {}
    for number, (name, dtype) in enumerate(zip(kind.bands, raster.dtypes, strict=True), start=1):
        if name is None:
            continue
        if np.dtype(dtype).kind not in "iu":
            raise ValueError(f"{path} holds {dtype}; store reflectance as uint16 with a scale")
        scale, offset = (1.0, 0.0) if name in ("SCL", "TCI") else (kind.scale, kind.offset)
        assets[name] = scenes.Asset(
            raster.href, raster.shape, raster.transform, dtype, kind.nodata, scale, offset, number
        )
    return raster.crs, assets


def _labels(root: Path, label: str, valid: str | None, site: str) -> dict[str, str | None]:
    paths = {
        "label": root / _patterns.fill(label, site),
        "valid": root / _patterns.fill(valid, site) if valid else None,
    }
    for kind, path in paths.items():
        if path is not None and not path.exists():
            raise ValueError(f"site {site!r} has no {kind} raster: {path} does not exist")
    return {kind: None if path is None else str(path.resolve()) for kind, path in paths.items()}
