"""Schedules of the learning rate. Each function of `__all__` is one; it takes one step an epoch."""

import math

from torch.optim import Optimizer
from torch.optim.lr_scheduler import ConstantLR, LambdaLR, LRScheduler, StepLR

__all__ = ["constant", "cosine", "one_cycle", "step"]


def constant(optimizer: Optimizer, epochs: int) -> LRScheduler:  # noqa: ARG001 - the signature of a schedule
    """The learning rate stays as it is."""
    return ConstantLR(optimizer, factor=1.0)


def step(optimizer: Optimizer, epochs: int, *, step_size: int = 7, gamma: float = 0.1) -> LRScheduler:  # noqa: ARG001
    """The learning rate times `gamma` every `step_size` epochs (Svensson 2020: 7 and 0.1)."""
    if step_size < 1:
        raise ValueError(f"schedule.options.step_size is 1 epoch or more, not {step_size}")
    return StepLR(optimizer, step_size=step_size, gamma=gamma)


def cosine(optimizer: Optimizer, epochs: int, *, floor: float = 0.0) -> LRScheduler:
    """Half a cosine from the learning rate down to its `floor`-fold over all epochs."""
    return LambdaLR(optimizer, lambda epoch: floor + (1 - floor) * (1 + math.cos(math.pi * epoch / epochs)) / 2)


def one_cycle(optimizer: Optimizer, epochs: int, *, warm: float = 0.3, start: float = 0.1) -> LRScheduler:
    """Up in a line from the `start`-fold over the share `warm` of the epochs, then down half a cosine to 0."""
    top = max(1, round(warm * epochs))

    def factor(epoch: int) -> float:
        if epoch < top:
            return start + (1 - start) * epoch / top
        return (1 + math.cos(math.pi * (epoch - top) / max(1, epochs - top))) / 2

    return LambdaLR(optimizer, factor)
