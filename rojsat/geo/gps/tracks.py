"""GPS tracks of workers: read from any format, cleaned, assigned to clearing objects, kept as GeoParquet."""

import json
import logging
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
from numpy.typing import NDArray

from rojsat.chips import roles
from rojsat.geo.gps import cleaning, copies, times, track_layers, wkb
from rojsat.geo.gps.collecting import Collector, names
from rojsat.geo.gps.points import NOWHERE, STEP, Points

log = logging.getLogger(__name__)

COLUMNS = ["time", "region", "track", "geometry"]
"""Columns of `gps.parquet`, in order."""

FACTS = b"rojsat"
"""Key of the file's metadata under which the counts of reading and cleaning stand, as JSON."""

PRECISION, PRECISION_DEGREES = 0.01, 1e-7
"""Positions nearer than this, metres or degrees (1 cm both), are the same."""

_CHOICES = {"impossible": ("untimed", "drop"), "repeated": ("drop", "keep"), "outside": ("drop", "keep")}


def read_tracks(
    paths: Iterable[Path | str],
    *,
    crs: Any,
    regions: gpd.GeoDataFrame,
    zone: str = "UTC",
    csv_crs: str | None = None,
    earliest: str = "1980-01-06",
    latest: str = "2038-01-19",
    impossible: Literal["untimed", "drop"] = "untimed",
    repeated: Literal["drop", "keep"] = "drop",
    max_speed: float | None = 7.0,
    outside: Literal["drop", "keep"] = "drop",
) -> Points:
    """Read points of GPS tracks, leave out those that cannot be used, and assign each to its clearing object.

    Args:
        paths: files as `files.batches` reads them; the result holds the points of all. The column `track` names a
            file's tracks; without it those of a GPX file are its own, and any other file is one track.
        crs: coordinate system of the result.
        regions: regions as `vectors.read_regions` gives them; only those with role `clearing` take points,
            the first by id where two overlap.
        zone: IANA name of the zone of times that state none.
        csv_crs: coordinate system of columns x and y of CSV files; columns lon and lat are WGS 84.
        earliest: a time before it is impossible; GPS time begins on 1980-01-06.
        latest: a time after it is impossible; clocks that count seconds in 32 bits overflow on 2038-01-19.
        impossible: whether a point with an impossible or unreadable time stays as one without time, or goes.
        repeated: whether a point with the time and position (to 1 cm) of another goes, and a track that is a copy of
            another: exported again, rounded or without times. The log names it, and tracks that may be such. Single
            points without time stay.
        max_speed: metres a second; a point that was both reached and left faster goes. 7 (25 km/h) is faster than
            anybody works or runs, and slower than a car on a forest road. None: none goes.
        outside: whether a point outside every clearing object goes.

    Returns:
        The points that stay. `facts` count `files` and `points` read; the points left out, each under the first reason
        of `unplaced` (no usable coordinates), `repeated`, `copied` (where there are any), `fast`, `outside`;
        `impossible` times, whether or not their points stay; and of the `kept` points those that are `untimed`.

    Raises:
        ValueError: if an option is wrong, a file cannot be read or has swapped axes, or no point is left.
    """
    _choose(impossible=impossible, repeated=repeated, outside=outside)
    if max_speed is not None and not max_speed > 0:
        raise ValueError(f"max_speed is {max_speed!r}; it must be above 0 metres a second, or null for no limit")
    times.check_zone(zone)
    first, last = times.moment(earliest, "earliest"), times.moment(latest, "latest")
    target = pyproj.CRS.from_user_input(crs)
    clearing = (
        regions.loc[regions["role"] == roles.CLEARING, ["region", "geometry"]].to_crs(target).sort_values("region")
    )
    if len(clearing) == 0:
        raise ValueError("GPS points need regions of role clearing to lie in, and there is none")
    files = list(dict.fromkeys(Path(path) for path in paths))
    collector = Collector(target, clearing, zone=zone, csv_crs=csv_crs)
    for path, name in zip(files, names(files), strict=True):
        collector.add(path, name, first, last, drop=impossible == "drop")
    points, facts = collector.points(), collector.facts
    if len(points) == 0:
        described = ", ".join(map(track_layers.described, files[:5]))
        counts = ", ".join(f"{number} {name}" for name, number in facts.items())
        raise ValueError(
            f"no track point in {len(files)} files: {described}; {counts}. Give files of ways that a device recorded"
        )
    points, facts["repeated"] = _once(points) if repeated == "drop" else (points, 0)
    points, copied = _originals(points, clearing) if repeated == "drop" else (points, 0)
    if copied:
        facts["copied"] = copied
    points, facts["fast"] = _slow(points, max_speed) if max_speed is not None else (points, 0)
    points, facts["outside"] = _assign(points, clearing, drop=outside == "drop")
    facts |= {"untimed": int(np.isnat(points.time).sum()), "kept": len(points)}
    log.info("GPS: %s", ", ".join(f"{number} {name}" for name, number in facts.items()))
    return replace(points, facts=facts)


