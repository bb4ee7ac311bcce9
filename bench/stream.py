"""Training from the store beside the same network fed from memory: `python -m bench.stream [CHIPS] [TURNS] [JSON]`.

Writes a store of CHIPS simulated chips (default 100,000) of 13 channels and 67 x 70 px. A process of its own, on
one thread, prepares them as a stream and trains the U-Net of `unet_roi6` on it and on samples in memory, by turns
(default 4): a turn are as many batches as a block of the stream has, while the next block is read, or a share of one
complete epoch where there are few blocks. Processor time is
that of all threads; a step of the network is the same on both, so its time is the mean of all, and does not change the
ratio by what else the machine does. Memory is the greatest resident set of the process, with Python and torch.
"""

import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from bench import tables
from rojsat.chips.bands import BOA
from rojsat.chips.cut import Cut
from rojsat.chips.reader import Chips
from rojsat.chips.writer import Layout, write
from rojsat.learn import losses
from rojsat.learn.data import memory, streamed_preparation
from rojsat.learn.data.sample_source import Source
from rojsat.learn.data.samples import Samples
from rojsat.learn.data.stored_samples import StoredSamples
from rojsat.learn.data.stream import StreamedSamples
from rojsat.learn.models.segmenters import unet

SIZE = 67, 70
CHANNELS = ("tci", "s2")
BATCH, DATES, GIB = 4, 50, 1.0
"""Chips of a batch, dates of a region, and `train.in_memory_gib`."""

DEFAULTS = 100_000, 4
"""Chips and turns."""

LARGEST_BLOCK = 1 / 4
"""Share of all samples that a block has at most: few chips are streamed, too."""

KEPT = 80
"""Chips in memory."""

SHARE, PEAK = 0.95, 3.0
"""Bars: speed beside the network fed from memory, and GiB."""


def cuts(chips: int) -> Iterator[Cut]:
    """Chips of noise; a pool of pixels is used again and again."""
    rng = np.random.default_rng(0)
    boa = rng.integers(500, 4000, (16, len(BOA), *SIZE)).astype(np.uint16)
    tci = rng.integers(1, 255, (16, 3, *SIZE)).astype(np.uint8)
    for number in range(chips):
        region, date = divmod(number, DATES)
        arrays = {"boa": boa[number % 16], "tci": tci[number % 16], "scl": np.full(SIZE, 4, np.uint8)}
        day = pd.Timestamp("2015-07-01", tz="UTC") + pd.Timedelta(days=date)
        transform = (10.0, 0.0, 2000.0 * region, 0.0, -10.0, 0.0)
        yield Cut(f"r{region:06}", "clearing", None, day, 65, "EPSG:32633", transform, arrays)


