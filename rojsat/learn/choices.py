"""Looks up what an experiment names; beside `assembly` the only module of learning that sees the experiment."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

import pandas as pd
import torch

from rojsat.chips import channels, degree_scale, splits
from rojsat.chips.roles import CLASSES
from rojsat.config import lookup
from rojsat.config.schema import Experiment, Inputs, Named, Optimizer, Split
from rojsat.config.training_keys import Train
from rojsat.evaluation.metrics import Accumulator, Classification, Segmentation
from rojsat.learn import fine_tuning, losses, optimizers, schedules, trainable, training_options
from rojsat.learn.inference import Loss
from rojsat.learn.learners.frame import FrameLearner
from rojsat.learn.learners.learner import Learner
from rojsat.learn.learners.network import NetworkLearner
from rojsat.learn.learners.pixels import PixelLearner
from rojsat.learn.learners.stand import StandLearner
from rojsat.learn.models import classifiers, frames, heads, initial_weights, pixels, segmenters
from rojsat.learn.models.heads import Head

MODELS: Mapping[str, Mapping[ModuleType, type[Learner]]] = {
    "classification": {classifiers: NetworkLearner, pixels: StandLearner, frames: FrameLearner},
    "segmentation": {segmenters: NetworkLearner, pixels: PixelLearner, frames: FrameLearner},
}
"""The packages with the models of each task, and what learner their models are for."""


FRAMES = ("box", "window")
"""What a network sees of a chip: the region's box, or windows that show no edge of it."""

DIRECTIONS = ("min", "max")
"""Whether the least or the largest value of a metric is the best."""

BUILT = ("start", "seed", "task", "dates")
"""Keywords of `build` that follow from keys of the experiment, and are no options of one model."""


@dataclass(frozen=True)
class Choices:
    """What an experiment's names and options stand for.

    Attributes:
        learner: the kind of learner that the model is for.
        build: of a network `build(channels, outputs, *, start)`, of one that takes all dates of a region with
            `dates` too, of an estimator on pixels or stands `build(outputs, *, seed)`,
            of a predictor without an image `build(outputs, *, task)`.
        split: from the table of the chips to the part of each row.
        loss: output, target, known to a scalar.
        optimizer: from parameters to the optimizer.
        schedule: from optimizer and the number of its own steps to the schedule of the learning rate.
        metrics: makes an empty accumulator.
        head: what the planes of a network mean; linear of all that is no segmenter.
    """

    learner: type[Learner]
    build: Callable[..., Any]
    split: Callable[[pd.DataFrame], pd.Series]
    loss: Loss
    optimizer: Callable[..., torch.optim.Optimizer]
    schedule: Callable[[torch.optim.Optimizer, int], torch.optim.lr_scheduler.LRScheduler]
    metrics: Callable[[], Accumulator]
    head: Head


def find(experiment: Experiment) -> Choices:
    """Look up every name and option, before anything long starts.

    Raises:
        rojsat.config.lookup.UnknownNameError: naming the nearest that exists.
        ValueError: if the loss cannot work on the network's outputs, or a channel shows what the frame hides.
    """
    model, train = experiment.model, experiment.train
    _check_outline(experiment)
    package = _package(experiment)
    build = lookup.module(package, model.name, "model").build
    kind = MODELS[experiment.task][package]
    if issubclass(kind, NetworkLearner):
        trainable.check_dates(experiment.inputs.dates, build, model.name)
    optimizer = _bound(optimizers, experiment.optimizer, "optimizer")
    head = _head(experiment, package)
    bound = lookup.bind(build, {**model.options, **head.options}, f"model {model.name}", BUILT)
    loss = _loss(experiment, head)
    _try_loss(loss, experiment.task, len(head.quantiles) or head.outputs)
    metrics = partial(_accumulator, experiment.task, experiment.metrics.threshold, model.outputs)
    _check_monitor(train, ["loss", *metrics().compute()])
    training_options.keep(train).check(train.epochs)
    training_options.check_inside(experiment)
    training_options.check_pixels(experiment)
    training_options.check_ranks(train, is_network=issubclass(kind, NetworkLearner))
    return Choices(
        learner=kind,
        build=bound,
        split=_bound(splits, experiment.split, "split"),
        loss=loss,
        optimizer=partial(optimizer, lr=experiment.optimizer.lr),
        schedule=_bound(schedules, experiment.schedule, "schedule"),
        metrics=metrics,
        head=head,
    )


def check(experiment: Experiment) -> None:
    """Try what an experiment asks for without any data: its names and options, the device, an empty network.

    Raises:
        ValueError: as `find`, for a device or precision that is not possible here, for weights that cannot be
            downloaded, and for what model, optimizer or schedule refuse.
    """
    chosen, train = find(experiment), experiment.train
    if chosen.head.of_heat:
        degree_scale.check_heat(experiment.data.labels.options.get("scale") == degree_scale.TRAINING_REGIONS)
    training_options.check_machine(train)
    _try_steps(chosen, experiment)
    network = None
    if issubclass(chosen.learner, FrameLearner):
        chosen.build(experiment.model.outputs, task=experiment.task)
    elif not issubclass(chosen.learner, NetworkLearner):
        chosen.build(experiment.model.outputs, seed=experiment.seed)
    else:
        channels, start = initial_weights.trial(experiment.model.weights)
        with torch.device("meta" if start.weights is None else "cpu"):  # meta: no memory, no random numbers
            network = chosen.build(channels, chosen.head.outputs, start=start)
        side = window(experiment.inputs) or trainable.LARGE
        trainable.check_batch_of_one(network, (channels, side, side), train.batch_size, experiment.model.name)
    decay = experiment.optimizer.layer_decay
    estimates = train.update_bn or train.keep == "average"
    fine_tuning.check(network, experiment.model.freeze, decay, update_bn=estimates)


