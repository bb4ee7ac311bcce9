"""The only training loop: a generator that yields an `Epoch` each time it has gone through the training part."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import nn
from torch.nn import Parameter
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from rojsat.config import lookup
from rojsat.evaluation.metrics import Accumulator, NonFiniteError
from rojsat.learn import checkpoints, fine_tuning, inference, machine, trainable
from rojsat.learn.data.samples import EpochSampler, Samples, loader
from rojsat.learn.inference import Activation, Loss


@dataclass(frozen=True)
class Epoch:
    """The result of one epoch.

    Attributes:
        number: from 1.
        metrics: "train/loss", "val/loss" and every validation metric as "val/...".
        seconds: of training and validation.
        learning_rate: in this epoch; NaN where there is none.
        best: whether it is the best so far.
        resumed: whether it comes from a checkpoint, trained in an earlier call.
    """

    number: int
    metrics: dict[str, float]
    seconds: float
    learning_rate: float
    best: bool
    resumed: bool = False

    @property
    def rates(self) -> dict[str, float]:
        """The learning rate by its name in MLflow, where there is one."""
        return {"train/learning_rate": self.learning_rate} if math.isfinite(self.learning_rate) else {}


class DivergedError(NonFiniteError):
    """Loss or predictions became NaN or infinite in training."""


def fit(
    model: nn.Module,
    train: Samples,
    val: Samples,
    *,
    loss: Loss,
    fabric: Fabric,
    optimizer: Callable[[Iterable[Parameter]], Optimizer],
    schedule: Callable[[Optimizer], LRScheduler],
    metrics: Callable[[], Accumulator],
    epochs: int,
    batch_size: int,
    folder: Path,
    seed: int = 0,
    monitor: str = "loss",
    mode: str = "min",
    channels_last: bool = False,
    workers: int = 0,
    fingerprint: str = "",
    activate: Activation = inference.activate,
) -> Iterator[Epoch]:
    """Train `model`, save the best epoch by validation, and go on from the last finished epoch of `folder`.

    The same call gives the same bits, whether it ran through or was killed and called again: order and flips
    follow from seed and epoch, the checkpoint holds the random generators, and what the caller draws from
    them between epochs is undone.

    Args:
        model: network; changed in place, in the end with the weights of the last epoch (`best.pt` has the best).
        train: samples to train on.
        val: samples that choose the best epoch.
        loss: mean over the known pixels or chips.
        fabric: machine to run on.
        optimizer: from parameters to the optimizer.
        schedule: from the optimizer to its schedule, one step an epoch.
        metrics: makes an empty accumulator.
        epochs: in all, with those of the checkpoint.
        batch_size: samples a step, in each process.
        folder: of `last.pt` and `best.pt`.
        seed: of everything random.
        monitor: validation metric that chooses the best epoch.
        mode: "min" or "max" of it.
        channels_last: memory format of weights and images.
        workers: processes that prepare samples; 0: none.
        fingerprint: of settings and chips; a checkpoint with another one is refused.
        activate: from scores to the predictions that validation evaluates.

    Yields:
        Every `Epoch`; those of a checkpoint first, `resumed`.

    Raises:
        ValueError: for parts too small or without anything known, a metric that does not exist, or a checkpoint of
            other settings.
        DivergedError: if the loss of a step, or loss or predictions of validation, are no numbers; it names the epoch
            and the learning rate.
    """
    trainable.check_parts(train, val)
    if epochs < 1:
        raise ValueError(f"train.epochs is at least 1, not {epochs}")
    _check_monitor(metrics(), monitor, mode)
    machine.seed_all(seed)
    model.to(fabric.device).to(memory_format=torch.channels_last if channels_last else torch.contiguous_format)
    bare = optimizer(parameter for parameter in model.parameters() if parameter.requires_grad)
    state = checkpoints.State(model, bare, schedule(bare), fingerprint=fingerprint)
    wrapped, stepper = fabric.setup(model, bare)
    checkpoints.resume(state, folder)
    step = _Step(wrapped, stepper, loss, fabric, channels_last)
    for number in range(1, epochs + 1):
        resumed = number <= len(state.history)
        if not resumed:
            rank, world = fabric.global_rank, fabric.world_size
            sampler = EpochSampler(train.draws, seed=seed, epoch=number, rank=rank, world=world)
            batches = loader(train, sampler, batch_size=batch_size, workers=workers)
            record = _epoch(step, state, batches, number)
            try:
                record["metrics"] |= _validate(model, val, metrics(), batch_size, fabric, loss, activate)
            except NonFiniteError as error:
                raise DivergedError(_diverged(str(error), number, record["learning_rate"])) from error
            record["best"] = _is_best(state.history, record, monitor, mode)
            record["seconds"] = time.perf_counter() - record.pop("start")
            state.schedule.step()
            state.history.append(record)
            _save(state, folder, record["best"], fabric)
        random = machine.random_states()
        yield Epoch(**state.history[number - 1], resumed=resumed)
        machine.restore(random)


@dataclass(frozen=True)
class _Step:
    """One step of the optimizer on one batch."""

    model: Any
    optimizer: Any
    loss: Loss
    fabric: Fabric
    channels_last: bool

    def __call__(self, batch: list[torch.Tensor]) -> tuple[float, int]:
        """Loss, and number of known pixels or chips."""
        image, target, known = (tensor.to(self.fabric.device) for tensor in batch)
        if self.channels_last:
            image = image.contiguous(memory_format=torch.channels_last)
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.model(image), target, known)
        value = loss.item()
        if torch.isfinite(loss.detach()):
            self.fabric.backward(loss)
            self.optimizer.step()
        return value, int(known.sum())


def _epoch(step: _Step, state: checkpoints.State, batches: Iterable[list[torch.Tensor]], number: int) -> dict[str, Any]:
    """Once through the training part."""
    start, rate = time.perf_counter(), float(state.optimizer.param_groups[0]["lr"])
    fine_tuning.set_train(state.model)
    total, count = 0.0, 0
    for position, batch in enumerate(batches, start=1):
        value, known = step(batch)
        if not abs(value) < float("inf"):
            raise DivergedError(_diverged(f"the loss is {value} in step {position}", number, rate))
        total, count = total + value * known, count + known
    metrics = {"train/loss": total / count if count else float("nan")}
    return {"number": number, "metrics": metrics, "learning_rate": rate, "start": start}


def _diverged(what: str, epoch: int, rate: float) -> str:
    return (
        f"epoch {epoch}, at learning rate {rate:g}: {what}; lower optimizer.lr (a tenth is a good try) or look for "
        "extreme values in the channels, then run again: the same settings would give the same once more"
    )


def _validate(
    model: nn.Module,
    val: Samples,
    metrics: Accumulator,
    batch_size: int,
    fabric: Fabric,
    loss: Loss,
    activate: Activation,
) -> dict[str, float]:
    """All validation metrics; every process evaluates all samples, so that no metric is an average of averages.

    Raises:
        NonFiniteError: if predictions of what is known, or their loss, are NaN or infinite.
    """
    predictions, value = inference.infer(
        model,
        val,
        batch_size=batch_size,
        device=fabric.device,
        loss=loss,
        activate_scores=activate,
        known_alone=True,
    )
    values = {"loss": value} | inference.compute(predictions, val, metrics)
    if not math.isfinite(value):
        raise NonFiniteError(f"the loss of validation is {value}")
    return {f"val/{name}": number for name, number in values.items()}


def _is_best(history: list[dict[str, Any]], record: dict[str, Any], monitor: str, mode: str) -> bool:
    """Whether the record's monitored metric beats all earlier ones.

    The first epoch always does. NaN, of a metric that is not defined, never does after it.
    """
    name = f"val/{monitor}"
    sign = 1 if mode == "max" else -1
    worst = -float("inf")

    def score(entry: dict[str, Any]) -> float:
        value = sign * float(entry["metrics"][name])
        return value if value == value else worst

    return not history or score(record) > max(score(entry) for entry in history)


def _save(state: checkpoints.State, folder: Path, best: bool, fabric: Fabric) -> None:
    """Best first: killed between the two, the epoch is trained again and gives the same best."""
    if fabric.is_global_zero:
        if best:
            checkpoints.write(state.model.state_dict(), folder / checkpoints.BEST)
        checkpoints.save(state, folder)
    fabric.barrier()


def _check_monitor(metrics: Accumulator, monitor: str, mode: str) -> None:
    names = ["loss", *metrics.compute()]
    if monitor not in names:
        raise lookup.unknown("validation metric (train.monitor)", monitor, names)
    if mode not in ("min", "max"):
        raise ValueError(f"train.mode is min or max, not {mode!r}")