def make_store(path: Path, chips: int) -> None:
    """Write the store."""
    layout = Layout(SIZE, chips, BOA, tci=True, scl=True)
    degrees = np.random.default_rng(1).random(SIZE).astype(np.float32)
    masks = {f"r{region:06}": degrees for region in range(-(-chips // DATES))}
    write(path, cuts(chips), layouts={"clearing": layout}, masks=masks, regions={}, recipe={})


def held_out(index: pd.DataFrame) -> pd.Series:
    """Every 50th region validates, another 50th tests."""
    number = index["region"].str[1:].astype(int)
    return pd.Series(np.select([number % 50 == 1, number % 50 == 2], ["val", "test"], "train"), index.index)


def train(path: Path, turns: int) -> dict[str, Any]:
    """Prepare a stream, then train on batches from it and from memory by turns, of which the first warms up."""
    torch.set_num_threads(1)
    chips, start = Chips(path), time.perf_counter()
    source = Source(chips, "clearing", chips.expand("clearing", CHANNELS), None, "segmentation")
    stored = StoredSamples.of(source)
    size = len(stored) * stored.sample_bytes
    buffer = min(memory.choose(stored, GIB, can_stream=True).buffer, size * LARGEST_BLOCK)
    flips = {"flips": ["horizontal"]}
    data = streamed_preparation.prepare(stored, split=held_out, buffer=buffer, augmentation=flips)
    samples = data.samples["train"]
    assert isinstance(samples, StreamedSamples)
    prepared, length = time.perf_counter() - start, samples.buffered // BATCH
    model = unet.build(len(source.inputs), 1, encoder="resnet18", depth=4).train()
    step = partial(_step, model, torch.optim.Adam(model.parameters()))
    kept, order = samples.read(np.arange(KEPT), samples.augmentation), {"seed": 0, "batch_size": BATCH}
    streamed, in_memory = _batches(samples, **order), _batches(kept, **order)
    spent = dict.fromkeys(("threads", "steps", "from stream", "from memory"), 0.0)  # seconds of processor time
    wall = {"from stream": 0.0, "from memory": 0.0}
    epoch = math.ceil(len(samples) / BATCH)
    warm_up = epoch > (turns + 2) * length
    each = turns * length if warm_up else epoch  # in a complete epoch, too, each batch pays for one batch that is read
    step(next(in_memory))
    for turn, number in enumerate([*[length] * warm_up, *map(len, np.array_split(np.arange(each), turns))]):
        if turn == warm_up:
            spent, wall = dict.fromkeys(spent, 0.0), dict.fromkeys(wall, 0.0)
        for name, batches in (("from stream", streamed), ("from memory", in_memory)):
            began, began_all, began_main = time.perf_counter(), time.process_time(), time.thread_time()
            for _ in range(number):
                before = time.thread_time()
                batch = next(batches)
                given = time.thread_time()
                step(batch)
                spent[name] += given - before
                spent["steps"] += time.thread_time() - given
            wall[name] += time.perf_counter() - began
            spent["threads"] += time.process_time() - began_all - (time.thread_time() - began_main)
    step_ms, stream_ms, memory_ms = (
        1000 * seconds / each
        for seconds in (spent["steps"] / 2, spent["from stream"] + spent["threads"], spent["from memory"])
    )
    return {
        "chips": len(stored),
        "samples, GiB": size / 2**30,
        "samples of a block": samples.buffered,
        "prepared in, s": prepared,
        "batches of each": each,
        "step, CPU ms": step_ms,
        "batch from memory, CPU ms": memory_ms,
        "batch from the stream, CPU ms": stream_ms,
        "stream against memory, by CPU time": (step_ms + memory_ms) / (step_ms + stream_ms),
        "stream against memory, by time": wall["from memory"] / wall["from stream"],
        "peak memory, GiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def _batches(samples: Samples, **order: int) -> Iterator[list[torch.Tensor]]:
    """Batches of one epoch after the other."""
    for epoch in count(1):
        yield from samples.epoch(epoch, **order)(0)


def _step(model: torch.nn.Module, optimizer: torch.optim.Optimizer, batch: list[torch.Tensor]) -> None:
    image, target, known = batch
    optimizer.zero_grad()
    losses.masked_mse(model(image), target, known).backward()
    optimizer.step()


def main(chips: int = DEFAULTS[0], turns: int = DEFAULTS[1], path: Path | None = None) -> None:
    """Measure, print the table, write the JSON; fails beyond a bar."""
    with tempfile.TemporaryDirectory() as folder:
        make_store(Path(folder, "store"), chips)
        words = [sys.executable, "-m", "bench.stream", "train", str(Path(folder, "store")), str(turns)]
        row = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    tables.show("training from the store", [{"figure": name, "value": value} for name, value in row.items()])
    if path is not None:
        tables.write(path, {"bars": {"share": SHARE, "peak": PEAK}, **row})
    if row["stream against memory, by CPU time"] < SHARE or row["peak memory, GiB"] > PEAK:
        sys.exit(f"the stream is slower than {SHARE:.0%} of memory, or takes more than {PEAK} GiB")


if __name__ == "__main__":
    if sys.argv[1:2] == ["train"]:
        print(json.dumps(train(Path(sys.argv[2]), int(sys.argv[3]))))
    else:
        numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
        chips, turns = [*numbers, *DEFAULTS[len(numbers) :]]
        main(chips, turns, next((Path(word) for word in sys.argv[1:] if not word.isdigit()), None))
