"""Looks up what an experiment names; beside `assembly` the only module of learning that sees configuration."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

import pandas as pd
import torch

from rojsat.chips import splits
from rojsat.config import lookup
from rojsat.config.schema import Experiment, Named, Optimizer, Split, Train
from rojsat.evaluation.metrics import Accumulator, Classification, Segmentation
from rojsat.learn import losses, optimizers, schedules
from rojsat.learn.data.inputs import CLASSES
from rojsat.learn.inference import Loss
from rojsat.learn.models import classifiers, pixels, segmenters

MODELS = {"classification": (classifiers,), "segmentation": (segmenters, pixels)}
"""Where the networks of each task are."""


BUILT = ("weights", "first_layer", "rgb", "seed")
"""Keywords of `build` that are keys of the experiment, not options of one model."""


@dataclass(frozen=True)
class Choices:
    """What an experiment's names and options stand for, all found.

    Attributes:
        build: `build(channels, outputs, *, weights, first_layer, rgb)`, or `build(outputs, *, seed)` of an estimator.
        split: from the chips' table to the part of each row.
        loss: output, target, known to a scalar.
        optimizer: from parameters to the optimizer.
        schedule: from optimizer to its schedule.
        metrics: makes an empty accumulator.
        pixelwise: whether the model is an estimator on single pixels.
    """

    build: Callable[..., Any]
    split: Callable[[pd.DataFrame], pd.Series]
    loss: Loss
    optimizer: Callable[..., torch.optim.Optimizer]
    schedule: Callable[..., torch.optim.lr_scheduler.LRScheduler]
    metrics: Callable[[], Accumulator]
    pixelwise: bool


def find(experiment: Experiment) -> Choices:
    """Look up every name and option, before anything long starts.

    Raises:
        rojsat.config.lookup.UnknownNameError: naming the nearest that exists.
        ValueError: if the loss cannot work on the network's outputs.
    """
    task, model = experiment.task, experiment.model
    if task not in MODELS:
        raise lookup.unknown("task", task, MODELS)
    module = _model(task, model.name)
    optimizer = _bound(optimizers, experiment.optimizer, "optimizer")
    loss = _bound(losses, experiment.loss, "loss")
    _try_loss(loss, task, model.outputs)
    metrics = partial(_accumulator, task, experiment.metrics.threshold, model.outputs)
    _check_monitor(experiment.train, ["loss", *metrics().compute()])
    return Choices(
        build=lookup.bind(module.build, model.options, f"model {model.name}", BUILT),
        split=_bound(splits, experiment.split, "split"),
        loss=loss,
        optimizer=partial(optimizer, lr=experiment.optimizer.lr),
        schedule=partial(_bound(schedules, experiment.schedule, "schedule"), epochs=experiment.train.epochs),
        metrics=metrics,
        pixelwise=module.__name__.startswith(pixels.__name__),
    )


def _model(task: str, name: str) -> ModuleType:
    homes = {found: package for package in MODELS[task] for found in lookup.modules(package)}
    if name not in homes:
        raise lookup.unknown("model", name, homes)
    return lookup.module(homes[name], name, "model")


def _bound(home: ModuleType, choice: Named | Optimizer | Split, kind: str) -> Callable[..., Any]:
    """The function that the experiment chose, with its options."""
    function = lookup.function(home, choice.name, kind)
    return lookup.bind(function, choice.options, f"{kind} {choice.name}")


def _try_loss(loss: Loss, task: str, outputs: int) -> None:
    """Call the loss once on nothing, so that it can refuse the network's outputs."""
    pixels_of = (2, 2) if task == "segmentation" else ()
    target = torch.zeros(1, *pixels_of, dtype=torch.float32 if pixels_of else torch.int64)
    loss(torch.zeros(1, outputs, *pixels_of), target, torch.ones_like(target, dtype=torch.bool))


def _check_monitor(setting: Train, names: Iterable[str]) -> None:
    """Refuse a metric that validation does not give, and a mode that is none."""
    if setting.monitor not in list(names):
        raise lookup.unknown("train.monitor", setting.monitor, names)
    if setting.mode not in ("min", "max"):
        raise lookup.unknown("train.mode", setting.mode, ("min", "max"))


def _accumulator(task: str, threshold: float, outputs: int) -> Accumulator:
    return Segmentation(threshold, degree=outputs == 1) if task == "segmentation" else Classification(CLASSES)
