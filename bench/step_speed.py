"""Which memory format and precision is faster on this machine: `python -m bench.step_speed [JSON]`.

Chooses the defaults of `train.channels_last` and `train.precision`. All take turns, so that what else the machine does
meets each of them. bf16-mixed is measured where the machine multiplies bfloat16 itself, as `train.precision` takes it.
"""

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench import tables
from rojsat.config import lookup
from rojsat.learn import machine
from rojsat.learn.fabric import Fabric
from rojsat.learn.models import classifiers, segmenters

CASES: dict[str, tuple[Any, dict[str, Any], tuple[int, int, int, int]]] = {
    "resnet": (classifiers, {"backbone": "resnet18"}, (16, 3, 70, 70)),
    "deeplabv3": (segmenters, {"backbone": "resnet50"}, (8, 13, 67, 70)),
    "unet": (segmenters, {"encoder": "resnet18", "depth": 4, "decoder": (128, 64, 32, 16)}, (16, 24, 64, 64)),
}
WAYS = {
    "contiguous": (torch.contiguous_format, "32-true"),
    "channels_last": (torch.channels_last, "32-true"),
    "channels_last, bf16-mixed": (torch.channels_last, "bf16-mixed"),
}
"""Memory format and precision."""

TURNS = 4


def fabrics(device: str) -> dict[str, Fabric]:
    """What computes a step, of each way that the machine does not only emulate."""
    prepared = {}
    for way, (_, precision) in WAYS.items():
        try:
            prepared[way] = machine.prepare(device=device, precision=precision)
        except ValueError as error:
            print(f"{way}: left out, {error}", file=sys.stderr)
    return prepared


def step_time(fabric: Fabric, model: torch.nn.Module, image: torch.Tensor) -> float:
    """Seconds of one step: forward, backward, Adam."""
    optimizer = torch.optim.Adam(model.parameters())
    start = time.perf_counter()
    with fabric.autocast():
        output = model(image)
    output.float().square().mean().backward()
    optimizer.step()
    if image.is_cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - start


def measure(name: str, prepared: dict[str, Fabric]) -> dict[str, Any]:
    """Images a second in each way, by the fastest of some turns."""
    package, options, shape = CASES[name]
    seconds: dict[str, list[float]] = {way: [] for way in prepared}
    models = {
        way: lookup.module(package, name, "model")
        .build(shape[1], 2, **options)
        .to(fabric.device)
        .to(memory_format=WAYS[way][0])
        for way, fabric in prepared.items()
    }
    for _ in range(TURNS + 1):
        for way, fabric in prepared.items():
            image = torch.randn(shape, device=fabric.device).contiguous(memory_format=WAYS[way][0])
            seconds[way].append(step_time(fabric, models[way], image))
    rates = {way: shape[0] / float(np.min(turns[1:])) for way, turns in seconds.items()}  # the first warms up
    return {"network": name, "images": "x".join(map(str, shape)), **rates, "fastest": max(rates, key=rates.__getitem__)}


def main(path: Path | None = None) -> None:
    """Measure all networks, print the table, write the JSON."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    prepared = fabrics(device)
    rows = [measure(name, prepared) for name in CASES]
    tables.show(f"images a second in training, {device}, {torch.get_num_threads()} threads", rows)
    if path is not None:
        tables.write(path, {"device": device, "threads": torch.get_num_threads(), "rows": rows})


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
