"""Collects the points of all files of GPS tracks in one coordinate system, and counts those left out."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyproj
from numpy.typing import NDArray
from pyproj.exceptions import ProjError

from rojsat.geo.gps import cleaning, files, times
from rojsat.geo.gps.batch import Batch
from rojsat.geo.gps.points import NOWHERE, Points, transform
from rojsat.geo.vectors import coordinate_operations

log = logging.getLogger(__name__)

_FARTHEST = 1e9
"""Metres or degrees: no coordinate system of the Earth goes that far."""

_SAMPLE = 1000
"""Points of a file that are looked at to see whether its axes are swapped."""

_KINDS = ("f8", "f8", "M8[ms]", "i4")
"""Types of the columns x, y, time and track."""


class Collector:
    """Reads file after file, then gives the points of all."""

    def __init__(self, crs: pyproj.CRS, regions: gpd.GeoDataFrame, *, zone: str, csv_crs: str | None) -> None:
        self.facts = {"files": 0, "points": 0, "unplaced": 0, "impossible": 0}
        self._crs, self._box = crs, regions.total_bounds
        self._regions = tuple(regions["region"])
        self._zone, self._csv_crs = zone, csv_crs
        self._parts: list[list[NDArray[Any]]] = [[] for _ in _KINDS]
        self._tracks: dict[str, int] = {}

    def add(self, path: Path, name: str, earliest: np.datetime64, latest: np.datetime64, *, drop: bool) -> None:
        """Read one file.

        Args:
            path: the file.
            name: put before the names of its tracks.
            earliest: first possible time.
            latest: last possible time.
            drop: whether points with an impossible time go, or stay without time.

        Raises:
            ValueError: naming the file, if it cannot be read, has swapped axes, or none of its times can be read.
        """
        stated = unreadable = read = unplaced = 0
        swapped, example, odd = None, None, None
        for batch in files.batches(path, self._csv_crs):
            time, failed = self._times(batch, path)
            wrong = failed | cleaning.impossible(time, earliest, latest)
            stated, unreadable = stated + int((failed | ~np.isnat(time)).sum()), unreadable + int(failed.sum())
            if failed.any() and example is None and batch.time is not None:
                example = str(batch.time[int(failed.argmax())])
            read += len(batch.x)
            x, y = self._transform(batch, path)
            swapped = _swapped(batch, self._crs, self._box) if swapped is None else swapped
            placed = _usable(x, y, batch)
            time[wrong] = np.datetime64("NaT", "ms")
            track = self._codes(batch, name)
            kept = placed & ~wrong if drop else placed
            columns: list[NDArray[Any]] = [x, y, time, track]
            for parts, column in zip(self._parts, columns, strict=True):
                parts.append(column[kept])
            self.facts["points"] += len(x)
            unplaced += len(x) - int(placed.sum())
            if not placed.all() and odd is None:
                row = int(placed.argmin())
                odd = f"{batch.x[row]:.9g}, {batch.y[row]:.9g}"
            self.facts["impossible"] += int((wrong & placed).sum())
        self.facts["files"] += 1
        if swapped:
            raise ValueError(f"{path}: its axes are swapped: points would lie among the clearing objects if x were y")
        if unreadable and unreadable == stated:
            raise ValueError(
                f"{path}: none of its {stated} times can be read, as {example!r}; {times.advice(str(example))}"
            )
        if unreadable:
            log.warning(
                "%s: %d of %d times cannot be read, as %r; they count as impossible; %s",
                *(path, unreadable, stated, example, times.advice(str(example))),
            )
        self.facts["unplaced"] += unplaced
        if unplaced:
            log.warning("%s: %d of %d points are not placed on the Earth, as x, y: %s", path, unplaced, read, odd)
        if read == 0:
            log.warning("%s gave no point", path)

    def points(self) -> Points:
        """All points added, in no region yet, sorted by track and time; the collector is empty afterwards."""
        x, y, time, track = (self._column(number, kind) for number, kind in enumerate(_KINDS))
        names = sorted(self._tracks)
        rank = np.empty(len(names), np.int32)
        rank[[self._tracks[name] for name in names]] = np.arange(len(names))
        region = np.full(len(x), NOWHERE, np.int32)
        points = Points(x, y, time, region, rank[track], self._regions, tuple(names), self._crs)
        order = cleaning.order(points.track, points.time)
        return points if order is None else points.take(order)

    def _column(self, number: int, kind: str) -> NDArray[Any]:
        """One column of all points; the parts that it consists of are freed."""
        parts, self._parts[number] = self._parts[number], []
        return np.concatenate([np.zeros(0, kind), *parts])

    def _transform(self, batch: Batch, path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        at = (float(batch.x[0]), float(batch.y[0])) if len(batch.x) else (0.0, 0.0)
        inaccurate = coordinate_operations.fault(batch.crs, self._crs, at)
        if inaccurate:
            raise ValueError(f"{path}: {inaccurate}")
        try:
            return transform(batch.x, batch.y, batch.crs, self._crs)
        except ProjError as error:
            raise ValueError(f"{path}: its coordinate system {batch.crs.name!r} leads to no other: {error}") from error

    def _times(self, batch: Batch, path: Path) -> tuple[times.Times, NDArray[np.bool_]]:
        if batch.time is None:
            return np.full(len(batch.x), "NaT", "datetime64[ms]"), np.zeros(len(batch.x), bool)
        try:
            return times.read(batch.time, self._zone)
        except (ValueError, pa.ArrowException) as error:
            raise ValueError(f"{path}: {error}") from error

    def _codes(self, batch: Batch, name: str) -> NDArray[np.int32]:
        """(N,) number of each point's track, named `<file>/<track>`, or `<file>` where the file names none."""
        if batch.track is None:
            return np.full(len(batch.x), self._tracks.setdefault(name, len(self._tracks)), np.int32)
        coded = batch.track.dictionary_encode("encode")
        tracks = [name if track is None else f"{name}/{track}" for track in coded.dictionary.to_pylist()]
        codes = np.array([self._tracks.setdefault(track, len(self._tracks)) for track in tracks], np.int32)
        return codes[coded.indices.to_numpy(zero_copy_only=False)]


