"""The steps of one epoch: the optimizer's on every batch, and a checkpoint in their midst every few minutes."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from rojsat.evaluation.metrics import NonFiniteError
from rojsat.learn import fine_tuning, machine
from rojsat.learn.checkpoints import EpochPosition, State
from rojsat.learn.data.samples import Batches
from rojsat.learn.inference import Loss
from rojsat.learn.process_group import Ranks


class DivergedError(NonFiniteError):
    """Loss or predictions became NaN or infinite in training."""


@dataclass(frozen=True)
class Step:
    """One step of the optimizer on one batch, or on those of all processes that share the training."""

    model: Any
    optimizer: Any
    loss: Loss
    ranks: Ranks
    channels_last: bool
    after: Callable[[], None]

    def __call__(self, batch: list[torch.Tensor], is_due: bool = False) -> tuple[float, int, bool]:
        """Loss and number of known pixels or chips over all processes, and whether a checkpoint is due.

        Args:
            batch: of this process.
            is_due: whether a checkpoint is; that of the first process counts.
        """
        image, target, known = (tensor.to(self.ranks.fabric.device) for tensor in batch)
        if self.channels_last:
            image = image.contiguous(memory_format=torch.channels_last)
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.model(image), target, known)
        value, count, share = loss.item(), int(known.sum()), None
        if self.ranks.count > 1:
            share, value, count, is_due = self._shared(value, count, is_due)
        if math.isfinite(value):
            self.ranks.fabric.backward(loss if share is None else loss * share)
            self.optimizer.step()
            self.after()
        return value, count, is_due

    def _shared(self, value: float, count: int, is_due: bool) -> tuple[float, float, int, bool]:
        """The factor that makes the mean of all gradients that of all known pixels, and what `__call__` returns.

        DDP takes the mean over processes, each as heavy; a loss is a mean over known pixels, of which each process has
        another number. Where the loss is finite in one and not in another, all learn of it, and none waits for it.
        """
        total, known, due = self.ranks.sums(value * count, count, float(is_due and self.ranks.is_first))
        mean = total / known if known else 0.0 * total
        return self.ranks.count * count / max(known, 1), mean, int(known), due > 0


def run(
    step: Step, state: State, batches: Batches, number: int, *, save: Callable[[], None], minutes: float | None
) -> dict[str, Any]:
    """Go once through the training part, or through what `state.position` says is left of it.

    Args:
        step: on one batch.
        state: of the training; its position is set before `save`, and None in the end.
        batches: of the epoch.
        number: of the epoch, from 1.
        save: writes a checkpoint of `state`.
        minutes: after which one is written, again and again; None: none is within an epoch.

    Returns:
        the epoch's record so far: number, metrics, learning rate that it began with, and start, a time of
        `time.perf_counter`.

    Raises:
        DivergedError: if the loss of a step is no number.
    """
    done = state.position or EpochPosition(number)
    start, rate = time.perf_counter() - done.seconds, done.rate
    rate = float(state.optimizer.param_groups[0]["lr"]) if rate is None else rate
    fine_tuning.set_train(state.model)
    random = machine.random_states()
    left = iter(batches(done.steps))
    if state.position is not None:
        machine.restore(random)  # a loader draws when it begins, which the epoch did when it began
    total, count, saved = done.total, done.count, time.monotonic()
    for steps, batch in enumerate(left, start=done.steps + 1):
        is_due = minutes is not None and time.monotonic() - saved >= 60 * minutes
        value, known, is_due = step(batch, is_due)
        if not math.isfinite(value):
            raise DivergedError(diverged(f"the loss is {value} in step {steps}", number, rate))
        total, count = total + value * known, count + known
        if is_due:
            state.position = EpochPosition(number, steps, total, count, time.perf_counter() - start, rate)
            save()
            saved = time.monotonic()
    state.position = None
    metrics = {"train/loss": total / count if count else float("nan")}
    return {"number": number, "metrics": metrics, "learning_rate": rate, "start": start}


def diverged(what: str, epoch: int, rate: float) -> str:
    """What happened in an epoch, and what to do."""
    return (
        f"epoch {epoch}, at learning rate {rate:g}: {what}; lower optimizer.lr (a tenth is a good try) or look for "
        "extreme values in the channels, then run again: the same settings would give the same once more"
    )
