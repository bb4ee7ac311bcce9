"""The training loop beside a bare PyTorch loop and Lightning's Trainer: `python -m bench.training_loop [TURNS] [JSON]`.

The same network, optimizer, batch size and samples in memory, each flipped with probability 0.5; the bare loop and the
Trainer do so as one would write it in an hour. All train an epoch each by turns (default 5, after one that warms
up) in one process, on one thread. Ours is the complete loop: order and flips from the seed, exact kernels, a check of
every loss, the sum of losses over known pixels, a checkpoint. The Trainer has no logger, no progress bar and no
checkpoints; what it does before and after its epoch is left out. Processor time is that of all threads.
"""

import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import lightning.pytorch as lightning
import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from bench import tables
from rojsat.evaluation.metrics import Accumulator, Classification, Segmentation
from rojsat.learn import losses, machine, schedules, training
from rojsat.learn.data.augmentation import Augmentation
from rojsat.learn.data.sample_arrays import SampleArrays
from rojsat.learn.data.samples import Samples
from rojsat.learn.kept_weights import Keep
from rojsat.learn.models.classifiers import resnet
from rojsat.learn.models.segmenters import unet

TURNS, BATCHES = 3, 40
"""Turns of each way, and batches of an epoch."""

BARS = {"bare": 0.95, "Trainer": 1.0}
"""Our speed against theirs, by processor time."""


@dataclass(frozen=True)
class Case:
    """A network and what it is fed: images (N, C, H, W), of `unet_roi6` and `resnet18_s2`."""

    name: str
    build: Callable[..., nn.Module]
    batch: int
    image: tuple[int, int, int]
    outputs: int
    loss: Callable[..., Tensor]
    metrics: Callable[[], Accumulator]
    options: dict[str, Any] = field(default_factory=dict)

    def network(self) -> nn.Module:
        """Freshly built, always with the same weights."""
        torch.manual_seed(0)
        network = self.build(self.image[0], self.outputs, **self.options)
        return network.train().to(memory_format=torch.channels_last)

    def samples(self) -> Samples:
        """Noise."""
        rng, count, (_, height, width) = np.random.default_rng(0), self.batch * BATCHES, self.image
        images = rng.standard_normal((count, *self.image)).astype(np.float32)
        degrees, shape = rng.random((count, height, width)).astype(np.float32), (count, height, width)
        known = rng.random(shape) > 0.3
        if self.outputs > 1:
            degrees, known = (degrees[:, 0, 0] > 0.5).astype(np.int64), np.ones(count, bool)
        rows = pd.DataFrame({"region": [f"r{number // 14}" for number in range(count)]})
        arrays = SampleArrays(images, np.ones(shape, bool), degrees, known, rows)
        return Samples(arrays, augmentation=Augmentation((height, width), flips=["horizontal"]))


CASES = (
    Case("U-Net", unet.build, 4, (13, 67, 70), 1, losses.masked_mse, Segmentation, {"encoder": "resnet18", "depth": 4}),
    Case("ResNet18", resnet.build, 16, (10, 48, 48), 2, losses.cross_entropy, Classification, {"backbone": "resnet18"}),
)


class Flipped(Dataset):
    """Tensors of samples, flipped at random."""

    def __init__(self, samples: Samples) -> None:
        self.samples = samples

    def __len__(self) -> int:
        return len(self.samples.images)

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        sample: tuple[Tensor, ...] = (
            self.samples.images[number],
            self.samples.fitted[number],
            self.samples.known[number],
        )
        if torch.rand(1).item() < 0.5:
            sample = tuple(tensor.flip(-1) if tensor.ndim > 1 else tensor for tensor in sample)
        return sample


