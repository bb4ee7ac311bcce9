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

from rojsat.chips import roles
from rojsat.chips.bands import CLOUD_MASKS
from rojsat.config import lookup
from rojsat.geo.scenes import catalog, native_pixels
from rojsat.geo.sources import _coverage, _folder, _patterns, _sites, _units
from rojsat.geo.sources._patterns import SceneName
from rojsat.geo.sources._rasters import look
from rojsat.geo.vectors import region_files

log = logging.getLogger(__name__)

UNSCALED = (*CLOUD_MASKS, "TCI")
"""Assets that hold classes or colours."""


@dataclass(frozen=True)
class Files:
    """Files of one kind: one a scene.

    Attributes:
        pattern: their names under `root`, as in `scenes/{site}_{year}-{month}.tif`; one of `{date}` (2019-08-31 or
            20190831) or `{year}`, `{month}` and perhaps `{day}` (default 15) must be there, `{site}`, `{orbit}` and
            `{any}` may be.
        bands: what each band of a file holds, in order: `B02`, `SCL`, `TOA-B02`, and `TCI` for the first of three; None
            for a band to leave out, as for the second and third of `TCI`.
        scale: reflectance = stored * scale + offset, a number or a text as `1/10000`; not used for `SCL` and `TCI`.
            None: what the file's tags state, else 0.0001.
        offset: see `scale`; None: what the tags state, else 0.
        nodata: stored number that means "no observation"; None: what the tags state, else 0.
    """

    pattern: str
    bands: Sequence[str | None]
    scale: float | str | None = None
    offset: float | str | None = None
    nodata: float | str | None = None


