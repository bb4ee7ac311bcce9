"""Schedules of the learning rate. Each function of `__all__` is one.

It takes one step an epoch, or one a step of the optimizer, see `INTERVALS`; its `length` is the number of these steps.
"""

import math

from torch.optim import Optimizer
from torch.optim.lr_scheduler import ConstantLR, LambdaLR, LRScheduler, StepLR

__all__ = ["constant", "cosine", "one_cycle", "step"]

INTERVALS = ("epoch", "step")
"""When a schedule takes a step: after an epoch, or after every step of the optimizer."""


def constant(optimizer: Optimizer, length: int) -> LRScheduler:  # noqa: ARG001 - the signature of a schedule
    """The learning rate stays as it is."""
    return ConstantLR(optimizer, factor=1.0)


def step(optimizer: Optimizer, length: int, *, step_size: int = 7, gamma: float = 0.1) -> LRScheduler:  # noqa: ARG001
    """The learning rate times `gamma` every `step_size` steps of the schedule (Svensson 2020: 7 epochs and 0.1)."""
    if step_size < 1:
        raise ValueError(f"schedule.options.step_size is 1 or more, not {step_size}")
    return StepLR(optimizer, step_size=step_size, gamma=gamma)


def cosine(optimizer: Optimizer, length: int, *, floor: float = 0.0) -> LRScheduler:
    """Half a cosine from the learning rate down to its `floor`-fold over its length."""
    return LambdaLR(optimizer, lambda done: floor + (1 - floor) * (1 + math.cos(math.pi * done / length)) / 2)


def one_cycle(optimizer: Optimizer, length: int, *, warm: float = 0.3, start: float = 0.1) -> LRScheduler:
    """Up in a line from the `start`-fold over the share `warm` of its length, then down half a cosine to 0."""
    top = max(1, round(warm * length))

    def factor(done: int) -> float:
        if done < top:
            return start + (1 - start) * done / top
        return (1 + math.cos(math.pi * (done - top) / max(1, length - top))) / 2

    return LambdaLR(optimizer, factor)
