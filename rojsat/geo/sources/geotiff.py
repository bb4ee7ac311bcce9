"""A folder of GeoTIFFs whose names say site and date, on whatever grids they are; one or several files a scene."""

import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from rojsat.chips import roles
from rojsat.config import lookup
from rojsat.geo.scenes import catalog
from rojsat.geo.sources import _coverage, _folder, _patterns, _sites
from rojsat.geo.sources._patterns import SceneName
from rojsat.geo.sources._rasters import Raster, look
from rojsat.geo.vectors import region_files

log = logging.getLogger(__name__)

SCALE, OFFSET, NODATA = 1e-4, 0.0, 0.0
"""Of files that state none: those of ESA's products before baseline 04.00."""


@dataclass(frozen=True)
class Files:
    """Files of one kind: one a scene.

    Attributes:
        pattern: their names under `root`, as in `scenes/{site}_{year}-{month}.tif`; one of `{date}` (2019-08-31 or
            20190831) or `{year}`, `{month}` and perhaps `{day}` (default 15) must be there, `{site}`, `{orbit}` and
            `{any}` may be.
        bands: what each band of a file holds, in order: `B02`, `SCL`, `TOA-B02`, and `TCI` for the first of three; None
            for a band to leave out, as for the second and third of `TCI`.
        scale: reflectance = stored * scale + offset; not used for `SCL` and `TCI`. None: what the file's tags state,
            else 0.0001.
        offset: see `scale`; None: what the tags state, else 0.
        nodata: stored number that means "no observation"; None: what the tags state, else 0.
    """

    pattern: str
    bands: Sequence[str | None]
    scale: float | None = None
    offset: float | None = None
    nodata: float | None = None


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

    Raises:
        ValueError: if `root` does not exist, no name matches, a scene lacks a file, a file is broken, has another
            number of bands or no CRS, the files of one site lie on two grids, or no scene touches a region.
    """
    folder = Path(root)
    _sites.check_role(role)
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
    nodata = _agreed(path, "nodata", kind.nodata, raster.nodata, NODATA)
    _check_order(path, kind, raster)
    for number, (name, dtype) in enumerate(zip(kind.bands, raster.dtypes, strict=True), start=1):
        if name is None:
            continue
        if np.dtype(dtype).kind not in "iu":
            raise ValueError(f"{path} holds {dtype}; store reflectance as uint16 with a scale")
        scale, offset = (1.0, 0.0) if name in ("SCL", "TCI") else _units(path, kind, raster, number)
        if np.dtype(dtype).itemsize == 1 and name not in ("SCL", "TCI") and scale == SCALE:
            raise ValueError(
                f"{path} holds {name} in 8 bits, which at a scale of {SCALE:g} is a reflectance of 0.0255 at most: "
                "it is a picture for looking at (name its bands TCI), or state another scale in data.options.files"
            )
        assets[name] = catalog.Asset(raster.href, raster.shape, raster.transform, dtype, nodata, scale, offset, number)
    return raster.crs, assets


def _check_order(path: Path, kind: Files, raster: Raster) -> None:
    """Check that bands which the file names are those that the experiment names.

    Raises:
        ValueError: if they contradict each other.
    """
    for number, (name, description) in enumerate(zip(kind.bands, raster.descriptions, strict=True), start=1):
        stated = re.sub(r"^B(\d)$", r"B0\1", (description or "").strip().upper())
        if name is not None and stated in catalog.NAMES and stated != name.removeprefix("TOA-"):
            raise ValueError(
                f"{path}: it calls its band {number} {description!r}, data.options.files {name!r}; list the bands "
                f"in the order of the file: {list(raster.descriptions)}"
            )


def _units(path: Path, kind: Files, raster: Raster, number: int) -> tuple[float, float]:
    """Scale and offset of a band: the file's own, else those of the experiment."""
    stated = raster.scales[number - 1], raster.offsets[number - 1]
    has_tags = stated != (1.0, 0.0)  # what GDAL gives where there are none
    scale, offset = (value if has_tags else None for value in stated)
    return (
        _agreed(path, f"scale of band {number}", kind.scale, scale, SCALE),
        _agreed(path, f"offset of band {number}", kind.offset, offset, OFFSET),
    )


def _agreed(path: Path, name: str, option: float | None, tag: float | None, default: float) -> float:
    """What a file's tags state, else what the experiment does.

    Raises:
        ValueError: if they contradict each other.
    """
    if option is not None and tag is not None and not np.isclose(option, tag, rtol=1e-6, atol=0, equal_nan=True):
        raise ValueError(
            f"{path}: its tags state {name} {tag:g}, data.options.files {option:g}; leave the key out to "
            "take the file's, or correct the file (gdal_edit.py)"
        )
    return next(value for value in (option, tag, default) if value is not None)


def _labels(root: Path, label: str, valid: str | None, site: str) -> dict[str, str | None]:
    paths = {
        "label": root / _patterns.fill(label, site),
        "valid": root / _patterns.fill(valid, site) if valid else None,
    }
    for kind, path in paths.items():
        if path is not None and not path.exists():
            raise ValueError(f"site {site!r} has no {kind} raster: {path} does not exist")
    return {kind: None if path is None else str(path.resolve()) for kind, path in paths.items()}