def write(
    destination: Path,
    regions: gpd.GeoDataFrame | None,
    *,
    root: Path | str,
    files: Sequence[Mapping[str, Any]],
    relative_orbit: int = 0,
    role: str = roles.CLEARING,
    label_rasters: str | None = None,
    valid_rasters: str | None = None,
    native_grid: str = "keep",
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
        label_rasters: pattern with `{site}` only, of rasters with the degree of need of each pixel, in [0, 1].
        valid_rasters: likewise, of rasters that are not 0 where a 0 of the label is to be trusted.
        native_grid: what is done with scenes that are copies of coarser pixels on a finer grid: `keep` them, or
            `interpolate` between the centres of these pixels, band by band.

    Raises:
        rojsat.config.lookup.UnknownNameError: for another `native_grid`.
        ValueError: if `root` does not exist, no name matches, a scene lacks a file, a file is broken, has another
            number of bands or no CRS, the files of one site lie on two grids, or no scene touches a region.
    """
    folder = Path(root)
    _sites.check_role(role)
    native_pixels.check(native_grid)
    kinds = [_kind(options) for options in files]
    files_by_name = _match(folder, kinds, relative_orbit)
    site_scenes = [(name.site, _scene(name, paths, kinds)) for name, paths in files_by_name.items()]
    sites = _sites.grids(site_scenes)
    scenes = [scene for _, scene in site_scenes]
    if regions is not None:
        _coverage.check(scenes, regions)
    if label_rasters is not None:
        rasters = [_labels(folder, label_rasters, valid_rasters, site) for site in sites]
        (destination / "labels.json").write_text(json.dumps(rasters, indent=1) + "\n")
    if regions is None:
        region_files.write_regions(_sites.footprints(sites, role), destination / "regions.gpkg")
    if native_grid == "interpolate":
        scenes = native_pixels.interpolate(scenes, destination)
    catalog.write(destination, scenes, description=f"GeoTIFFs of {folder.resolve()}")


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
        if name not in catalog.NAMES:
            raise lookup.unknown("band", name, catalog.NAMES)
        if names.count(name) > 1:
            raise ValueError(f"files {kind.pattern!r} name {name} more than once: {list(kind.bands)}")
    return kind


def _match(root: Path, kinds: Sequence[Files], relative_orbit: int) -> dict[SceneName, list[Path]]:
    """Files of each scene, one of every kind in their order; the scenes sorted."""
    if not root.is_dir():
        raise ValueError(f"{root} is no folder: data.root must name the folder of the GeoTIFFs")
    if not kinds:
        raise ValueError("data.options.files is empty: name a pattern and bands")
    names = _folder.files(root)
    matches = [_named(names, kind.pattern, relative_orbit, root) for kind in kinds]
    for name in sorted(set().union(*matches)):
        lacking = [kind.pattern for kind, paths in zip(kinds, matches, strict=True) if name not in paths]
        if lacking:
            raise ValueError(f"site {name.site!r} of {name.day:%Y-%m-%d} has no file {', '.join(lacking)} in {root}")
    matched = {path for paths in matches for path in paths.values()}
    log.info("%d files in %s, %d of them match no pattern", len(names), root, len(names) - len(matched))
    return {name: [root / paths[name] for paths in matches] for name in sorted(matches[0])}


def _named(names: Sequence[str], pattern: str, relative_orbit: int, root: Path) -> dict[SceneName, str]:
    paths: dict[SceneName, str] = {}
    for path in names:
        name = _patterns.parse(pattern, path, relative_orbit)
        if name is not None and name in paths:
            raise ValueError(f"two files are site {name.site!r} of {name.day:%Y-%m-%d}: {paths[name]} and {path}")
        if name is not None:
            paths[name] = path
    if not paths:
        some = ", ".join(names[:5]) or "none at all"
        raise ValueError(f"no file of {root} matches {pattern!r}; the files there are: {some}")
    return paths


def _scene(name: SceneName, paths: Sequence[Path], kinds: Sequence[Files]) -> catalog.Scene:
    assets: dict[str, catalog.Asset] = {}
    systems: dict[str, Path] = {}
    for path, kind in zip(paths, kinds, strict=True):
        crs, file_assets = _assets(path, kind)
        repeated = sorted(file_assets.keys() & assets.keys())
        if repeated:
            raise ValueError(f"{repeated} come from two files: {path} and one before it")
        assets |= file_assets
        systems.setdefault(crs, path)
    if len(systems) > 1:
        raise ValueError(f"the files of one scene differ in their coordinate systems: {list(systems.values())}")
    noon = pd.Timestamp(f"{name.day:%Y-%m-%d}T12:00", tz="UTC")
    return catalog.Scene(
        _sites.scene_id(name.site, f"{noon:%Y-%m-%d}", name.orbit), noon, name.orbit, next(iter(systems)), assets
    )


def _assets(path: Path, kind: Files) -> tuple[str, dict[str, catalog.Asset]]:
    """CRS and assets of a file."""
    raster = look(path.resolve())
    if len(raster.dtypes) != len(kind.bands):
        raise ValueError(f"{path} has {len(raster.dtypes)} bands, but {len(kind.bands)} are named: {list(kind.bands)}")
    assets = {}
    chosen = _units.options(kind.scale, kind.offset, kind.nodata)
    for number, (name, dtype) in enumerate(zip(kind.bands, raster.dtypes, strict=True), start=1):
        if name is None:
            continue
        if np.dtype(dtype).kind not in "iu":
            raise ValueError(f"{path} holds {dtype}; store reflectance as uint16 with a scale")
        _units.check_name(raster, number, name)
        nodata = _units.nodata(raster, number, chosen)
        scale, offset = (1.0, 0.0) if name in UNSCALED else _units.of_band(raster, number, chosen)
        if np.dtype(dtype).itemsize == 1 and name not in UNSCALED and scale == _units.SCALE:
            raise ValueError(
                f"{path} holds {name} in 8 bits, at a scale of {_units.SCALE:g} a reflectance of 0.0255 at most: it "
                "is a picture for looking at (name its bands TCI), or state another scale in data.options.files"
            )
        assets[name] = catalog.Asset(raster.href, raster.shape, raster.transform, dtype, nodata, scale, offset, number)
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
