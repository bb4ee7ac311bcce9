"""Where the experiment meets learning; below, plain keyword arguments only."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric

from rojsat.chips import boxes
from rojsat.chips.reader import Chips, NoChipsError
from rojsat.chips.roles import CLASSES, CONTROL
from rojsat.config import decides
from rojsat.config.schema import Experiment, Inputs
from rojsat.evaluation.metrics import Accumulator
from rojsat.learn import choices, inference, machine, training
from rojsat.learn.choices import Choices
from rojsat.learn.data.preparation import Prepared, Source, prepare
from rojsat.learn.inference import Evaluation
from rojsat.learn.learners.learner import Exported, Learner
from rojsat.learn.learners.network import NetworkLearner
from rojsat.learn.learners.pixels import PixelLearner
from rojsat.learn.models import first_layer
from rojsat.learn.models.initial_weights import Start
from rojsat.learn.training import Epoch


@dataclass(frozen=True)
class Assembled:
    """An experiment ready to train.

    Attributes:
        settings: the experiment.
        data: its samples.
        learner: what learns from them.
        metrics: makes an empty accumulator.
        device: that Fabric found.
        fingerprint: of the settings and chips that decide the result.
    """

    settings: Experiment
    data: Prepared
    learner: Learner
    metrics: Callable[[], Accumulator]
    device: torch.device
    fingerprint: str

    def train(self, folder: Path) -> Iterator[Epoch]:
        """Train, or go on from the last finished epoch of `folder`; in the end the model is that of the best epoch."""
        return self.learner.fit(self.data.samples["train"], self.data.samples["val"], folder)

    def evaluate(self, part: str) -> Evaluation:
        """Predict and evaluate a part (train, val, test) or all chips of another role, with the model as it is."""
        samples = self.data.of(part)
        return inference.evaluate(self.learner.predict(samples), samples, self.metrics())

    def controls(self) -> Evaluation | None:
        """Predictions of the control areas, of which nothing but their boxes counts as seen.

        None where no control area has the channels and dates of the experiment.
        """
        if CONTROL not in self.data.source.chips.roles:
            return None
        try:
            evaluation = self.evaluate(CONTROL)
        except NoChipsError:
            return None
        in_box = boxes.mask(evaluation.rows, *evaluation.seen.shape[1:])
        return replace(evaluation, seen=evaluation.seen & in_box)

    def export(self, path: Path) -> Exported:
        """Write the trained model as one file that takes channels in their own units, named in `settings`."""
        exported = self.learner.export(path, self.data.statistics, self.data.example())
        settings = {"channels": self.data.source.inputs, **exported.settings}
        return Exported(exported.kind, exported.shape, settings)

    def description(self) -> dict[str, Any]:
        """What must be known to use the trained model elsewhere; JSON-ready."""
        return {
            "task": self.settings.task,
            "channels": self.data.source.inputs,
            **({"window": self.data.source.window} if self.data.source.window else {}),
            "units": "reflectance and TCI in [0, 1], indices as rojsat/chips/channels.py defines them; NaN: unknown",
            "mean": [float(value) for value in self.data.statistics.mean],
            "std": [float(value) for value in self.data.statistics.std],
            "classes": list(CLASSES) if self.settings.task == "classification" else [],
        }


def assemble(experiment: Experiment, chips: Chips) -> Assembled:
    """Make an experiment ready to train: read its samples, split and standardise them, initialise its model.

    Args:
        experiment: composed by `rojsat.config`.
        chips: the chip store of its data set.

    Raises:
        ValueError: for anything in the experiment that is not possible; see `choices.find`.
    """
    chosen, train, inputs = choices.find(experiment), experiment.train, experiment.inputs
    fabric = machine.launch(device=train.device, precision=train.precision, threads=train.threads)
    channels = chips.expand(inputs.role, inputs.channels)
    data = prepare(
        Source(chips, inputs.role, channels, inputs.dates, experiment.task, choices.window(inputs)),
        split=chosen.split,
        negative_roles=inputs.negatives,
        augmentation=_augmentation(inputs),
        seed=experiment.seed,
        windows_per_chip=inputs.windows_per_chip,
    )
    unique = decides.fingerprint(experiment, chips.digest)
    learner = _LEARNERS[chosen.learner](experiment, chosen, data.source, fabric, unique)
    return Assembled(experiment, data, learner, chosen.metrics, fabric.device, unique)


def _augmentation(inputs: Inputs) -> dict[str, Any]:
    """The augmentation that the experiment asks for, by keyword of `Augmentation`."""
    keywords = {"flips": inputs.flips, "shift": inputs.shift, "erase": inputs.erase, "jitter": inputs.jitter}
    return {name: value for name, value in keywords.items() if value}


def _network(experiment: Experiment, chosen: Choices, source: Source, fabric: Fabric, unique: str) -> NetworkLearner:
    """A network with weights initialised from the seed, and the loop that trains it."""
    model, train = experiment.model, experiment.train
    rgb = first_layer.rgb_positions(source.channels, len(source.dates or [None]))
    machine.seed_all(experiment.seed)
    network = chosen.build(len(source.inputs), model.outputs, start=Start(model.weights, model.first_layer, rgb))
    loop = partial(
        training.fit,
        loss=chosen.loss,
        fabric=fabric,
        optimizer=chosen.optimizer,
        schedule=chosen.schedule,
        metrics=chosen.metrics,
        epochs=train.epochs,
        batch_size=train.batch_size,
        seed=experiment.seed,
        monitor=train.monitor,
        mode=train.mode,
        channels_last=train.channels_last,
        workers=train.workers,
        fingerprint=unique,
    )
    return NetworkLearner(network, loop, train.epochs, train.batch_size, fabric.device)


def _pixels(experiment: Experiment, chosen: Choices, *_: object) -> PixelLearner:
    """An estimator on single pixels."""
    estimator = chosen.build(experiment.model.outputs, seed=experiment.seed)
    return PixelLearner(estimator, chosen.metrics, experiment.seed)


_LEARNERS: Mapping[type[Learner], Callable[..., Learner]] = {NetworkLearner: _network, PixelLearner: _pixels}