def write_tracks(points: Points, path: Path) -> None:
    """Write points as GeoParquet (WKB) that geopandas and QGIS open; the file appears complete or not at all."""
    geometry = {"encoding": "WKB", "geometry_types": ["Point"], "crs": points.crs.to_json_dict()}
    if len(points):
        geometry["bbox"] = list(points.bounds)
    geo = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": geometry}}
    kinds = [pa.timestamp("ms", "UTC"), pa.string(), pa.string(), pa.binary()]
    metadata = {b"geo": json.dumps(geo).encode(), FACTS: json.dumps(dict(points.facts)).encode()}
    schema = pa.schema(zip(COLUMNS, kinds, strict=True), metadata)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with pq.ParquetWriter(beside, schema) as file:
            for start in range(0, len(points), STEP):
                part = slice(start, start + STEP)
                file.write_table(pa.table(_columns(points, part), schema=schema))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def load_tracks(path: Path) -> Points:
    """Read what `write_tracks` wrote.

    Raises:
        ValueError: if the file does not exist or is not such a file.
    """
    if not path.exists():
        raise ValueError(
            f"{path} does not exist: the data set has no GPS tracks to make masks from; "
            "name their files in data.gps.files, or choose other labels (data.labels.source)"
        )
    try:
        return _load(path)
    except (OSError, KeyError, ValueError, TypeError, pa.ArrowException) as error:
        command = f"python -m rojsat.stages.raw data={path.parent.name}"
        raise ValueError(f"{path} cannot be read ({error}); delete {path.parent}, then run `{command}`") from error


def _choose(**chosen: str) -> None:
    for option, value in chosen.items():
        if value not in _CHOICES[option]:
            raise ValueError(f"{option} is {value!r}; it may be {' or '.join(map(repr, _CHOICES[option]))}")


def _once(points: Points) -> tuple[Points, int]:
    precision = PRECISION_DEGREES if points.crs.is_geographic else PRECISION
    repeated = cleaning.repeated(points.x, points.y, points.time, precision)
    return _without(points, repeated)


def _originals(points: Points, clearing: gpd.GeoDataFrame) -> tuple[Points, int]:
    """The points without tracks that are copies of others."""
    metric = clearing.estimate_utm_crs() if points.crs.is_geographic else points.crs
    copied, doubts = copies.of(points, metric)
    for copy, original in copied:
        log.warning(
            "GPS: track %r is the same work as %r, so it is left out (data.gps.options.repeated=keep keeps both)",
            *(points.tracks[copy], points.tracks[original]),
        )
    for doubt in doubts:
        log.warning(
            "GPS: track %r may be the same work as %r: %s; if so, leave it out, for it counts twice",
            *(points.tracks[doubt.track], points.tracks[doubt.other], doubt.why),
        )
    return _without(points, np.isin(points.track, [copy for copy, _ in copied]))


def _slow(points: Points, max_speed: float) -> tuple[Points, int]:
    quick = cleaning.fast(points.x, points.y, points.time, points.track, crs=points.crs, max_speed=max_speed)
    return _without(points, quick)


def _assign(points: Points, clearing: gpd.GeoDataFrame, *, drop: bool) -> tuple[Points, int]:
    """The points with their regions.

    Raises:
        ValueError: if none lies in any.
    """
    assigned = replace(points, region=cleaning.assign(points.x, points.y, clearing))
    lost = assigned.region == NOWHERE
    if lost.all():
        raise ValueError(
            f"none of {len(points)} GPS points lies in a clearing object: they lie within {_box(clearing)}, "
            f"the points within {_box(points)} (west, south, east, north in {points.crs.name}); "
            "check the files and their CRS"
        )
    return _without(assigned, lost) if drop else (assigned, int(lost.sum()))


def _box(of: Points | gpd.GeoDataFrame) -> str:
    bounds = of.bounds if isinstance(of, Points) else of.total_bounds
    return ", ".join(f"{number:.9g}" for number in bounds)


def _without(points: Points, lost: NDArray[np.bool_]) -> tuple[Points, int]:
    number = int(lost.sum())
    return (points.take(~lost) if number else points), number


def _columns(points: Points, part: slice) -> dict[str, pa.Array]:
    number, known = points.region[part], points.region[part] >= 0
    region = pa.DictionaryArray.from_arrays(pa.array(number, mask=~known), pa.array(points.regions, pa.string()))
    track = pa.DictionaryArray.from_arrays(pa.array(points.track[part]), pa.array(points.tracks, pa.string()))
    return {
        "time": pa.array(points.time[part]).cast(pa.timestamp("ms", "UTC")),
        "region": region.cast(pa.string()),
        "track": track.cast(pa.string()),
        "geometry": wkb.encode(points.x[part], points.y[part]),
    }


def _load(path: Path) -> Points:
    with pq.ParquetFile(path, read_dictionary=["region", "track"]) as file:
        metadata = file.schema_arrow.metadata or {}
        if FACTS not in metadata:
            raise ValueError("another program, or another version of rojsat, wrote it")
        crs = pyproj.CRS.from_json_dict(json.loads(metadata[b"geo"])["columns"]["geometry"]["crs"])
        size = file.metadata.num_rows
        x, y, time = np.empty(size), np.empty(size), np.empty(size, "datetime64[ms]")
        codes = {name: np.empty(size, np.int32) for name in ("region", "track")}
        known: dict[str, dict[str, int]] = {"region": {}, "track": {}}
        start = 0
        for batch in file.iter_batches(STEP, columns=COLUMNS):
            part = slice(start, start := start + batch.num_rows)
            x[part], y[part], *_ = wkb.decode(batch.column("geometry"))
            time[part] = batch.column("time").cast(pa.timestamp("ms")).to_numpy(zero_copy_only=False)
            for name, numbers in codes.items():
                numbers[part] = _codes(batch.column(name), known[name])
    regions, tracks, facts = tuple(known["region"]), tuple(known["track"]), json.loads(metadata[FACTS])
    return Points(x, y, time, codes["region"], codes["track"], regions, tracks, crs, facts)


def _codes(column: pa.DictionaryArray, known: dict[str, int]) -> NDArray[np.int32]:
    """(N,) numbers of the names in `known`, to which new names are added; -1 where there is none."""
    numbers = [known.setdefault(name, len(known)) for name in column.dictionary.to_pylist()]
    rows = column.indices.fill_null(len(numbers)).to_numpy(zero_copy_only=False)
    return np.array([*numbers, NOWHERE], np.int32)[rows]
