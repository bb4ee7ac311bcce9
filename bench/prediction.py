"""Predicting a complete scene: `python -m bench.prediction [JSON] [HEIGHT WIDTH]`, without sizes 5300 x 6800 pixels.

A scene of 13 channels (TCI and the ten indices of Svensson 2020), DEFLATE in blocks of 512 pixels, and the U-Net of
`unet_roi6` on tiles of 64 pixels, half a window apart, weighted by a Hann window. Beside `rojsat predict`, from files
to the Cloud Optimized GeoTIFF, stand the bare network on the same tiles held in memory, before and after, and
TorchGeo's grid sampler with the same network and overlap (it blends nothing), on a part of the scene. Every way is a
process of its own and all use the same threads; another one predicts a smaller scene: what memory grows with.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import rasterio
import torch
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry import box
from torch.utils.data import DataLoader
from torchgeo.datasets import RasterDataset, stack_samples
from torchgeo.samplers import GridGeoSampler

from bench import cutting, memory, tables
from bench.rivals import Bands
from rojsat.chips import channels, plane_distribution
from rojsat.chips.bands import BOA, RESOLUTION
from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.catalog import Asset, Scene
from rojsat.learn.data.sample_arrays import Statistics
from rojsat.learn.export import StandardisingNetwork
from rojsat.learn.models.segmenters import unet
from rojsat.maps import area_summary, map_making
from rojsat.maps.model_card import ModelCard
from rojsat.stages._map_model import MapModel

HEIGHT, WIDTH, WINDOW, BATCH = 5300, 6800, 64, 64
SMALL = 1024
"""Height and width of the smaller scene, pixels."""

BARE, RIVAL = 48, 192
"""Batches of the bare network; height and width, pixels, of what TorchGeo predicts."""

NAMES = channels.expand(("tci", "s2"), BOA)
DAY = "20190701"
LEAST_RATE, LEAST_FASTER, MOST_GIB = 0.9, 2, 3


def build(folder: Path, height: int, width: int) -> None:
    """Write the scene: made as that of `bench.cutting`; TorchGeo finds its bands by their names."""
    rng, assets = np.random.default_rng(0), {}
    (folder / "files").mkdir(parents=True)
    for name in cutting.NAMES:
        step = RESOLUTION[name] // 10
        array = cutting.plane(name, rng, (height, width))
        path = folder / "files" / f"T33VWF_{DAY}_{name}.tif"
        profile = {"driver": "GTiff", "count": len(array), "height": array.shape[1], "width": array.shape[2]}
        blocks = {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "DEFLATE", "predictor": 2}
        transform = Affine(10 * step, 0, cutting.EAST, 0, -10 * step, cutting.NORTH)
        with rasterio.open(
            path, "w", dtype=array.dtype, nodata=0, crs=cutting.CRS, transform=transform, **profile, **blocks
        ) as raster:
            raster.write(array)
        units = (1.0, 0.0) if name in ("SCL", "TCI") else (1e-4, 0.0)
        assets[name] = Asset(str(path), array.shape[1:], transform, str(array.dtype), 0, *units)
    scene = Scene("d00", pd.Timestamp(DAY, tz="UTC"), 65, cutting.CRS, assets)
    catalog.write(folder / "raw", [scene], description="a benchmark")


def network() -> torch.nn.Module:
    """The network, its weights as they start: what they are costs nothing."""
    torch.manual_seed(0)
    statistics = Statistics(np.full(len(NAMES), 0.3, np.float32), np.full(len(NAMES), 0.2, np.float32))
    return StandardisingNetwork(unet.build(len(NAMES), 1, encoder="resnet18", depth=4), statistics).eval()


def model() -> MapModel:
    """The network as `rojsat predict` has it."""
    module, rng = network(), np.random.default_rng(0)
    values = {plane: rng.random(1000).astype(np.float32) for plane in channels.needs(NAMES)}
    card = ModelCard(
        names=NAMES,
        dates=(),
        window=WINDOW,
        outputs=1,
        threshold=0.1,
        target="degree of need",
        shape=(WINDOW, WINDOW),
        boa=tuple(BOA),
        toa=(),
        resampling="bilinear",
        cloud_margin=0,
        months=(7,),
        distribution=plane_distribution.describe(values),
        calibration=None,
        verdict="trained on nothing",
        leak=False,
        run="bench",
    )

    def predict(images: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.inference_mode():
            return np.asarray(module(torch.from_numpy(images)).numpy())

    return MapModel(card, predict, "bench")


def tiles() -> NDArray[np.float32]:
    """A batch of tiles in memory, BATCH x channels x WINDOW x WINDOW, values in [0, 1]."""
    return np.random.default_rng(0).random((BATCH, len(NAMES), WINDOW, WINDOW)).astype(np.float32)


def rojsat(folder: Path, applied: MapModel) -> int:
    """From files to the map and its hectares; pixels of the map."""
    scenes = catalog.read(folder / "raw")
    with tempfile.TemporaryDirectory(dir=folder) as name:
        planned = map_making.plan(scenes, None, applied.card, "scene")
        cells = map_making.begin(Path(name), {})
        map_making.predict(planned, applied.card, applied.predict_image(BATCH), cells)
        (path,) = map_making.rasters(planned, applied.card, cells, Path(name))
        area_summary.facts(planned, applied.card, cells)
        with rasterio.open(path) as raster:
            return int(raster.height * raster.width)


def bare(folder: Path, applied: MapModel) -> int:
    """The network on tiles in memory; each counts as many pixels as the map of the scene has for one of its tiles."""
    (scene,) = catalog.read(folder / "raw")
    corner, step, windows = scene.grid.affine, WINDOW // 2, 1
    firsts = (round(corner.f / corner.e), round(corner.c / corner.a))
    for first, length in zip(firsts, scene.grid.shape, strict=True):
        windows *= (first + length - 1) // step - (first - WINDOW) // step
    images = tiles()
    for _ in range(BARE):
        applied.predict(images)
    return round(BARE * BATCH * scene.grid.shape[0] * scene.grid.shape[1] / windows)


def torchgeo(folder: Path, applied: MapModel) -> int:
    """TorchGeo's grid sampler on a part: windows of the files, the indices computed, the same network."""

    class Colours(RasterDataset):
        """The true colour image."""

        filename_glob = "T*_TCI.tif"
        is_image = True

    crs, files = rasterio.CRS.from_string(cutting.CRS), folder / "files"
    dataset = Bands(files, crs=crs, res=(10, 10)) & Colours(files, crs=crs, res=(10, 10))
    east, north = cutting.EAST, cutting.NORTH
    part = box(east + 10, north - 10 * RIVAL, east + 10 * RIVAL, north - 10)
    sampler = GridGeoSampler(dataset, size=WINDOW, stride=WINDOW // 2, toi=None, roi=part)
    count = 0
    for batch in DataLoader(dataset, batch_size=BATCH, sampler=sampler, collate_fn=stack_samples):
        stored = batch["image"].numpy()
        planes = {name: stored[:, number] * np.float32(1e-4) for number, name in enumerate(BOA)}
        planes |= {name: stored[:, len(BOA) + number] / np.float32(255) for number, name in enumerate(channels.TCI)}
        images = np.stack([channels.compute(NAMES, {k: v[n] for k, v in planes.items()}) for n in range(len(stored))])
        count += len(applied.predict(images))
    return count * (WINDOW // 2) ** 2


WAYS: dict[str, Callable[[Path, MapModel], int]] = {"rojsat": rojsat, "bare": bare, "torchgeo": torchgeo}


def report(way: str, folder: Path) -> None:
    """Go one way, the network built and warm, and print what it took, as JSON."""
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    applied = model()
    applied.predict(tiles())
    start, used = time.perf_counter(), time.process_time()
    pixels = WAYS[way](folder, applied)
    seconds, peak = time.perf_counter() - start, memory.peak() / 2**30
    facts = {"pixels": pixels, "seconds": seconds, "cpu": time.process_time() - used}
    print(json.dumps({"way": way, **facts, "pixels_per_second": pixels / seconds, "peak_gib": peak}))


def measure(way: str, folder: Path) -> dict[str, Any]:
    """One way in a process of its own."""
    words = [sys.executable, "-m", "bench.prediction", way, str(folder)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(path: Path, height: int = HEIGHT, width: int = WIDTH) -> None:
    """Measure all ways, print a table, write JSON."""
    with tempfile.TemporaryDirectory() as name:
        folder, small = Path(name) / "scene", Path(name) / "small"
        build(folder, height, width)
        build(small, min(SMALL, height), min(SMALL, width))
        ways = [("bare", folder), ("rojsat", folder), ("bare", folder), ("torchgeo", folder), ("rojsat", small)]
        rows = [measure(way, place) for way, place in ways]
    before, own, after, rival, smaller = rows
    ratios = {
        "of_the_bare_network": 2
        * own["pixels_per_second"]
        / (before["pixels_per_second"] + after["pixels_per_second"]),
        "of_the_bare_network_in_cpu_time": np.mean([row["cpu"] / row["pixels"] for row in (before, after)])
        / (own["cpu"] / own["pixels"]),
        "times_torchgeo": own["pixels_per_second"] / rival["pixels_per_second"],
        "peak_gib": own["peak_gib"],
        "peak_gib_of_the_smaller_scene": smaller["peak_gib"],
    }
    tables.show(f"A scene of {width} x {height} pixels, tiles of {WINDOW}", rows)
    tables.show(f"bars: {LEAST_RATE} of the bare network, {LEAST_FASTER} times TorchGeo, {MOST_GIB} GiB", [ratios])
    tables.write(path, {"scene": [width, height], "window": WINDOW, "ways": rows, "ratios": ratios})


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in WAYS:
        report(sys.argv[1], Path(sys.argv[2]))
    else:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else "reports/bench/prediction.json"), *map(int, sys.argv[2:4]))
