"""Memory from a thousand to a million regions: `python -m bench.regions [JSON] [LARGEST]`.

Outlines of stands of 20 to 70 pixels, none on another, 400 in a row. Each step is a process of its own: reading and
checking the outlines and writing `regions.gpkg`; the index, which scenes of two dates show which regions;
a million GPS points that lie in 200 of the regions, to `gps.parquet` and to masks; cutting, where small scenes of one
band and SCL show the first 16,000 regions and all others are left out; and labels of all stands as masks.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import rasterio
import shapely
from affine import Affine

from bench import memory, tables
from rojsat.geo import masks
from rojsat.geo.cutting import data_set, overpasses
from rojsat.geo.cutting.regions import RegionRows, region_facts
from rojsat.geo.gps import tracks
from rojsat.geo.labels import gps
from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.grid import region_grids
from rojsat.geo.vectors import contradictions, region_files, repeated_outlines

COUNTS = (1_000, 10_000, 100_000, 1_000_000)
ACROSS, CELL, PATCH = 400, 71, 40
"""Regions in a row, pixels between their corners, regions in a row of a scene."""

CRS, EAST, NORTH = "EPSG:32633", 358_000, 7_300_000
PLANES = {"B02": (500, "uint16", (1e-4, 0.0)), "SCL": (4, "uint8", (1.0, 0.0))}
"""Value, type and units of each plane."""

CORNERS = 12
SHOWN = 16_000
"""Regions that scenes show where chips are cut."""

POINTS, WALKED = 1_000_000, 200
"""GPS points, and regions that they lie in."""

LIMIT_BYTES = 2 * 1024**3
"""Of the peak of every step, at a million regions."""

MOST_FILES = 10_000
"""Regions up to which `label` is measured: it writes a file a region, whatever their number."""


def outlines(count: int) -> gpd.GeoDataFrame:
    """Stands of uneven outline, half of them in need: 20 to 70 pixels across, each in its own cell."""
    rng = np.random.default_rng(0)
    row, col = np.divmod(np.arange(count), ACROSS)
    size = rng.uniform(20, 70, (count, 2))
    angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    radius = rng.uniform(0.7, 1, (count, CORNERS)) / 2
    x = EAST + 10 * (col[:, None] * CELL + size[:, :1] * (0.5 + radius * np.cos(angle)))
    y = NORTH - 10 * (row[:, None] * CELL + size[:, 1:] * (0.5 + radius * np.sin(angle)))
    columns = {"region": [str(n) for n in range(count)], "label": np.where(np.arange(count) % 2, "need", "clear")}
    return gpd.GeoDataFrame(columns, geometry=shapely.polygons(np.stack([x, y], -1)), crs=CRS)


def scenes(count: int, dates: int, folder: Path) -> list[catalog.Scene]:
    """Scenes of 40 by 40 regions that show the first `count` of them, without files."""
    side = PATCH * CELL
    series = []
    for number in range(dates * -(-count // (ACROSS * PATCH)) * (ACROSS // PATCH)):
        date, patch = number % dates, number // dates
        down, across = divmod(patch, ACROSS // PATCH)
        transform = Affine(10, 0, EAST + 10 * side * across, 0, -10, NORTH - 10 * side * down)
        assets = {
            name: catalog.Asset(str(folder / f"{number}_{name}.tif"), (side, side), transform, dtype, 0, *units)
            for name, (_, dtype, units) in PLANES.items()
        }
        day = pd.Timestamp("2019-07-01T10:30", tz="UTC") + pd.Timedelta(5 * date, "D")
        series.append(catalog.Scene(f"s{number:04d}", day, 65, CRS, assets))
    return series


def write_rasters(series: list[catalog.Scene]) -> None:
    """The files of scenes, each plane of one value."""
    for scene in series:
        for name, (value, dtype, _) in PLANES.items():
            asset = scene.assets[name]
            size = {"height": asset.shape[0], "width": asset.shape[1], "count": 1, "dtype": dtype, "nodata": 0}
            layout = {"driver": "GTiff", "tiled": True, "compress": "DEFLATE", "crs": CRS, "transform": asset.transform}
            with rasterio.open(asset.href, "w", **layout, **size) as raster:
                raster.write(np.full((1, *asset.shape), value, dtype))


def build(folder: Path, count: int) -> None:
    """Write what the steps read: outlines, scenes, GPS points."""
    frame = outlines(count)
    frame.to_file(folder / "outlines.gpkg", driver="GPKG")
    (folder / "scenes").mkdir()
    series = scenes(min(count, SHOWN), 1, folder / "scenes")
    write_rasters(series)
    catalog.write(folder / "raw", series, description="a benchmark")
    rng, middles = np.random.default_rng(2), shapely.centroid(frame.geometry.to_numpy()[:WALKED])
    at = np.repeat(shapely.get_coordinates(middles), POINTS // WALKED, axis=0) + rng.normal(0, 40, (POINTS, 2))
    seconds = np.tile(5 * np.arange(POINTS // WALKED), WALKED).astype("timedelta64[s]")
    stamps = (np.datetime64("2019-08-01T06:00:00") + seconds).astype(str)
    names = np.repeat([f"w{number}" for number in range(WALKED)], POINTS // WALKED)
    points = pa.table({"x": at[:, 0], "y": at[:, 1], "time": stamps, "track": names})
    pyarrow.csv.write_csv(points, folder / "points.csv")


def read(folder: Path) -> int:
    """Read, check and write the outlines, as the stage `raw` does."""
    regions = region_files.read_regions(folder / "outlines.gpkg", role="stand", crs=CRS)
    contradictions.check(contradictions.find(regions))
    repeated_outlines.find(regions)
    region_files.write_regions(regions, folder / "raw" / "regions.gpkg")
    return len(regions)


def index(folder: Path) -> int:
    """Find the grid of every region and the scenes that show it; the number of visits."""
    table = region_files.load_regions(folder / "raw" / "regions.gpkg")
    series = scenes(len(table), 2, folder)
    rows = RegionRows(table, region_grids(series, table))
    return sum(len(visits) for visits in overpasses.plan(series, rows, region_facts(rows)))


def cut(folder: Path) -> int:
    """Cut all chips, without masks."""
    (folder / "unlabelled").mkdir()
    masks.write(folder / "raw", folder / "unlabelled", source="unlabelled")
    with tempfile.TemporaryDirectory(dir=folder) as store:
        data_set.write(folder / "raw", folder / "unlabelled", Path(store), recipe={}, workers=1)
        return int(pq.read_metadata(Path(store) / "index.parquet").num_rows)


def label(folder: Path) -> int:
    """Rasterise the labels of all stands, a file each, and check them as cutting does."""
    (folder / "masks").mkdir()
    masks.write(folder / "raw", folder / "masks", source="polygons")
    return len(masks.read(folder / "masks").stored)


def walk(folder: Path) -> int:
    """Read and clean the GPS points among clearing objects, and make their masks; the number of these."""
    regions = region_files.load_regions(folder / "raw" / "regions.gpkg").assign(role="clearing")
    series = catalog.read(folder / "raw")
    points = tracks.read_tracks([folder / "points.csv"], crs=CRS, regions=regions, csv_crs=CRS)
    tracks.write_tracks(points, folder / "gps.parquet")
    return len(gps.masks(folder, regions, region_grids(series, regions)).masks)


STEPS: dict[str, Callable[[Path], int]] = {"read": read, "index": index, "walk": walk, "cut": cut, "label": label}


def step(name: str, folder: Path) -> None:
    """One step in this process; prints what it counted, processor seconds and bytes as JSON."""
    before, start = memory.peak(), time.process_time()
    count = STEPS[name](folder)
    facts = {"count": count, "processor_seconds": time.process_time() - start}
    print(json.dumps(facts | {"bytes_before": before, "bytes": memory.peak()}))


def measure(count: int) -> list[dict[str, Any]]:
    """All steps with so many regions, each in a process of its own."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder, count)
        for of_step in STEPS:
            if of_step == "label" and count > MOST_FILES:
                continue
            command = [sys.executable, "-m", "bench.regions", "--step", of_step, name]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            rows.append({"regions": count, "step": of_step} | json.loads(done.stdout.splitlines()[-1]))
            print(rows[-1], flush=True)
    return rows


def main(path: Path, largest: int = COUNTS[-1]) -> None:
    """Measure all numbers of regions, print the table, write the JSON; fails above the limit."""
    measured = [row for count in COUNTS if count <= largest for row in measure(count)]
    rows = [
        {
            "step": row["step"],
            "regions": row["regions"],
            "peak GiB": row["bytes"] / 1024**3,
            "bytes a region": (row["bytes"] - row["bytes_before"]) / row["regions"],
            "processor ms a region": 1000 * row["processor_seconds"] / row["regions"],
        }
        for row in sorted(measured, key=lambda row: ([*STEPS].index(row["step"]), row["regions"]))
    ]
    tables.show("Memory with the number of regions", rows)
    tables.write(path, {"limit GiB": LIMIT_BYTES / 1024**3, "rows": rows})
    above = [row for row in measured if row["bytes"] > LIMIT_BYTES]
    if above:
        sys.exit(f"above {LIMIT_BYTES} bytes: {above}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        step(sys.argv[2], Path(sys.argv[3]))
    else:
        target = Path(sys.argv[1] if len(sys.argv) > 1 else "reports/bench/regions.json")
        main(target, int(sys.argv[2]) if len(sys.argv) > 2 else COUNTS[-1])
