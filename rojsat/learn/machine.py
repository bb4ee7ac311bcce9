"""The machine a network runs on: device, precision, threads and exact arithmetic, by Lightning Fabric."""

import os
import platform
import random
from typing import Any

import numpy as np
import torch

from rojsat.config import lookup
from rojsat.learn.fabric import Fabric, MisconfigurationException

DEVICES = ("auto", "cpu", "cuda", "gpu", "mps")
"""Fabric's accelerators: auto takes a GPU where there is one, gpu any kind of them, mps Apple's."""

PRECISIONS = ("32-true", "bf16-mixed", "16-mixed", "bf16-true", "16-true")
"""Fabric's names of what numbers are computed in."""


def launch(*, device: str = "auto", devices: int = 1, precision: str = "32-true", threads: int | None = None) -> Fabric:
    """Prepare the machine.

    Args:
        device: of `DEVICES`.
        devices: how many of them.
        precision: of `PRECISIONS`.
        threads: CPU threads of torch; None: as they are.

    Raises:
        rojsat.config.lookup.UnknownNameError: for another device or precision.
        ValueError: for a device that is not there, and for half precision on a CPU without the instructions (10 to 37
            times slower than 32-true).
    """
    fabric = prepare(device=device, devices=devices, precision=precision)
    if threads is not None:
        torch.set_num_threads(threads)
    # On a GPU some kernels have no exact form: warn there, fail here.
    torch.use_deterministic_algorithms(True, warn_only=fabric.device.type != "cpu")
    fabric.launch()
    return fabric


def prepare(*, device: str, devices: int = 1, precision: str) -> Fabric:
    """Fabric on a device, not launched yet: nothing of this process is changed. Arguments and errors as of `launch`."""
    for key, chosen, possible in (("device", device, DEVICES), ("precision", precision, PRECISIONS)):
        if chosen not in possible:
            raise lookup.unknown(f"train.{key}", chosen, possible)
    try:
        fabric = Fabric(accelerator=device, devices=devices, precision=precision)  # type: ignore[arg-type]
    except (MisconfigurationException, RuntimeError) as error:
        raise ValueError(f"train.device={device}: torch finds no such device here; auto takes what there is") from error
    if fabric.device.type == "cpu" and precision != "32-true" and not _half_precision():
        raise ValueError(f"precision {precision} on this CPU is emulated and many times slower; use 32-true")
    return fabric


def name(device: torch.device) -> str:
    """The machine in words: the GPU, or the number of cores."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{os.cpu_count()} CPU cores ({platform.machine()})"


def _half_precision() -> bool:
    """Whether this CPU multiplies bfloat16 itself."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def seed_all(seed: int) -> None:
    """Start every random generator from `seed`."""
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 - libraries may draw from it
    torch.manual_seed(seed)


def random_states() -> dict[str, Any]:
    """States of every random generator: python, numpy, torch, each GPU; tensors and plain types only."""
    kind, keys, *rest = np.random.get_state()  # noqa: NPY002
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    numpy_state = [kind, torch.from_numpy(np.asarray(keys).astype(np.int64)), *rest]
    return {"python": random.getstate(), "numpy": numpy_state, "torch": torch.get_rng_state(), "cuda": cuda}


def restore(states: dict[str, Any]) -> None:
    """Put every random generator back to `random_states()`."""
    version, numbers, gauss = states["python"]
    random.setstate((version, tuple(numbers), gauss))
    kind, keys, *rest = states["numpy"]
    np.random.set_state((kind, keys.numpy().astype(np.uint32), *rest))  # noqa: NPY002
    torch.set_rng_state(states["torch"].cpu())
    if torch.cuda.is_available() and len(states["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all([state.cpu() for state in states["cuda"]])
