"""What reading chips costs, and the input pipeline beside the network: `python -m bench.input_pipeline [JSON]`.

Writes a chip store of the study's size, reads it as training does, then times, step by step, getting the next
flipped batch and one training step of the network on it. Samples are prepared in the training process
(`train.workers=0`), so getting the batch is all that is added to a network fed from tensors in memory.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from bench import tables
from rojsat.chips.bands import BOA
from rojsat.chips.cut import Cut
from rojsat.chips.reader import CHUNK, Chips
from rojsat.chips.writer import Layout, write
from rojsat.config import lookup
from rojsat.learn import losses
from rojsat.learn.data.augmentation import Augmentation
from rojsat.learn.data.sample_arrays import channel_statistics, read, standardise
from rojsat.learn.data.samples import EpochSampler, Samples, loader
from rojsat.learn.models import classifiers, segmenters

SIZES = {"clearing": (126, 67, 70), "stand": (2500, 48, 48)}
"""Chips a role, height and width, pixels: Svensson (2020) had 126 clearing chips, and some 2,500 of stands."""

STEPS, LIMIT = 9, 0.05


@dataclass(frozen=True)
class Case:
    """A network and what it is fed."""

    name: str
    package: Any
    role: str
    task: str
    channels: tuple[str, ...]
    batch: int
    options: dict[str, Any] = field(default_factory=dict)


CASES = (
    Case("deeplabv3", segmenters, "clearing", "segmentation", ("tci", "s2"), 8, {"backbone": "resnet50"}),
    Case("unet", segmenters, "clearing", "segmentation", ("tci", "s2"), 4, {"encoder": "resnet18", "depth": 4}),
    Case("resnet", classifiers, "stand", "classification", ("s2",), 16, {"backbone": "resnet18"}),
)


def cuts(role: str) -> Iterator[Cut]:
    """Chips of noise: what they show costs nothing."""
    rng, (count, height, width) = np.random.default_rng(0), SIZES[role]
    for number in range(count):
        arrays = {
            "boa": rng.integers(1, 5000, (len(BOA), height, width)).astype(np.uint16),
            "tci": rng.integers(1, 255, (3, height, width)).astype(np.uint8),
            "scl": np.full((height, width), 4, np.uint8),
        }
        region, day = f"{role}{number // 14}", pd.Timestamp("2019-07-01", tz="UTC") + pd.Timedelta(days=number % 14)
        transform = (10.0, 0.0, 5000.0 * (number // 14), 0.0, -10.0, 0.0)
        label = ("clear", "need")[number // 14 % 2] if role == "stand" else None
        yield Cut(region, role, label, day, 65, "EPSG:32633", transform, arrays)


def make_store(path: Path) -> None:
    """Write a store with the chips of both roles."""
    layouts = {role: Layout((h, w), count, BOA, tci=True, scl=True) for role, (count, h, w) in SIZES.items()}
    count, height, width = SIZES["clearing"]
    masks = np.random.default_rng(1).random((count // 14, height, width)).astype(np.float32)
    named = {f"clearing{region}": mask for region, mask in enumerate(masks)}
    chips = (cut for role in SIZES for cut in cuts(role))
    write(path, chips, layouts=layouts, masks=named, regions={}, recipe={})


def load(path: Path, case: Case) -> tuple[Samples, float]:
    """Samples as training reads them, and the seconds that took."""
    start, chips = time.perf_counter(), Chips(path)
    rows = chips.index[chips.index["role"] == case.role]
    arrays = read(chips, rows, chips.expand(case.role, case.channels), dates=None, task=case.task)
    flips = Augmentation(arrays.seen.shape[1:], flips=["horizontal"])
    return Samples(standardise(arrays, channel_statistics(arrays)), augmentation=flips), time.perf_counter() - start


def measure_reading(path: Path, case: Case) -> dict[str, Any]:
    """CPU milliseconds a chip: decoding its chunk, computing its channels, finding its seen and labelled pixels."""
    chips, spent = Chips(path), {"decode": 0.0, "channels": 0.0, "seen and mask": 0.0}
    ids = chips.index.loc[chips.index["role"] == case.role].sort_values("position")["chip"].tolist()
    steps = {
        "decode": chips.read,
        "channels": lambda chip: chips.channels(chip, case.channels),
        "seen and mask": lambda chip: (chips.seen(chip), chips.mask(chip)),
    }
    for first in range(0, len(ids), CHUNK):
        for name, step in steps.items():
            start = time.process_time()
            for chip in ids[first : first + CHUNK]:
                step(chip)
            spent[name] += time.process_time() - start
    count = {"chips": len(ids), "channels a chip": len(chips.expand(case.role, case.channels))}
    return {"role": case.role, **count, **{f"{name} ms": 1000 * value / len(ids) for name, value in spent.items()}}


def measure_case(path: Path, case: Case) -> dict[str, Any]:
    """Seconds of getting batches and of the network's steps, medians."""
    samples, seconds = load(path, case)
    outputs = 2 if case.task == "classification" else 1
    loss = losses.cross_entropy if case.task == "classification" else losses.masked_mse
    build = lookup.module(case.package, case.name, "model").build
    model = build(samples.images.shape[1], outputs, **case.options).train()
    optimizer = torch.optim.Adam(model.parameters())
    batches = iter(loader(samples, EpochSampler(len(samples), seed=0, epoch=1), batch_size=case.batch))
    waiting, stepping = [], []
    for _ in range(STEPS):
        start = time.perf_counter()
        image, target, known = next(batches)
        middle = time.perf_counter()
        optimizer.zero_grad()
        loss(model(image), target, known).backward()
        optimizer.step()
        waiting.append(middle - start)
        stepping.append(time.perf_counter() - middle)
    batch_time, step_time = float(np.median(waiting[1:])), float(np.median(stepping[1:]))  # the first warms up
    row = {"network": case.name, "chips": len(samples), "read once s": seconds}
    return row | {"batch ms": 1000 * batch_time, "step ms": 1000 * step_time, "share": batch_time / step_time}


def main(path: Path | None = None) -> None:
    """Measure all cases, print the table, write the JSON; fails above the limit."""
    with tempfile.TemporaryDirectory() as folder:
        make_store(Path(folder, "store"))
        reading = [measure_reading(Path(folder, "store"), case) for case in CASES[1:]]
        rows = [measure_case(Path(folder, "store"), case) for case in CASES]
    tables.show("reading chips, CPU time", reading)
    tables.show("input pipeline beside the network, one training step", rows)
    if path is not None:
        tables.write(path, {"threads": torch.get_num_threads(), "limit": LIMIT, "reading": reading, "rows": rows})
    if any(row["share"] > LIMIT for row in rows):
        sys.exit(f"the input pipeline costs more than {LIMIT:.0%} of the network's time")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