def _try_steps(chosen: Choices, experiment: Experiment) -> None:
    """One step of optimizer and schedule on a single weight, so that they can refuse their options."""
    weight = torch.nn.Parameter(torch.zeros(1))
    try:
        optimizer = chosen.optimizer([weight])
        schedule = chosen.schedule(optimizer, experiment.train.epochs)
        optimizer.step()
        schedule.step()
    except ValueError as error:
        names = f"{experiment.optimizer.name}, schedule {experiment.schedule.name}"
        raise ValueError(f"optimizer {names}: {error}") from error


def window(inputs: Inputs) -> int | None:
    """Height and width of windows, pixels; None in the frame `box`.

    Raises:
        rojsat.config.lookup.UnknownNameError: for another frame.
        ValueError: for a window below 2 pixels, or no window of a chip.
    """
    if inputs.frame not in FRAMES:
        raise lookup.unknown("inputs.frame", inputs.frame, FRAMES)
    for key, least in (("window", 2), ("windows_per_chip", 1)):
        if getattr(inputs, key) < least:
            raise ValueError(f"inputs.{key} is {least} or more, not {getattr(inputs, key)}")
    return inputs.window if inputs.frame == "window" else None


def _check_outline(experiment: Experiment) -> None:
    """Refuse outlines in windows of degrees: known pixels are those of a box, and a region's polygon shows it."""
    inputs = experiment.inputs
    if window(inputs) is not None and experiment.task == "segmentation" and channels.OUTLINE in inputs.channels:
        raise ValueError(
            "inputs.channels: in segmentation the channel outline shows where the box is, which inputs.frame=window "
            "hides; leave it out (it is for stands, task classification), or choose inputs.frame=box"
        )


def learner(experiment: Experiment) -> type[Learner]:
    """The kind of learner that the experiment's model is for.

    Raises:
        rojsat.config.lookup.UnknownNameError: for a task or model that does not exist.
    """
    return MODELS[experiment.task][_package(experiment)]


def _package(experiment: Experiment) -> ModuleType:
    """The package that has the experiment's model."""
    if experiment.task not in MODELS:
        raise lookup.unknown("task", experiment.task, MODELS)
    packages = {name: package for package in MODELS[experiment.task] for name in lookup.modules(package)}
    if experiment.model.name not in packages:
        raise lookup.unknown("model", experiment.model.name, packages)
    return packages[experiment.model.name]


def _bound(home: ModuleType, choice: Named | Optimizer | Split, kind: str) -> Callable[..., Any]:
    """The function that the experiment names, of the module `home`, with its options."""
    return lookup.bind(lookup.function(home, choice.name, kind), choice.options, f"{kind} {choice.name}")


def _head(experiment: Experiment, package: ModuleType) -> Head:
    """The head that the experiment names, which is linear of all that is no segmenter.

    Raises:
        ValueError: for another of these, and as `heads.with_options`.
    """
    model = experiment.model
    if model.head.name != "linear" and package is not segmenters:
        raise ValueError(f"model.head.name={model.head.name} is of segmenters, and {model.name} is none; choose linear")
    return heads.with_options(_bound(heads, model.head, "head")(model.outputs), model.outputs, model.options)


def _loss(experiment: Experiment, head: Head) -> Loss:
    """The loss that the experiment names, which knows what it must of the head.

    Raises:
        ValueError: for a head with another loss than its own.
    """
    name = experiment.loss.name
    loss = lookup.function(losses, name, "loss")
    bound = lookup.bind(loss, experiment.loss.options, f"loss {name}", losses.FROM_HEAD)
    if head.loss is None and name in losses.OF_HEADS:
        raise ValueError(
            f"loss.name={name} fits a head of its own: set model.head.name={losses.OF_HEADS[name]}, or choose "
            "loss.name=masked_mse"
        )
    if head.loss not in (None, name):
        raise ValueError(
            f"model.head.name={losses.OF_HEADS[head.loss]} is fitted by loss.name={head.loss}, not {name}: set it, or "
            "choose the head linear"
        )
    return partial(bound, **head.loss_options)


def _try_loss(loss: Loss, task: str, outputs: int) -> None:
    """Call the loss once on zeros, so that it can refuse the network's outputs."""
    shape = (2, 2) if task == "segmentation" else ()
    target = torch.zeros(1, *shape, dtype=torch.float32 if shape else torch.int64)
    loss(torch.zeros(1, outputs, *shape), target, torch.ones_like(target, dtype=torch.bool))


def _check_monitor(train: Train, names: Iterable[str]) -> None:
    """Refuse a metric that validation does not give, and another mode than min and max."""
    if train.monitor not in list(names):
        raise lookup.unknown("train.monitor", train.monitor, names)
    if train.mode not in DIRECTIONS:
        raise lookup.unknown("train.mode", train.mode, DIRECTIONS)


def _accumulator(task: str, threshold: float, outputs: int) -> Accumulator:
    return Segmentation(threshold, degree=outputs == 1) if task == "segmentation" else Classification(CLASSES)
