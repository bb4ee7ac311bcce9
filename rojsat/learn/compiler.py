"""Whether `torch.compile` works on this machine, which needs a compiler: found out by trying it."""

import torch

NEEDED = {"cpu": "a C++ compiler (CXX, or g++) and Python's headers", "cuda": "Triton and a C compiler"}
"""By kind of device."""


def check(device: torch.device) -> None:
    """Compile a sum, which takes some seconds the first time.

    Raises:
        ValueError: if that fails; it names the reason.
    """
    try:
        torch.compile(_double, dynamic=False)(torch.ones(2, device=device))
    except Exception as error:  # what is missing decides what is raised
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        needed = NEEDED.get(device.type, "a compiler for this device")
        raise ValueError(
            f"train.compile=true needs {needed}, and torch.compile fails here: {reason}; train.compile=false trains "
            "without it"
        ) from error


def _double(values: torch.Tensor) -> torch.Tensor:
    return values + values
