"""Which devices this machine has, by signs that need no import of torch: its build, the driver, the processor."""

import ast
import ctypes
import importlib.util
import platform
from pathlib import Path

DRIVER = "libcuda.so.1"
"""NVIDIA's driver library."""


def present(device: str) -> bool:
    """Whether torch can use a kind of device here; True for what this cannot find out.

    Args:
        device: as `train.device` calls it.
    """
    if device == "mps":
        return platform.system() == "Darwin" and platform.machine() == "arm64"
    if device == "cuda":
        return has_gpu()
    return device != "gpu" or present("mps") or has_gpu()


def has_gpu() -> bool:
    """Whether torch is built for GPUs and a driver finds one; `CUDA_VISIBLE_DEVICES` counts."""
    build = _torch_build()
    if build.get("hip"):
        return Path("/dev/kfd").exists()
    return bool(build.get("cuda")) and _nvidia_gpus() > 0


def _torch_build() -> dict[str, str | None]:
    """What torch was built with, `cuda` and `hip`; empty where torch is not installed."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return {}
    lines = ast.parse(Path(spec.origin).with_name("version.py").read_text()).body
    assigned = [line for line in lines if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)]
    return {line.target.id: ast.literal_eval(line.value) for line in assigned if line.value}  # type: ignore[union-attr]


def _nvidia_gpus() -> int:
    """GPUs that NVIDIA's driver offers to this process."""
    try:
        driver = ctypes.CDLL(DRIVER)
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value
