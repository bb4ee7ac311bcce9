"""Ten million GPS points to masks: `python -m bench.gps_points [JSON]`.

Makes tracks of workers over 200 clearing objects in an area of 68 by 53 km (the study's tile), as GeoParquet and as
CSV, in longitude and latitude. Times, each in a process of its own, reading and cleaning to `gps.parquet`, then the
masks by each measure; the peak of resident memory is that of the process.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pyproj
from affine import Affine
from odc.geo import geom
from odc.geo.geobox import GeoBox
from shapely.geometry import box

from bench import memory, tables
from rojsat.geo.degrees import UNKNOWN
from rojsat.geo.gps import tracks, wkb
from rojsat.geo.gps.points import transform
from rojsat.geo.labels import gps
from rojsat.geo.scenes.cog import write_cog
from rojsat.geo.vectors import region_files

CRS = "EPSG:32633"
POINTS, REGIONS, TRACKS = 10_000_000, 200, 2000
EAST, NORTH = 500_000.0, 6_400_000.0
SIDES = (670, 700)
"""Metres: the largest clearing object of Svensson (2020), 67 by 70 pixels."""

LIMIT_SECONDS, LIMIT_BYTES = 60.0, 2 * 1024**3


def corners() -> np.ndarray:
    """South-west corners of the clearing objects, (REGIONS, 2) metres, none above another."""
    cells = np.random.default_rng(0).permutation(60 * 70)[:REGIONS]
    return np.stack([EAST + 1000 * (cells % 60), NORTH + 740 * (cells // 60)], 1)


def make(folder: Path) -> None:
    """Write `regions.gpkg`, and the same points as `points.parquet` and `points.csv`."""
    boxes = [box(x, y, x + SIDES[1], y + SIDES[0]) for x, y in corners()]
    columns = {"region": [str(n) for n in range(REGIONS)], "role": "clearing", "label": None, "cleared": None}
    region_files.write_regions(gpd.GeoDataFrame(columns, geometry=boxes, crs=CRS), folder / "regions.gpkg")
    geo = {"encoding": "WKB", "geometry_types": ["Point"], "crs": pyproj.CRS("EPSG:4326").to_json_dict()}
    metadata = {"geo": json.dumps({"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": geo}})}
    kinds = {"time": pa.timestamp("ms", "UTC"), "track": pa.string(), "geometry": pa.binary()}
    plain = pa.schema({"lon": pa.float64(), "lat": pa.float64(), "time": pa.string(), "track": pa.string()})
    with (
        pq.ParquetWriter(folder / "points.parquet", pa.schema(kinds, metadata)) as parquet,
        pyarrow.csv.CSVWriter(folder / "points.csv", plain) as text,
    ):
        for number in range(20):
            lon, lat, stamps, names = walk(number)
            table = pa.table([stamps, names, wkb.encode(lon, lat)], schema=pa.schema(kinds, metadata))
            parquet.write_table(table)
            words = stamps.cast(pa.timestamp("s", "UTC")).cast(pa.string())
            text.write_table(pa.table([lon, lat, words, names], schema=plain))


def walk(number: int) -> tuple[Any, Any, pa.Array, pa.Array]:
    """A twentieth of the points: each track walks to and fro in one object, a fix every 5 s, some metres off."""
    rng, size = np.random.default_rng(number + 1), POINTS // TRACKS
    x, y, seconds, names = [], [], [], []
    for track in range(number * TRACKS // 20, (number + 1) * TRACKS // 20):
        left, bottom = corners()[track % REGIONS]
        along, speed = np.cumsum(rng.uniform(0, 3, size)), rng.uniform(0.01, 0.05)
        x.append(left + np.abs((along + 1000 * rng.random()) % (2 * SIDES[1]) - SIDES[1]) + rng.normal(0, 2, size))
        y.append(bottom + np.abs((speed * along) % (2 * SIDES[0]) - SIDES[0]) + rng.normal(0, 2, size))
        seconds.append(5 * np.arange(size) + 86400 * (track // REGIONS))
        names.append(np.repeat(f"w{track}", size))
    degrees = transform(np.concatenate(x), np.concatenate(y), pyproj.CRS(CRS), pyproj.CRS("EPSG:4326"))
    stamps = np.datetime64("2019-08-01T06:00:00.000") + np.concatenate(seconds) * np.timedelta64(1000, "ms")
    return *degrees, pa.array(stamps).cast(pa.timestamp("ms", "UTC")), pa.array(np.concatenate(names), pa.string())


def read(folder: Path, name: str) -> dict[str, Any]:
    """Read and clean one file of points to `gps.parquet`; what was counted."""
    regions = region_files.load_regions(folder / "regions.gpkg")
    points = tracks.read_tracks([folder / name], crs=CRS, regions=regions)
    tracks.write_tracks(points, folder / "gps.parquet")
    return dict(points.facts)


def heat(folder: Path, name: str) -> dict[str, Any]:
    """Masks of all clearing objects by one measure, written as `rojsat.geo.masks` writes them; what was counted."""
    regions = region_files.load_regions(folder / "regions.gpkg")
    frame = GeoBox((5300, 6800), Affine(10, 0, EAST, 0, -10, NORTH + 53_000), CRS)
    grids = {row.region: frame.enclosing(geom.box(*row.geometry.bounds, CRS)) for row in regions.itertuples()}
    result = gps.masks(folder, regions, grids, heat=name)
    for region, degree in result.masks.items():
        georeference = {"transform": grids[region].affine, "crs": CRS, "nodata": UNKNOWN}
        write_cog(folder / name / f"{region}.tif", degree, **georeference, descriptions=["degree"])
    return {"masks": len(result.masks), "threshold": result.facts["threshold"]}


STEPS = {"read": read, "heat": heat}


def step(kind: str, folder: str, name: str) -> None:
    """One step in this process; prints seconds, bytes and counts as JSON."""
    start = time.perf_counter()
    counts = STEPS[kind](Path(folder), name)
    peak = memory.peak()
    print(json.dumps({"seconds": time.perf_counter() - start, "bytes": peak, "counts": counts}))


def apart(kind: str, folder: Path, name: str) -> dict[str, Any]:
    """One step in a process of its own."""
    command = [sys.executable, "-m", "bench.gps_points", "--step", kind, str(folder), name]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    cost = json.loads(done.stdout.splitlines()[-1])
    size = (folder / (name if kind == "read" else "gps.parquet")).stat().st_size
    row = {"step": f"{kind} {name}", "file MB": size / 1e6, "seconds": cost["seconds"]}
    return row | {"peak GiB": cost["bytes"] / 1024**3, "counts": cost["counts"]}


def main(path: Path | None = None) -> None:
    """Measure all steps, print the table, write the JSON; fails above the limits."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder)
        reading = [apart("read", folder, name) for name in ("points.csv", "points.parquet")]
        heating = [apart("heat", folder, name) for name in ("counts", "seconds", "density")]
    rows = reading + heating
    tables.show(f"{POINTS:,} GPS points in {REGIONS} clearing objects", rows)
    longest = max(row["seconds"] for row in reading) + max(row["seconds"] for row in heating)
    peak = max(row["peak GiB"] for row in rows)
    limits = {"seconds": LIMIT_SECONDS, "peak GiB": LIMIT_BYTES / 1024**3}
    if path is not None:
        tables.write(path, {"points": POINTS, "regions": REGIONS, "limit": limits, "rows": rows})
    if longest > limits["seconds"] or peak > limits["peak GiB"]:
        sys.exit(f"files to masks take {longest:.0f} s and {peak:.2f} GiB; the limits are {limits}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        step(*sys.argv[2:5])
    else:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
