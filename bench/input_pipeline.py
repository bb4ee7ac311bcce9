"""What the input pipeline costs beside the network: `python -m bench.input_pipeline [JSON]`.

Writes a chip store of the paper's size (126 clearing chips of 67 x 70 pixels), reads it as training does, then
times, step by step, getting the next flipped batch and passing the network on it. Samples are prepared in the
training process (`train.workers=0`), so getting the batch is all that is added to a network fed from memory.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from bench import tables
from rojsat import catalog
from rojsat.bands import BOA
from rojsat.chips import Chips
from rojsat.cuts import Cut, Layout, write
from rojsat.learn import losses
from rojsat.learn.models import segmenters
from rojsat.learn.samples import Order, Samples, loader, measure, read, standardise

CHIPS, HEIGHT, WIDTH = 126, 67, 70
"""Number and common size of the chips of Svensson (2020)."""

NETWORKS = {"deeplabv3_resnet50": {}, "unet": {"encoder": "resnet18", "depth": 4, "decoder": (128, 64, 32, 16)}}
BATCH, STEPS, LIMIT = 8, 6, 0.05


def make_store(path: Path) -> Chips:
    """Write a store of chips of noise: what they show costs nothing."""
    rng = np.random.default_rng(0)
    cuts = []
    for number in range(CHIPS):
        arrays = {
            "boa": rng.integers(1, 5000, (len(BOA), HEIGHT, WIDTH)).astype(np.uint16),
            "tci": rng.integers(1, 255, (3, HEIGHT, WIDTH)).astype(np.uint8),
            "scl": np.full((HEIGHT, WIDTH), 4, np.uint8),
        }
        time_of = pd.Timestamp("2019-07-01", tz="UTC") + pd.Timedelta(days=number // 9)
        place = (10.0, 0.0, 5000.0 * (number % 9), 0.0, -10.0, 0.0)
        cuts.append(Cut(str(number % 9), "clearing", None, time_of, 65, "EPSG:32633", place, arrays))
    layout = Layout((HEIGHT, WIDTH), CHIPS, BOA, tci=True, scl=True)
    masks = {str(region): rng.random((HEIGHT, WIDTH)).astype(np.float32) for region in range(9)}
    write(path, cuts, layouts={"clearing": layout}, masks=masks, regions={}, recipe={})
    return Chips(path)


def load(path: Path) -> tuple[Samples, float]:
    """Samples of 13 channels as training reads them, and the seconds that took."""
    start = time.perf_counter()
    chips = Chips(path)
    planes = read(chips, chips.index, chips.expand("clearing", ["tci", "s2"]), dates=None, task="segmentation")
    return Samples(standardise(planes, measure(planes)), flips=["horizontal"]), time.perf_counter() - start


def measure_network(name: str, samples: Samples) -> dict[str, Any]:
    """Seconds of getting batches and of the network's steps, medians."""
    model = catalog.module(segmenters, name, "model").build(13, 1, **NETWORKS[name]).train()
    optimizer = torch.optim.Adam(model.parameters())
    batches = iter(loader(samples, Order(len(samples), seed=0, epoch=1), batch_size=BATCH))
    getting, passing = [], []
    for _ in range(STEPS):
        start = time.perf_counter()
        image, target, known = next(batches)
        middle = time.perf_counter()
        optimizer.zero_grad()
        losses.masked_mse(model(image), target, known).backward()
        optimizer.step()
        getting.append(middle - start)
        passing.append(time.perf_counter() - middle)
    got, passed = float(np.median(getting[1:])), float(np.median(passing[1:]))  # the first warms up
    return {"network": name, "batch ms": 1000 * got, "step ms": 1000 * passed, "share": got / passed}


def main(path: Path | None = None) -> None:
    """Measure all networks, print the table, write the JSON; fails above the limit."""
    with tempfile.TemporaryDirectory() as folder:
        make_store(Path(folder, "store"))
        samples, seconds = load(Path(folder, "store"))
    rows = [measure_network(name, samples) for name in NETWORKS]
    tables.show(f"input pipeline: {CHIPS} chips of 13 channels read in {seconds:.1f} s, once; batches of {BATCH}", rows)
    if path is not None:
        tables.write(path, {"read_seconds": seconds, "threads": torch.get_num_threads(), "limit": LIMIT, "rows": rows})
    if any(row["share"] > LIMIT for row in rows):
        sys.exit(f"the input pipeline costs more than {LIMIT:.0%} of the network's time")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
