"""The files that raw data and masks are made from, listed to be recorded and compared; none of them is opened."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rojsat.config.input_files import FileGroup
from rojsat.geo import file_paths
from rojsat.geo.sources import _listing

PARTS = (".dbf", ".shx", ".prj", ".cpg", ".dat", ".map", ".id", ".mid", ".hdr")
"""Endings of files that hold a part of the vector file of the same name: Shapefiles, MapInfo."""

JOURNAL = "-wal"
"""Ending of what SQLite has not yet put into a GeoPackage; it belongs to it where it is not empty."""


def of_raw(
    *,
    source: str,
    root: Path | None,
    options: Mapping[str, Any],
    regions: Sequence[Mapping[str, Any]],
    gps: Mapping[str, Any],
    harvests: Sequence[Mapping[str, Any]] = (),
) -> dict[str, FileGroup]:
    """List what raw data are made from: files of regions, GPS tracks, harvests, those of the source below its root.

    Args:
        source: see `rojsat.geo.raw.write`, as all others.
        root: see there.
        options: see there.
        regions: see there.
        gps: see there.
        harvests: see there.

    Returns:
        Files by name, as the user wrote it or below the root; those that are not there are left out. What an API holds
        is not asked for.

    Raises:
        ValueError: if a folder cannot be read, or a product is corrupt.
    """
    groups = {} if root is None or not root.exists() else _listing.of_root(source, root, options)
    named = [str(file["path"]) for file in regions if file.get("path")]
    if source == "stac" and options.get("area") is not None:
        named.append(str(options["area"]))
    paths = {name: file_paths.absolute(name, root) for name in named}
    for pattern in gps.get("files", ()):
        paths |= {_short(path, root): path for path in file_paths.matching(pattern, root)}
    registers = {str(file["path"]): file_paths.absolute(str(file["path"]), root) for file in harvests}
    groups |= {name: _vector(path)._replace(in_full=False) for name, path in registers.items() if path.exists()}
    return groups | {name: _vector(path) for name, path in paths.items() if path.exists()}


def of_masks(raw: Path, files: Sequence[str] = ()) -> dict[str, FileGroup]:
    """List what masks are made from besides the raw data: label rasters, where the source listed some, and files.

    Args:
        raw: the raw data set.
        files: that the options of the labels name, or patterns.
    """
    listed = raw / "labels.json"
    pairs = json.loads(listed.read_text()) if listed.exists() else []
    paths = sorted({Path(path) for pair in pairs for path in pair.values() if path is not None})
    rasters = {str(path): FileGroup(path.parent, (path.name,), in_full=True) for path in paths if path.exists()}
    named = {_short(path, None): path for pattern in files for path in file_paths.matching(pattern, None)}
    return rasters | {name: FileGroup(path.parent, (path.name,), in_full=True) for name, path in named.items()}


def _short(path: Path, root: Path | None) -> str:
    base = root or Path.cwd()
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else str(path)


def _vector(path: Path) -> FileGroup:
    """A vector file with its parts, or a folder that is one (`.gdb`)."""
    if path.is_dir():
        inner = sorted(file.relative_to(path.parent).as_posix() for file in path.rglob("*") if file.is_file())
        return FileGroup(path.parent, tuple(name for name in inner if not name.endswith(".lock")), in_full=True)
    return FileGroup(path.parent, tuple(sorted({path.name, *_beside(path)})), in_full=True)


def _beside(path: Path) -> Iterator[str]:
    if path.suffix.lower() in (".shp", ".tab", ".mif"):
        for ending in PARTS:
            for part in (path.with_suffix(ending), path.with_suffix(ending.upper())):
                if part.is_file():
                    yield part.name
    journal = path.with_name(path.name + JOURNAL)
    if journal.is_file() and journal.stat().st_size:
        yield journal.name
