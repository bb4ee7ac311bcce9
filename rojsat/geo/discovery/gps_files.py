"""Which files of a folder hold GPS points."""

from dataclasses import dataclass
from pathlib import Path

from rojsat.geo.gps import files

CSV_CRS = "EPSG:3857"
"""Any system: a CSV file that can be read with one and not without lacks nothing else."""


@dataclass(frozen=True)
class GpsFile:
    """A file of GPS points.

    Attributes:
        path: relative to the folder.
        points: how many it holds.
        timed: whether it holds times.
        states_crs: whether it says its coordinate system; a CSV file with columns x and y does not.
    """

    path: str
    points: int
    timed: bool
    states_crs: bool


def read(folder: Path, path: Path) -> GpsFile:
    """Look into a file of points.

    Args:
        folder: that `path` is relative to.
        path: the file.

    Raises:
        ValueError: if it holds no points that rojsat reads.
    """
    try:
        number, timed = _count(folder / path, None)
        states_crs = True
    except ValueError:
        if path.suffix.lower() != ".csv":
            raise
        number, timed = _count(folder / path, CSV_CRS)
        states_crs = False
    if number == 0:
        raise ValueError("it holds no point")
    return GpsFile(path.as_posix(), number, timed, states_crs)


def _count(path: Path, csv_crs: str | None) -> tuple[int, bool]:
    number, timed = 0, False
    for batch in files.batches(path, csv_crs):
        number += len(batch.x)
        timed |= batch.time is not None
    return number, timed
