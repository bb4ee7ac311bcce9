"""Which memory format is faster on this machine: `python -m bench.memory_format [JSON]`.

Chooses the default of `train.channels_last`. The two formats take turns, so that what else the machine does
meets both.
"""

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench import tables
from rojsat.config import lookup
from rojsat.learn.models import classifiers, segmenters

CASES: dict[str, tuple[Any, dict[str, Any], tuple[int, int, int, int]]] = {
    "resnet": (classifiers, {"backbone": "resnet18"}, (16, 3, 70, 70)),
    "deeplabv3": (segmenters, {"backbone": "resnet50"}, (8, 13, 67, 70)),
    "unet": (segmenters, {"encoder": "resnet18", "depth": 4, "decoder": (128, 64, 32, 16)}, (16, 24, 64, 64)),
}
FORMATS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
TURNS = 4


def step_time(model: torch.nn.Module, image: torch.Tensor) -> float:
    """Seconds of one step: forward, backward, Adam."""
    optimizer = torch.optim.Adam(model.parameters())
    start = time.perf_counter()
    model(image).square().mean().backward()
    optimizer.step()
    return time.perf_counter() - start


def measure(name: str, device: str) -> dict[str, Any]:
    """Images a second in each format, by the fastest of some turns."""
    package, options, shape = CASES[name]
    seconds: dict[str, list[float]] = {form: [] for form in FORMATS}
    models = {
        form: lookup.module(package, name, "model").build(shape[1], 2, **options).to(device).to(memory_format=layout)
        for form, layout in FORMATS.items()
    }
    for _ in range(TURNS + 1):
        for form, layout in FORMATS.items():
            image = torch.randn(shape, device=device).contiguous(memory_format=layout)
            seconds[form].append(step_time(models[form], image))
    rates = {form: shape[0] / float(np.min(turns[1:])) for form, turns in seconds.items()}  # the first warms up
    return {"network": name, "images": "x".join(map(str, shape)), **rates, "faster": max(rates, key=rates.__getitem__)}


def main(path: Path | None = None) -> None:
    """Measure all networks, print the table, write the JSON."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    rows = [measure(name, device) for name in CASES]
    tables.show(f"images a second in training, {device}, {torch.get_num_threads()} threads", rows)
    if path is not None:
        tables.write(path, {"device": device, "threads": torch.get_num_threads(), "rows": rows})


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
