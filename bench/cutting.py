"""Cutting chips beside other ways to do it: `python -m bench.cutting [JSON]`.

A series of 6,800 x 5,300 pixels (the area of Svensson 2020), 12 dates, 1,000 regions of 20 to 70 pixels: tiled GeoTIFFs
of twelve bands, SCL and TCI, DEFLATE in blocks of 512 pixels. All dates are links to one set of files: decoding costs
the same, the disk less. Beside rojsat, which also writes the chip store, stand: opening and reading the full bands of
every region and date, then cropping (the study's way); one `odc.stac.load` a region, all dates at once; TorchGeo's
`RasterDataset`, one query a region and date; and merely decoding the blocks that regions touch, once. The slow ones are
measured on a sample. Every measurement is a process of its own; the files are in the page cache for all.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.enums import Resampling
from rasterio.windows import Window
from scipy.ndimage import zoom
from shapely.geometry import box

from bench import memory, tables
from rojsat.chips.bands import BOA, RESOLUTION
from rojsat.chips.reader import Chips
from rojsat.geo import masks
from rojsat.geo.cutting import data_set
from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.grid import region_grids
from rojsat.geo.scenes.resampling import find_window
from rojsat.geo.vectors import region_files

HEIGHT, WIDTH, DATES, REGIONS, BLOCK = 5300, 6800, 12, 1000, 512
CRS, EAST, NORTH = "EPSG:32633", 500040, 6500040
NAMES = (*BOA, "SCL", "TCI")
WORKERS = 2
MANY, FEW = 10_000, 2
"""Regions and dates of a second run: memory must not grow with the regions."""


def plane(name: str, rng: np.random.Generator, size: tuple[int, int] = (HEIGHT, WIDTH)) -> NDArray[Any]:
    """Smooth ground with noise: it compresses about as well as an image."""
    step = RESOLUTION[name] // 10
    height, width = size[0] // step // 6 * 6 if step == 6 else size[0] // step, size[1] // step
    coarse = rng.random((height // 20 + 2, width // 20 + 2))
    smooth = zoom(coarse, 20, order=1)[:height, :width]
    if name == "SCL":
        return np.where(smooth < 0.1, 9, 4).astype(np.uint8)[None]
    noise = rng.normal(0, 1, smooth.shape)
    if name == "TCI":
        return np.stack([(20 + 150 * smooth + 3 * noise).clip(1, 255)] * 3).astype(np.uint8)
    return (500 + 3000 * smooth + 30 * noise).astype(np.uint16)[None]


def build(folder: Path) -> None:
    """Write the series as a raw data set, with its regions and no masks."""
    rng = np.random.default_rng(0)
    (folder / "files").mkdir(parents=True)
    for name in NAMES:
        array, step = plane(name, rng), RESOLUTION[name]
        profile = {"driver": "GTiff", "count": len(array), "height": array.shape[1], "width": array.shape[2]}
        tiles = {"tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "compress": "DEFLATE", "predictor": 2}
        georeference = {"transform": Affine(step, 0, EAST, 0, -step, NORTH), "crs": CRS, "nodata": 0}
        path = folder / "files" / f"{name}.tif"
        with rasterio.open(path, "w", dtype=array.dtype, **profile, **tiles, **georeference) as raster:
            raster.write(array)
    series = [_scene(folder, number) for number in range(DATES)]
    _deliver(folder, series, REGIONS)
    _deliver(folder / "many", series[:FEW], MANY)


def _deliver(folder: Path, series: list[catalog.Scene], count: int) -> None:
    """The raw data set of some scenes and so many regions, and no masks."""
    rng = np.random.default_rng(1)
    catalog.write(folder / "raw", series, description="a benchmark")
    sizes = rng.integers(20, 71, (count, 2))
    left, top = rng.integers(0, WIDTH - 80, count), rng.integers(0, HEIGHT - 80, count)
    boxes = [
        box(EAST + 10 * c, NORTH - 10 * (r + h), EAST + 10 * (c + w), NORTH - 10 * r)
        for (h, w), r, c in zip(sizes, top, left, strict=True)
    ]
    columns = {"region": [str(n) for n in range(count)], "role": "control", "label": None, "cleared": None}
    region_files.write_regions(gpd.GeoDataFrame(columns, geometry=boxes, crs=CRS), folder / "raw" / "regions.gpkg")
    (folder / "masks").mkdir()
    masks.write(folder / "raw", folder / "masks", source="unlabelled")


def _scene(folder: Path, number: int) -> catalog.Scene:
    day = pd.Timestamp("2019-07-01T10:30", tz="UTC") + pd.Timedelta(5 * number, "D")
    home = folder / "dates" / f"{day:%Y%m%d}"
    home.mkdir(parents=True)
    assets = {}
    for name in NAMES:
        path = home / f"T33VWF_{day:%Y%m%d}_{name}.tif"
        path.symlink_to(folder / "files" / f"{name}.tif")
        with rasterio.open(path) as raster:
            plain = name in ("SCL", "TCI")
            units = (1.0, 0.0) if plain else (1e-4, 0.0)
            assets[name] = catalog.Asset(str(path), raster.shape, raster.transform, raster.dtypes[0], 0, *units)
    return catalog.Scene(f"d{number:02d}", day, 65, CRS, assets)


def world(folder: Path) -> tuple[list[catalog.Scene], Mapping[str, GeoBox]]:
    """Scenes, and the grids of the regions."""
    scenes = catalog.read(folder / "raw")
    return scenes, region_grids(scenes, region_files.load_regions(folder / "raw" / "regions.gpkg"))


def rojsat(folder: Path) -> int:
    """All chips into a chip store."""
    with tempfile.TemporaryDirectory(dir=folder) as store:
        data_set.write(folder / "raw", folder / "masks", Path(store), recipe={}, max_cloud=1.0, workers=WORKERS)
        return len(Chips(store).index)


def rojsat_many(folder: Path) -> int:
    """Ten times the regions, on fewer dates."""
    return rojsat(folder / "many")


def decoding(folder: Path) -> int:
    """The blocks that regions touch, each decoded once and thrown away; the chips that are in them."""
    scenes, grids = world(folder)

    def decode(scene: catalog.Scene) -> None:
        for name in NAMES:
            step = RESOLUTION[name] // 10
            with rasterio.open(scene.assets[name].href) as raster:
                side, _ = raster.block_shapes[0]
                for row, col in sorted(_touched(grids, scene.grid, side * step)):
                    height, width = min(side, raster.height - row * side), min(side, raster.width - col * side)
                    if height > 0 and width > 0:
                        raster.read(window=Window(col * side, row * side, width, height))

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(decode, scenes))
    return len(scenes) * len(grids)


def _touched(grids: Mapping[str, GeoBox], scene: GeoBox, block: int) -> set[tuple[int, int]]:
    cells = set()
    for grid in grids.values():
        rows, cols = scene.overlap_roi(grid)
        for row in range(rows.start // block, (rows.stop - 1) // block + 1):
            cells |= {(row, col) for col in range(cols.start // block, (cols.stop - 1) // block + 1)}
    return cells


def study(folder: Path, sample: int = 3) -> int:
    """Every band in full for every region and date, then a crop."""
    scenes, grids = world(folder)
    for grid in list(grids.values())[:sample]:
        for name in NAMES:
            asset = scenes[0].assets[name]
            with rasterio.open(asset.href) as raster:
                band = raster.read()
            rows, cols = find_window(GeoBox(asset.shape, asset.transform, CRS), grid, Resampling.nearest).roi
            band[:, rows, cols].copy()
    return sample


WAYS: dict[str, Callable[..., int]] = {
    "rojsat": rojsat,
    "rojsat_many": rojsat_many,
    "decoding": decoding,
    "study": study,
}


def measure(module: str, way: str, folder: Path, sample: int | None = None) -> dict[str, Any]:
    """One way in a process of its own: chips, seconds, chips a second, processor time, peak memory in MiB."""
    command = [sys.executable, "-m", module, way, str(folder), *([] if sample is None else [str(sample)])]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {"way": way} | measured


def main(path: Path) -> None:
    """Measure all ways, print a table, write JSON."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        build(folder)
        ways = [("bench.cutting", way) for way in ("decoding", *WAYS)]  # the first fills the page cache
        ways += [("bench.rivals", way) for way in ("odc_stac", "torchgeo")]
        rows = [measure(module, way, folder) for module, way in ways][1:]
    own_rate = rows[0]["chips_per_second"]
    rows = [row | {"rojsat_is_faster_by": own_rate / row["chips_per_second"]} for row in rows]
    tables.show(f"Cutting {REGIONS} regions, {DATES} dates, {WIDTH} x {HEIGHT} pixels, {WORKERS} threads", rows)
    tables.write(path, {"series": [WIDTH, HEIGHT, DATES, REGIONS, BLOCK], "ways": rows})


def report(way: Callable[..., int], folder: Path, *sample: str) -> None:
    """Go one way and print what it took, as JSON; processor time is that of all its threads."""
    start, processor = time.perf_counter(), time.process_time()
    chips = way(folder, *map(int, sample))
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    facts = {"chips": chips, "seconds": seconds, "chips_per_second": chips / seconds}
    facts |= {"processor_seconds": processor, "peak_mib": memory.peak() / 2**20}
    print(json.dumps(facts))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        report(WAYS[sys.argv[1]], Path(sys.argv[2]), *sys.argv[3:])
    else:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else "reports/bench/cutting.json"))
