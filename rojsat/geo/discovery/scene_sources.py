"""Which source reads the scenes of a folder: ESA's products, sen2r's output, or GeoTIFFs with a date in their names."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rasterio.errors import RasterioError

from rojsat.chips import channels
from rojsat.chips.bands import BOA
from rojsat.geo.discovery.left_aside import LeftAside
from rojsat.geo.scenes import catalog, raster_files
from rojsat.geo.sources import _patterns, _sen2r_names, sen2r
from rojsat.geo.sources.safe import granules, product_files

RASTERS = (".tif", ".tiff", ".vrt", ".dat", ".jp2")
"""Endings of rasters."""

_DATE = re.compile(r"(?<![0-9])20[0-9]{2}(?P<dash>-?)(?:0[1-9]|1[0-2])(?P=dash)(?:0[1-9]|[12][0-9]|3[01])(?![0-9])")
_MONTH = re.compile(r"(?<![0-9])20[0-9]{2}(?P<between>[-_]?)(?:0[1-9]|1[0-2])(?![0-9])")


@dataclass(frozen=True)
class SceneFiles:
    """The scenes of a folder.

    Attributes:
        source: a module of `rojsat.geo.sources`; `stac` where the folder holds none.
        options: of the source. A kind of GeoTIFFs whose bands are not known has `bands` None.
        days: ISO days on which there are scenes, sorted.
        words: what there is, in words.
        groups: of channels that its chips have, `tci`, `s2`, `boa`, `toa`.
        left_aside: rasters that are not used.
    """

    source: str
    options: Mapping[str, Any]
    days: Sequence[str]
    words: str
    groups: frozenset[str]
    left_aside: Sequence[LeftAside] = field(default_factory=tuple)


def find(folder: Path, files: Sequence[Path]) -> SceneFiles:
    """Look for scenes; where there are several kinds, ESA's products come before sen2r's files, these before GeoTIFFs.

    Args:
        folder: that `files` are relative to.
        files: of the folder at any depth, `.SAFE` folders among them, but not what is in these.

    Raises:
        ValueError: if a product of ESA's is broken: its source would refuse all of them.
    """
    rasters = [path for path in files if path.suffix.lower() in RASTERS]
    if any(is_product(path) for path in files):
        return _without(_safe(folder), rasters, "the scenes are ESA's products")
    names = {path: _sen2r_name(path) for path in rasters}
    if any(name is not None and name.product in sen2r.REFLECTANCE and name.resolution == 10 for name in names.values()):
        return _without(_sen2r(names), [path for path in rasters if names[path] is None], "no name of sen2r's")
    return _geotiffs(folder, rasters)


def _without(scenes: SceneFiles, rasters: Sequence[Path], reason: str) -> SceneFiles:
    left_aside = [LeftAside(path.as_posix(), f"{reason}; a folder of its own makes it a data set") for path in rasters]
    return replace(scenes, left_aside=left_aside)


def is_product(path: Path) -> bool:
    """Whether the name is that of a product of ESA's, or of a zip file of one."""
    is_zip = path.suffix == ".zip" and (
        path.stem.endswith(".SAFE") or "_MSIL1C_" in path.name or "_MSIL2A_" in path.name
    )
    return path.suffix == ".SAFE" or is_zip


def _safe(folder: Path) -> SceneFiles:
    products = product_files.find(folder)
    tiles = [granule for product in products for granule in granules.read(product)]
    levels = sorted({tile.facts.level for tile in tiles})
    names = sorted({tile.tile.tile for tile in tiles})
    days = sorted({f"{tile.facts.time:%Y-%m-%d}" for tile in tiles})
    words = f"{len(products)} products of ESA's, {' and '.join(levels)}, tiles {', '.join(names)}"
    has_tci = all(any("TCI" in image for image in tile.facts.images) for tile in tiles)
    groups = _groups(BOA if "L2A" in levels else (), has_toa="L1C" in levels, has_tci=has_tci)
    return SceneFiles("safe", {"levels": levels}, days, words, groups)


def _groups(boa: Iterable[str], *, has_toa: bool, has_tci: bool) -> frozenset[str]:
    """Groups of channels that scenes with these bands at the bottom of the atmosphere give."""
    bands = set(boa)
    has_indices = all(bands.issuperset(channels.bands(index)) for index in channels.S2)
    presence = {"boa": bool(bands), "s2": has_indices, "toa": has_toa, "tci": has_tci}
    return frozenset(group for group, is_present in presence.items() if is_present)