def names(files: Sequence[Path]) -> list[str]:
    """A name a file, no two alike: without folder and suffix, unless that is the name of another one too."""
    stems = [path.stem for path in files]
    if len(set(stems)) == len(stems):
        return stems
    absolute = [path.absolute() for path in files]
    common = os.path.commonpath([path.parent for path in absolute])
    return [path.relative_to(common).as_posix() for path in absolute]


def _usable(x: NDArray[np.float64], y: NDArray[np.float64], batch: Batch) -> NDArray[np.bool_]:
    """(N,) True for coordinates that lie on the Earth."""
    usable = (np.abs(x) < _FARTHEST) & (np.abs(y) < _FARTHEST)  # False for NaN
    if batch.crs.is_geographic:
        degree = np.deg2rad(1) / batch.crs.axis_info[0].unit_conversion_factor
        usable &= (np.abs(batch.x) <= 360 * degree) & (np.abs(batch.y) <= 90 * degree)
    return np.asarray(usable)


def _swapped(batch: Batch, crs: pyproj.CRS, box: NDArray[np.float64]) -> bool | None:
    """Whether no point of a sample lies in the box, but some would with swapped axes; None where there is no point."""
    x, y = batch.x[:_SAMPLE], batch.y[:_SAMPLE]
    if len(x) == 0:
        return None
    return bool(_inside(y, x, batch.crs, crs, box) and not _inside(x, y, batch.crs, crs, box))


def _inside(
    x: NDArray[np.float64], y: NDArray[np.float64], source: pyproj.CRS, target: pyproj.CRS, box: NDArray[np.float64]
) -> bool:
    east, north = transform(x, y, source, target)
    left, bottom, right, top = box
    return bool(((east >= left) & (east <= right) & (north >= bottom) & (north <= top)).any())
