"""The machine a network runs on: device, precision, threads and exact arithmetic, by Lightning Fabric."""

import os
import platform
import random
from typing import Any

import numpy as np
import torch

from rojsat.config import lookup
from rojsat.learn import other_processes
from rojsat.learn.fabric import Fabric, LightningEnvironment, MisconfigurationException

DEVICES = ("auto", "cpu", "cuda", "gpu", "mps")
"""Fabric's accelerators: auto takes a GPU where there is one, gpu any kind of them, mps Apple's."""

PRECISIONS = ("32-true", "bf16-mixed", "16-mixed", "bf16-true", "16-true")
"""Fabric's names of what numbers are computed in."""


STRATEGIES = ("auto", "ddp", "ddp_find_unused_parameters_true")
"""Fabric's names of how several processes share a training: auto is ddp, DistributedDataParallel; the last one is for
networks with parameters that a step may leave out."""


def launch(
    *,
    device: str = "auto",
    devices: int = 1,
    nodes: int = 1,
    strategy: str = "auto",
    precision: str = "32-true",
    threads: int | None = None,
) -> Fabric:
    """Prepare the machine; with several devices start the other processes, or join them.

    Args:
        device: of `DEVICES`.
        devices: how many of them on a machine, each with a process of its own.
        nodes: machines.
        strategy: of `STRATEGIES`.
        precision: of `PRECISIONS`.
        threads: CPU threads of torch in each process; None: as they are, or the cores divided among the processes.

    Raises:
        rojsat.config.lookup.UnknownNameError: for another device, strategy or precision.
        ValueError: for a device that is not there or too many of them, and for half precision on a machine that only
            emulates it (on CPUs 10 to 37 times slower than 32-true).
    """
    fabric = prepare(device=device, devices=devices, nodes=nodes, strategy=strategy, precision=precision)
    # On a GPU some kernels have no exact form: warn there, fail here.
    torch.use_deterministic_algorithms(True, warn_only=fabric.device.type != "cpu")
    # Else torch fills memory with NaN before it is written to, to find faults: 3 to 5 % of the time of a small U-Net.
    torch.utils.deterministic.fill_uninitialized_memory = False
    other_processes.launch(fabric)
    if threads is not None:
        torch.set_num_threads(threads)
    return fabric


def prepare(
    *, device: str, devices: int = 1, nodes: int = 1, strategy: str = "auto", precision: str = "32-true"
) -> Fabric:
    """Fabric on a device, not launched yet: nothing of this process is changed. Arguments and errors as of `launch`."""
    names = {"device": (device, DEVICES), "precision": (precision, PRECISIONS), "strategy": (strategy, STRATEGIES)}
    for key, (chosen, possible) in names.items():
        if chosen not in possible:
            raise lookup.unknown(f"train.{key}", chosen, possible)
    how: dict[str, Any] = {"plugins": [LightningEnvironment()]}  # alone, whatever else SLURM or torchrun have started
    if devices * nodes > 1:
        how = {"num_nodes": nodes, "strategy": "ddp" if strategy == "auto" else strategy}
    try:
        fabric = Fabric(accelerator=device, devices=devices, precision=precision, **how)  # type: ignore[arg-type]
    except (MisconfigurationException, RuntimeError) as error:
        some = "no such device" if devices == 1 else f"no {devices} such devices"
        raise ValueError(f"train.device={device}: torch finds {some} here; auto takes what there is") from error
    _check_precision(precision, fabric.device)
    return fabric


def _check_precision(precision: str, device: torch.device) -> None:
    """Refuse numbers that the device does not multiply itself.

    Raises:
        ValueError: saying which it does.
    """
    if device.type == "cpu" and precision.startswith("16"):
        raise ValueError(f"precision {precision} is for GPUs; on a CPU use bf16-mixed or 32-true")
    if device.type == "cpu" and precision != "32-true" and not _half_precision():
        raise ValueError(f"precision {precision} on this CPU is emulated and many times slower; use 32-true")
    if device.type == "cuda" and precision.startswith("bf16") and not _gpu_has_bfloat16():
        raise ValueError(
            f"precision {precision} on this GPU is emulated: bfloat16 needs compute capability 8.0 (Ampere) or newer; "
            "use 16-mixed or 32-true"
        )


def name(device: torch.device) -> str:
    """The machine in words: the GPU, or the number of cores."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{os.cpu_count()} CPU cores ({platform.machine()})"


def _half_precision() -> bool:
    """Whether this CPU multiplies bfloat16 itself."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def _gpu_has_bfloat16() -> bool:
    """Whether the GPU multiplies bfloat16 itself."""
    return bool(torch.cuda.is_bf16_supported(including_emulation=False))


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
