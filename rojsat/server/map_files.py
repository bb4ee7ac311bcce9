"""Files that are served: those that lie in the folder of the server, by names that are listed, never by a path."""

import re
from pathlib import Path

from rojsat.server.limits import RefusedError

JOBS = "jobs"
"""Folder of the jobs, in that of the server."""

MAP = "map"
"""Folder of the map of a job, in that of the job."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
"""Of a map."""

_RASTER = re.compile(r"degree(_\d+)?")
_SERVED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}\.(csv|gpkg|html|json|qgz|tif|txt|xlsx)")
_OWN = ("map.json",)
"""What a map is made from: names paths of this machine."""


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a path is a file in a folder, wherever its links lead."""
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return False
    return real.is_file() and real.is_relative_to(folder.resolve())


def maps(folder: Path) -> dict[str, Path]:
    """The rasters of the maps of a server by name, without those of its jobs.

    `NAME` is `NAME/degree.tif`, `NAME_2` is `NAME/degree_2.tif`; a raster in the folder itself has its own name.
    """
    named = {path.stem: path for path in sorted(folder.glob("*.tif"))}
    for inner in sorted(folder.iterdir()):
        if inner.is_dir() and inner.name != JOBS:
            named |= rasters(inner, inner.name)
    return {name: path for name, path in named.items() if NAME.fullmatch(name) and is_inside(path, folder)}


def rasters(folder: Path, name: str) -> dict[str, Path]:
    """The rasters of the map that a folder holds, by the names that they have with that of the map."""
    paths = [path for path in sorted(folder.glob("degree*.tif")) if _RASTER.fullmatch(path.stem)]
    return {f"{name}{path.stem.removeprefix('degree')}": path for path in paths}


def find(folder: Path, name: str) -> Path:
    """The raster of a map, one of a job too.

    Raises:
        RefusedError: 404, if there is none.
    """
    job = name.partition("_")[0]
    if NAME.fullmatch(name):
        for path in (maps(folder) | rasters(folder / JOBS / job / MAP, job)).items():
            if path[0] == name and is_inside(path[1], folder):
                return path[1]
    raise RefusedError(404, f"there is no map {name[:100]!r}: /maps lists them")


def results(folder: Path) -> dict[str, Path]:
    """The files of a map that are served, by name."""
    if not folder.is_dir():
        return {}
    return {
        path.name: path
        for path in sorted(folder.iterdir())
        if _SERVED.fullmatch(path.name) and path.name not in _OWN and is_inside(path, folder)
    }
