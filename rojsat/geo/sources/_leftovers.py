"""The files below a root that a data set does not use, and why: what lies there is compared with what was taken."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from rojsat.geo.sources import _folder, _listing, _sen2r_names
from rojsat.geo.sources.safe import product_files

RASTERS = (".tif", ".tiff", ".jp2", ".vrt", ".img", ".dat", ".nc", ".hdf")

_VECTORS = "shp gpkg geojson json parquet geoparquet fgb gml kml kmz sqlite gdb tab mif gpx csv fit hpr mom tcx"
VECTORS = tuple(f".{ending}" for ending in _VECTORS.split(" "))

_PARTS = "dbf shx prj cpg qix sbn sbx qmd qpj map id ind mid hdr xml ovr aux tfw gfs xsd gpkg-wal gpkg-shm"
PARTS = tuple(f".{ending}" for ending in _PARTS.split(" "))
"""Endings of files that belong to another one of the same name."""

NOT_NAMED = "not named in data.regions or data.gps.files"
MACOS = "added by macOS"
OTHER = "nothing that rojsat reads"
SELECTED = "left out by data.options"
NO_PRODUCT = "no product of ESA's"
NO_ENDING = "named like products, but the folder does not end with .SAFE: rename it"
OTHER_PROCESSING = "another processing of the same acquisition is taken"
NO_PATTERN = "no pattern of data.options.files matches"
OF_NO_USE = "names or products of sen2r's that are of no use"
NO_REFLECTANCE = "of dates without BOA and TOA"
NO_SOURCE = "rasters, which source {} does not read"

_ARCHIVE = re.compile(r"/vsizip/(.*?\.zip)/", re.IGNORECASE)
_FOLDER = re.compile(r"(.*?\.(?:SAFE|gdb))/", re.IGNORECASE)


def of_root(
    root: Path, source: str, options: Mapping[str, Any], hrefs: Iterable[str], vectors: Collection[Path]
) -> dict[str, list[str]]:
    """Find what is not used below a root.

    Args:
        root: the folder that the source reads.
        source: a module of `rojsat.geo.sources`.
        options: its options.
        hrefs: rasters that were taken, as GDAL opens them.
        vectors: files of regions, GPS points and label rasters that were taken, resolved.

    Returns:
        Names below the root by the reason why they are left aside; a product is one name. Parts of other files (`.dbf`,
        `.prj`, `.aux.xml`) go with them.

    Raises:
        ValueError: if a folder cannot be read.
    """
    taken = {Path(place(href)) for href in hrefs} | set(vectors)
    if root.resolve() in taken:  # a product itself
        return {}
    names = list(dict.fromkeys(_thing(name) for name in _folder.everything(root)))
    owners = {owner for name in names if not name.lower().endswith(PARTS) for owner in (name, _stem(name))}
    candidates = _listing.of_root(source, root, options)
    aside: dict[str, list[str]] = {}
    for name in names:
        is_part = name.lower().endswith(PARTS) and not owners.isdisjoint((_stem(name), _stem(_stem(name))))
        if not is_part and (root / name).resolve() not in taken:
            aside.setdefault(_reason(name, source, candidates), []).append(name)
    return aside


def place(href: str) -> str:
    """The product, folder or zip file, that a raster lies in; the raster itself where it lies in none."""
    match = _ARCHIVE.match(href) or _FOLDER.match(href)
    return match[1] if match else href


def _thing(name: str) -> str:
    """The product that a file lies in, also one whose folder lacks its ending, or the file."""
    match = _FOLDER.match(name)
    if match:
        return match[1]
    parts = PurePosixPath(name).parts
    lacking = next((number for number, part in enumerate(parts[:-1], 1) if product_files.is_named(part)), len(parts))
    return "/".join(parts[:lacking])


def _stem(name: str) -> str:
    return str(PurePosixPath(name).with_suffix(""))


def _reason(name: str, source: str, candidates: Collection[str]) -> str:
    """Why a file or product is not used."""
    path = PurePosixPath(name)
    if any(_folder.of_macos(part) for part in path.parts):
        return MACOS
    ending = path.suffix.lower()
    if source == "safe":
        return _of_safe(path, candidates)
    if ending in RASTERS:
        return _of_rasters(path, source, candidates)
    return NOT_NAMED if ending in VECTORS else OTHER


def _of_safe(path: PurePosixPath, candidates: Collection[str]) -> str:
    if product_files.is_named(path.name):
        return NO_ENDING
    if path.suffix.lower() in (".safe", ".zip"):
        if not product_files.is_named(path.name.partition(".")[0]):
            return NO_PRODUCT
        return OTHER_PROCESSING if str(path) in candidates else SELECTED
    if path.suffix.lower() in RASTERS:
        return NO_PRODUCT
    return NOT_NAMED if path.suffix.lower() in VECTORS else OTHER


def _of_rasters(path: PurePosixPath, source: str, candidates: Collection[str]) -> str:
    if source == "geotiff":
        return NO_PATTERN
    if source == "sen2r":
        if _sen2r_names.usable_name(path) is None:
            return OF_NO_USE
        return NO_REFLECTANCE if str(path) in candidates else SELECTED
    return NO_SOURCE.format(source)


def lines(aside: Mapping[str, Collection[str]], listed: Any) -> Iterator[str]:
    """A line a reason."""
    for reason, names in sorted(aside.items()):
        count = f"{len(names)} file{'s' if len(names) > 1 else ''}"
        yield f"{count} ({reason}): {listed(names)}"