class Module(lightning.LightningModule):
    """What Lightning's Trainer trains; it notes the processor time of its epoch."""

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.network, self.case, self.seconds, self.start = case.network(), case, 0.0, 0.0

    def training_step(self, batch: list[Tensor], _: int) -> Tensor:
        """The loss of a batch."""
        image, target, known = batch
        return self.case.loss(self.network(image.contiguous(memory_format=torch.channels_last)), target, known)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam, as in the other ways."""
        return torch.optim.Adam(self.parameters(), 1e-4)

    def on_train_epoch_start(self) -> None:
        """Begin to count."""
        self.start = time.process_time()

    def on_train_epoch_end(self) -> None:
        """Stop counting."""
        self.seconds = time.process_time() - self.start


def of_ours(case: Case, samples: Samples, folder: Path, turns: int) -> Iterator[float]:
    """Processor time of each epoch of `rojsat.learn.training.fit`."""
    epochs = training.fit(
        case.network(),
        samples,
        None,
        loss=case.loss,
        fabric=machine.launch(device="cpu", threads=1),
        optimizer=partial(torch.optim.Adam, lr=1e-4),
        schedule=schedules.constant,
        metrics=case.metrics,
        epochs=turns,
        batch_size=case.batch,
        folder=folder,
        keep=Keep("last"),
        channels_last=True,
    )
    for _ in range(turns):
        torch.use_deterministic_algorithms(True)
        start = time.process_time()
        next(epochs)
        seconds = time.process_time() - start
        torch.use_deterministic_algorithms(False)
        yield seconds


def of_bare(case: Case, samples: Samples, turns: int) -> Iterator[float]:
    """Processor time of each epoch of a loop of eight lines."""
    network, loader = case.network(), DataLoader(Flipped(samples), case.batch, shuffle=True)
    optimizer = torch.optim.Adam(network.parameters(), 1e-4)
    for _ in range(turns):
        start, total = time.process_time(), 0.0
        for image, target, known in loader:
            optimizer.zero_grad()
            loss = case.loss(network(image.contiguous(memory_format=torch.channels_last)), target, known)
            loss.backward()
            optimizer.step()
            total += loss.item()
        yield time.process_time() - start


def of_trainer(case: Case, samples: Samples, turns: int) -> Iterator[float]:
    """Processor time of each epoch of Lightning's Trainer."""
    module, loader = Module(case), DataLoader(Flipped(samples), case.batch, shuffle=True)
    quiet: dict[str, Any] = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}
    for _ in range(turns):
        trainer = lightning.Trainer(max_epochs=1, accelerator="cpu", enable_checkpointing=False, **quiet)
        trainer.fit(module, loader)
        yield module.seconds


def measure(case: Case, turns: int) -> dict[str, Any]:
    """Processor time of a step in each way, medians of the turns, and our speed by them; each turn stands beside."""
    samples = case.samples()
    with tempfile.TemporaryDirectory() as folder:
        ways = {
            "rojsat": of_ours(case, samples, Path(folder), turns + 1),
            "bare": of_bare(case, samples, turns + 1),
            "Trainer": of_trainer(case, samples, turns + 1),
        }
        rows = [{name: next(way) for name, way in ways.items()} for _ in range(turns + 1)][1:]
    medians = {name: float(np.median([row[name] for row in rows])) for name in ways}
    steps = {f"{name}, CPU ms a step": 1000 * medians[name] / BATCHES for name in ways}
    against = {f"rojsat against {name}": medians[name] / medians["rojsat"] for name in BARS}
    spread = {f"turns against {name}": [round(row[name] / row["rojsat"], 3) for row in rows] for name in BARS}
    shape = "x".join(map(str, (case.batch, *case.image)))
    return {"network": case.name, "batch": shape, **steps, **against, **spread}


def main(turns: int = TURNS, path: Path | None = None) -> None:
    """Measure, print the table, write the JSON; fails below a bar."""
    warnings.filterwarnings("ignore", module="lightning")
    torch.set_num_threads(1)
    rows = [measure(case, turns) for case in CASES]
    tables.show(f"training, {turns} turns of {BATCHES} steps", [_shown(row) for row in rows])
    if path is not None:
        tables.write(path, {"bars": BARS, "turns": turns, "batches": BATCHES, "rows": rows})
    slow = [row["network"] for row in rows for name, bar in BARS.items() if row[f"rojsat against {name}"] < bar]
    if slow:
        sys.exit(f"slower than the bars {BARS}: {', '.join(dict.fromkeys(slow))}")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not isinstance(value, list)}


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    main((numbers or [TURNS])[0], next((Path(word) for word in sys.argv[1:] if not word.isdigit()), None))
