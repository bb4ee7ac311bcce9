"""Tables that one process reads or writes, as a data set grows: `python -m bench.index_growth [JSON]`.

The index of a chip store: joining the notes of all scenes at the end of cutting (`finish`), and opening it, which
every training and every worker does, each in a process of its own. Chips have 4 x 4 pixels of one band: what they show
is not measured. And the catalogue of scenes, written and read as `raw` and every cutting do. `one_tile_s` is the same
index in a file a tile, of which one is read.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from affine import Affine

from bench import memory, tables
from rojsat.chips import writer
from rojsat.chips.bands import BOA, RESOLUTION
from rojsat.chips.cut import Cut
from rojsat.chips.reader import CHUNK, Chips
from rojsat.chips.writer import Layout
from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.catalog import Asset, Scene

CHIPS = (1_000, 10_000, 100_000)
SCENES = (100, 1_000)
SIDE, DATES, TILES = 4, 146, 70
"""Pixels of a chip's side, dates of a region (two years, every five days), parts of the partitioned index."""

PIECE = 100 * CHUNK
"""Chips of a scene."""


def cuts(first: int, last: int) -> Iterator[Cut]:
    """Some chips of a store."""
    for number in range(first, last):
        arrays = {"boa": np.full((1, SIDE, SIDE), 500, np.uint16)}
        arrays["boa"][0, 0, :2] = 1 + number % 60_000, 1 + number // 60_000  # no two have one hash
        region, date = divmod(number, DATES)
        day = pd.Timestamp("2022-01-01", tz="UTC") + pd.Timedelta(5 * date, "D")
        transform = (10.0, 0.0, 500_000.0 + 300 * region, 0.0, -10.0, 6_400_000.0)
        label = "need" if region % 2 else "clear"
        yield Cut(f"r{region:06}", "stand", label, day, 65, "EPSG:32633", transform, arrays)


def join(folder: Path, count: int) -> dict[str, float]:
    """Fill a store scene by scene, then join its notes: seconds and memory of the latter."""
    layouts = {"stand": Layout((SIDE, SIDE), count, BOA[:1])}
    writer.create(folder, layouts)
    for first in range(0, count, PIECE):
        writer.fill(folder, f"{first:08}", cuts(first, min(first + PIECE, count)), {"stand": first})
    facts = {"shape": [SIDE, SIDE], "transform": [10.0, 0.0, 5e5, 0.0, -10.0, 6.4e6], "crs": "EPSG:32633"}
    regions = {f"r{number:06}": facts for number in range(-(-count // DATES))}
    before, start = memory.peak(), time.perf_counter()
    cpu = time.process_time()
    writer.finish(folder, layouts=layouts, masks={}, regions=regions, recipe={})
    return {
        "chips": count,
        "join_s": time.perf_counter() - start,
        "join_cpu_s": time.process_time() - cpu,
        "join_mib": (memory.peak() - before) / 2**20,
        "bytes_a_chip": (folder / "index.parquet").stat().st_size / count,
    }


def load(folder: Path, _: int) -> dict[str, float]:
    """Open the store: seconds and memory; then one tile of the same index in a file a tile."""
    before, start = memory.peak(), time.perf_counter()
    cpu = time.process_time()
    index = Chips(folder).index
    opened = {
        "open_s": time.perf_counter() - start,
        "open_cpu_s": time.process_time() - cpu,
        "open_mib": (memory.peak() - before) / 2**20,
    }
    parts = folder / "parts"
    tile = index["region"].str[1:].astype(int) % TILES
    for number in range(TILES):
        (parts / f"tile={number}").mkdir(parents=True)
        index[tile == number].to_parquet(parts / f"tile={number}" / "index.parquet", index=False)
    start = time.perf_counter()
    pq.read_table(parts / "tile=7" / "index.parquet").to_pandas()
    return opened | {"one_tile_s": time.perf_counter() - start}


def scenes(count: int) -> Iterator[Scene]:
    """Scenes of twelve bands, SCL and TCI, at 10,980 x 10,980 pixels of 10 m."""
    for number in range(count):
        day, assets = pd.Timestamp("2022-01-01", tz="UTC") + pd.Timedelta(number, "h"), {}
        for name in (*BOA, "SCL", "TCI"):
            step = RESOLUTION[name]
            transform, side = Affine(step, 0, 499_980, 0, -step, 6_500_040), 109_800 // step
            kind = "uint8" if name in ("SCL", "TCI") else "uint16"
            assets[name] = Asset(f"/archive/{number}/{name}.jp2", (side, side), transform, kind, 0, 1e-4, -0.1)
        yield Scene(f"s{number:06}", day, 65, "EPSG:32633", assets)


def describe(folder: Path, count: int) -> dict[str, float]:
    """Write and read a catalogue of so many scenes."""
    start, cpu = time.perf_counter(), time.process_time()
    catalog.write(folder / "raw", scenes(count), description="a benchmark")
    written, written_cpu = time.perf_counter() - start, time.process_time() - cpu
    start, cpu, before = time.perf_counter(), time.process_time(), memory.peak()
    catalog.read(folder / "raw")
    return {
        "scenes": count,
        "write_ms_a_scene": 1e3 * written / count,
        "write_cpu_ms": 1e3 * written_cpu / count,
        "read_ms_a_scene": 1e3 * (time.perf_counter() - start) / count,
        "read_cpu_ms": 1e3 * (time.process_time() - cpu) / count,
        "read_mib": (memory.peak() - before) / 2**20,
    }


WAYS: dict[str, Callable[[Path, int], dict[str, float]]] = {"join": join, "load": load, "describe": describe}


def measure(way: str, folder: Path, count: int) -> dict[str, Any]:
    """One way in a process of its own."""
    words = [sys.executable, "-m", "bench.index_growth", way, str(folder), str(count)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(path: Path) -> None:
    """Measure all sizes, print the tables, write the JSON."""
    with tempfile.TemporaryDirectory() as name:
        stores = [Path(name) / str(count) for count in CHIPS]
        index_rows = [
            measure("join", store, count) | measure("load", store, count)
            for store, count in zip(stores, CHIPS, strict=True)
        ]
        scene_rows = [measure("describe", Path(name) / f"scenes{count}", count) for count in SCENES]
    tables.show("the index of a chip store", index_rows)
    tables.show("the catalogue of scenes", scene_rows)
    tables.write(path, {"index": index_rows, "catalogue": scene_rows})


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] in WAYS:
        print(json.dumps(WAYS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))))
    else:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else "reports/bench/index_growth.json"))