def _sen2r_name(path: Path) -> _sen2r_names.FileName | None:
    try:
        return _sen2r_names.parse_name(path.stem)
    except ValueError:
        return None


def _sen2r(names: Mapping[Path, _sen2r_names.FileName | None]) -> SceneFiles:
    of_sen2r = [name for name in names.values() if name is not None]
    products = sorted({name.product for name in of_sen2r})
    sites = sorted({name.site for name in of_sen2r})
    days = sorted({f"{name.day:%Y-%m-%d}" for name in of_sen2r if name.product in sen2r.REFLECTANCE})
    words = f"{len(of_sen2r)} files of sen2r's ({', '.join(products)}), sites {', '.join(sites)}"
    boa = sen2r.REFLECTANCE["BOA"] if "BOA" in products else ()
    groups = _groups(boa, has_toa="TOA" in products, has_tci="TCI" in products)
    return SceneFiles("sen2r", {}, days, words, groups)


def _geotiffs(folder: Path, rasters: Sequence[Path]) -> SceneFiles:
    """GeoTIFFs, one kind for each pattern of their names; `stac` where there is none."""
    kinds: dict[str, list[Path]] = {}
    left_aside = []
    for path in rasters:
        pattern = pattern_of(path)
        if pattern is None:
            left_aside.append(
                LeftAside(path.as_posix(), "a raster without a date in its name, as 2019-08-31 or 20190831")
            )
        else:
            kinds.setdefault(pattern, []).append(path)
    days: set[str] = set()
    options = []
    for pattern, paths in kinds.items():
        try:
            names = [_patterns.parse(pattern, path.as_posix()) for path in paths]
            options.append({"pattern": pattern, **_content(folder / paths[0])})
        except ValueError as error:
            left_aside.append(LeftAside(paths[0].as_posix(), str(error)))
            continue
        days |= {f"{name.day:%Y-%m-%d}" for name in names if name is not None}
    if not options:
        return SceneFiles("stac", {}, (), "no scenes", _groups(BOA, has_toa=False, has_tci=True), left_aside)
    number = sum(map(len, kinds.values()))
    words = f"{number} GeoTIFFs, {len(options)} a scene: {', '.join(kind['pattern'] for kind in options)}"
    bands = {str(band) for kind in options for band in kind["bands"] or ()}
    has_toa = any(band.startswith("TOA-") for band in bands)
    groups = _groups(bands & set(BOA), has_toa=has_toa, has_tci="TCI" in bands)
    return SceneFiles("geotiff", {"files": options}, sorted(days), words, groups, left_aside)


def pattern_of(path: Path) -> str | None:
    """The pattern of a file's name, as the source `geotiff` takes it: its date, and before it the site.

    Returns:
        `{site}_{date}_10m.tif` of `alpha_2019-08-31_10m.tif`; None for a name without a date.
    """
    name = path.name
    match, date = _DATE.search(name), "{date}"
    if match is None:
        match = _MONTH.search(name)
        date = "{year}" + (match["between"] if match else "") + "{month}"
    if match is None:
        return None
    before, after = name[: match.start()], name[match.end() :]
    site = before.rstrip("_-. ")
    pattern = ("{site}" + before[len(site) :] if site else before) + date + after
    return pattern if path.parent == Path() else f"{path.parent.as_posix()}/{pattern}"


def _content(path: Path) -> dict[str, Any]:
    """Bands of a file and how reflectance is stored in it, as far as the file or its name says.

    Raises:
        ValueError: if the file cannot be opened.
    """
    try:
        with raster_files.open_raster(path, beside=True) as raster:
            described = [(text or "").strip().upper() for text in raster.descriptions]
            is_float = raster.dtypes[0].startswith("float")
    except RasterioError as error:
        raise ValueError(f"it cannot be opened as a raster ({error})") from error
    words = re.split(r"[^A-Z0-9]+", path.stem.upper())
    bands: list[str | None] | None = None
    if all(name in catalog.NAMES for name in described):
        bands = list(described)
    elif len(described) == 1 and (named := [word for word in words if word in catalog.NAMES]):
        bands = [named[-1]]
    elif len(described) == 3 and "TCI" in words:
        bands = ["TCI", None, None]
    return {"bands": bands, "count": len(described)} | ({"scale": 1.0} if is_float else {})
