"""The only training loop: a generator that yields an `Epoch` each time it has gone through the training part."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import Parameter
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from rojsat.config import lookup
from rojsat.evaluation.metrics import Accumulator, NonFiniteError
from rojsat.learn import checkpoints, epoch_steps, inference, machine, shared_batch_norm, trainable
from rojsat.learn.data import batches
from rojsat.learn.data.samples import Samples
from rojsat.learn.epoch_steps import DivergedError
from rojsat.learn.fabric import Fabric
from rojsat.learn.inference import Activation, Loss
from rojsat.learn.kept_weights import Keep
from rojsat.learn.process_group import Ranks

_BEST_EPOCH = Keep()
"""The weights of the best epoch are kept."""


@dataclass(frozen=True)
class Epoch:
    """The result of one epoch.

    Attributes:
        number: from 1.
        metrics: "train/loss", "val/loss" and every validation metric as "val/...".
        seconds: of training and validation.
        learning_rate: in this epoch; NaN where there is none.
        best: whether its weights would be kept if it were the last: the best so far, or as another `keep` says.
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


def fit(
    model: nn.Module,
    train: Samples,
    val: Samples | None,
    *,
    loss: Loss,
    fabric: Fabric,
    optimizer: Callable[[Iterable[Parameter]], Optimizer],
    schedule: Callable[[Optimizer, int], LRScheduler],
    interval: str = "epoch",
    metrics: Callable[[], Accumulator],
    epochs: int,
    stop: int | None = None,
    batch_size: int,
    folder: Path,
    seed: int = 0,
    monitor: str = "loss",
    mode: str = "min",
    keep: Keep = _BEST_EPOCH,
    channels_last: bool = False,
    workers: int = 0,
    fingerprint: str = "",
    activate: Activation = inference.activate,
    checkpoint_minutes: float | None = None,
    compiled: bool = False,
    sync_bn: bool = False,
) -> Iterator[Epoch]:
    """Train `model`, save the weights to keep, and go on from the checkpoint of `folder`.

    The same call gives the same bits, whether it ran through or was killed and called again: order and flips
    follow from seed and epoch, the checkpoint holds the random generators and, within an epoch, the steps done and
    their losses, and what the caller draws from the generators between epochs is undone.

    Several processes (`rojsat.learn.process_group`) share the order of an epoch, sample by sample, and a step moves the
    weights by the gradient of all their batches; samples left over by their number are left out of the epoch.
    Batch normalisation takes mean and variance of each process's own batch, unless `sync_bn`; running statistics are
    those of the first, which alone validates, and writes.

    Args:
        model: network; changed in place, in the end with the weights of the last epoch (`best.pt` has those to keep).
        train: samples to train on.
        val: samples that choose the best epoch; None: nothing is validated, and `keep` must be another than best.
        loss: mean over the known pixels or chips.
        fabric: machine to run on.
        optimizer: from parameters to the optimizer.
        schedule: from the optimizer and the number of its own steps to the schedule of the learning rate.
        interval: of `schedules.INTERVALS`, when the schedule takes a step.
        metrics: makes an empty accumulator.
        epochs: in all, with those of the checkpoint; the schedule's length, in epochs or in all their steps.
        stop: the last epoch, if training ends before.
        batch_size: samples a step, in each process.
        folder: of `last.pt` and `best.pt`.
        seed: of everything random.
        monitor: validation metric that chooses the best epoch.
        mode: "min" or "max" of it.
        keep: which weights are saved as the best, and what validation evaluates.
        channels_last: memory format of weights and images.
        workers: processes that prepare samples; 0: none.
        fingerprint: of settings and chips; a checkpoint with another one is refused.
        activate: from scores to the predictions that validation evaluates.
        checkpoint_minutes: after which the steps of an epoch so far are saved; None: complete epochs alone are.
        compiled: whether steps run through `torch.compile`; validation does not.
        sync_bn: whether batch normalisation takes mean and variance of the batches of all processes.

    Yields:
        Every `Epoch`; those of a checkpoint first, `resumed`.

    Raises:
        ValueError: for parts too small or without anything known, a metric that does not exist, or a checkpoint of
            other settings.
        DivergedError: if the loss of a step, or loss or predictions of validation, are no numbers; it names the epoch
            and the learning rate.
    """
    ranks = Ranks(fabric)
    trainable.check_parts(train, val)
    trainable.check_share(train.draws, ranks.count)
    if epochs < 1:
        raise ValueError(f"train.epochs is at least 1, not {epochs}")
    _check_monitor(metrics(), monitor, mode)
    keep.check(stop or epochs, is_validated=val is not None)
    machine.seed_all(seed)
    if sync_bn and ranks.count > 1:
        shared_batch_norm.convert(model)
    model.to(fabric.device).to(memory_format=torch.channels_last if channels_last else torch.contiguous_format)
    bare = optimizer(parameter for parameter in model.parameters() if parameter.requires_grad)
    is_by_step, steps = interval == "step", batches.count(train.draws // ranks.count, batch_size)
    planned = schedule(bare, epochs * (steps if is_by_step else 1))
    state = checkpoints.State(model, bare, planned, keep.averaged(model), fingerprint=fingerprint)
    # each size of a batch its own code: which sizes came before must not matter when training goes on from a checkpoint
    stepped: Any = torch.compile(model, dynamic=False) if compiled else model
    wrapped, stepper = fabric.setup(stepped, bare)
    ranks.seed_others(seed)
    content = ranks.of_first(partial(checkpoints.read, folder, fingerprint, ranks.count))
    if content is not None:
        checkpoints.fill(state, content, ranks.rank)
    after = partial(_after_step, partial(keep.after_step, state.average, model), planned if is_by_step else None)
    step = epoch_steps.Step(wrapped, stepper, loss, ranks, channels_last, after)
    for number in range(1, (stop or epochs) + 1):
        resumed = number <= len(state.history)
        if not resumed:
            shared = {"batch_size": batch_size, "workers": workers, "rank": ranks.rank, "world": ranks.count}
            drawn = train.epoch(number, seed=seed, **shared)
            save = partial(_save, state, folder, None, ranks)
            record = epoch_steps.run(step, state, drawn, number, save=save, minutes=checkpoint_minutes)
            how = {"left": (stop or epochs) - number, "batch_size": batch_size, "seed": seed}
            kept = keep.after_epoch(state.average, model, train, **how)
            try:
                if val is not None:
                    validate = partial(_validate, kept, val, metrics(), batch_size, fabric, loss, activate)
                    record["metrics"] |= ranks.of_first(validate)
            except NonFiniteError as error:
                raise DivergedError(epoch_steps.diverged(str(error), number, record["learning_rate"])) from error
            record["best"] = keep.is_kept(state.history, record, f"val/{monitor}", mode)
            record["seconds"] = time.perf_counter() - record.pop("start")
            if not is_by_step:
                planned.step()
            state.history.append(record)
            _save(state, folder, kept if record["best"] else None, ranks)
        random = machine.random_states()
        yield Epoch(**state.history[number - 1], resumed=resumed)
        machine.restore(random)


def _after_step(average: Callable[[], None], schedule: LRScheduler | None) -> None:
    """What follows a step of the optimizer: the average of the weights moves on, and a schedule that goes by step."""
    average()
    if schedule is not None:
        schedule.step()


def _validate(
    model: nn.Module,
    val: Samples,
    metrics: Accumulator,
    batch_size: int,
    fabric: Fabric,
    loss: Loss,
    activate: Activation,
) -> dict[str, float]:
    """All validation metrics, of all samples: no metric is an average of averages.

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


def _save(state: checkpoints.State, folder: Path, best: nn.Module | None, ranks: Ranks) -> None:
    """Best first: killed between the two, the epoch is trained again and gives the same best."""
    random = ranks.of_each(machine.random_states())
    if ranks.is_first:
        if best is not None:
            checkpoints.write(best.state_dict(), folder / checkpoints.BEST)
        checkpoints.save(state, folder, random)
    ranks.fabric.barrier()


def _check_monitor(metrics: Accumulator, monitor: str, mode: str) -> None:
    names = ["loss", *metrics.compute()]
    if monitor not in names:
        raise lookup.unknown("validation metric (train.monitor)", monitor, names)
    if mode not in ("min", "max"):
        raise ValueError(f"train.mode is min or max, not {mode!r}")
