"""Where the experiment meets learning; below, plain keyword arguments only."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from rojsat.chips import boxes, splits
from rojsat.chips.reader import Chips, NoChipsError
from rojsat.chips.roles import CLASSES, CONTROL
from rojsat.config import decides
from rojsat.config.schema import Experiment
from rojsat.evaluation.metrics import Accumulator, NonFiniteError
from rojsat.learn import (
    choices,
    construction,
    final_model,
    inference,
    other_processes,
    reading,
    shared_batch_norm,
    trainable,
    training_options,
    without_image,
)
from rojsat.learn.data import memory, perturbations, streamed_preparation
from rojsat.learn.data.preparation import Prepared, prepare
from rojsat.learn.data.sample_source import Source
from rojsat.learn.data.samples import Samples
from rojsat.learn.data.stored_samples import StoredSamples
from rojsat.learn.inference import Evaluation
from rojsat.learn.learners import encoded_pixels
from rojsat.learn.learners.learner import Exported, Learner
from rojsat.learn.learners.network import NetworkLearner
from rojsat.learn.models import weights_register
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
        """Train, or go on from the last finished epoch of `folder`; in the end with the weights to keep."""
        return other_processes.together(self.learner.fit(self.data.samples["train"], self.data.samples["val"], folder))

    def evaluate(self, part: str, *, known_alone: bool = False) -> Evaluation:
        """Predict and evaluate a part (train, val, test) or all chips of another role.

        Args:
            part: its name.
            known_alone: whether pixels of which nothing is known need no prediction; it may be NaN.

        Raises:
            NonFiniteError: as metrics.
        """
        try:
            return self._evaluate(self.data.of(part), known_alone=known_alone)
        except NonFiniteError as error:
            raise NonFiniteError(f"{part}: {error}; lower optimizer.lr, or look for extreme channels") from error

    def _evaluate(self, samples: Samples, *, known_alone: bool = False) -> Evaluation:
        asked = perturbations.known_alone(samples) if known_alone else perturbations.in_boxes(samples)
        quantiles = self.learner.predict_quantiles(asked)
        if quantiles is None:
            return inference.evaluate(self.learner.predict(asked), samples, self.metrics())
        lower, median, upper = quantiles
        return replace(inference.evaluate(median, samples, self.metrics()), lower=lower, upper=upper)

    def without_image(self, part: str) -> dict[str, Evaluation]:
        """What predictors that see no image reach on a part (train, val, test), by their names."""
        outputs = self.settings.model.outputs
        return without_image.evaluate(self.data, part, outputs=outputs, metrics=self.metrics)

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

    def reads(self, intact: Mapping[str, float]) -> dict[str, Any]:
        """What the trained model reads on the test part, whose metrics are `intact`; see `reading.read`.

        Of a test part that is streamed a portion is read, and evaluated intact too.
        """
        groups = {name: self.data.source.positions(name) for name in self.settings.inputs.channels}
        samples = self.data.samples["test"].portion()
        if len(samples) < len(self.data.samples["test"]):
            intact = self._evaluate(samples).metrics
        return reading.read(self.learner, samples, self.metrics, intact=intact, groups=groups)

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
            **({"degree_scale": self.data.scale.facts()} if self.data.scale else {}),
        }


def assemble(experiment: Experiment, chips: Chips, *, everything: bool = False) -> Assembled:
    """Make an experiment ready to train: read its samples, split and standardise them, initialise its model.

    Args:
        experiment: composed by `rojsat.config`.
        chips: the chip store of its data set.
        everything: whether all regions train, whatever the split: nothing is left to validate or test.

    Raises:
        ValueError: for anything in the experiment that is not possible; see `choices.find`.
        rojsat.chips.audit.LeakError: if its split claims regions that are not trained on, and leaks.
    """
    chosen, train = choices.find(experiment), experiment.train
    fabric = training_options.launch(train)
    data = prepared(experiment, chips, everything=everything)
    if chosen.head.of_heat and data.scale is not None:
        chosen = replace(chosen, loss=partial(chosen.loss, limit=data.scale.limit))
    unique = decides.fingerprint(experiment, chips.digest)
    learner = construction.learner(experiment, chosen, data.source, fabric, unique)
    learner = encoded_pixels.encoded(learner, experiment.inputs.features, data, fabric.device, experiment.seed)
    if isinstance(learner, NetworkLearner):
        weights_register.check(experiment.model.weights, data.source.inputs, data.statistics.mean)
        parts = {"train": data.samples["train"]} if everything else data.samples
        if experiment.train.sync_bn:
            shared_batch_norm.check(learner.network)
        trainable.check(learner.network, parts, learner.batch_size, experiment.model.name)
    return Assembled(experiment, data, learner, chosen.metrics, fabric.device, unique)


def source(experiment: Experiment, chips: Chips) -> Source:
    """What the samples of an experiment are read from.

    Raises:
        ValueError: for a frame or channels that cannot be.
    """
    inputs = experiment.inputs
    channels = chips.expand(inputs.role, inputs.channels)
    return Source(
        chips, inputs.role, channels, inputs.dates, experiment.task, choices.window(inputs), inputs.windows_inside
    )


def metrics(experiment: Experiment) -> Callable[[], Accumulator]:
    """Makes an empty accumulator of the experiment's metrics."""
    return choices.find(experiment).metrics


def prepared(experiment: Experiment, chips: Chips, *, everything: bool = False, can_stream: bool = True) -> Prepared:
    """The samples of an experiment, split and standardised; `everything`: all of them train.

    Args:
        experiment: composed.
        chips: the chip store of its data set.
        everything: whether all regions train, whatever the split.
        can_stream: whether samples may stay in the store, where they are many and a network learns from them.

    Raises:
        ValueError: for anything in the experiment that is not possible; see `choices.find`.
        rojsat.chips.audit.LeakError: if its split claims regions that are not trained on, and leaks.
    """
    inputs, train, chosen = experiment.inputs, experiment.train, choices.find(experiment)
    stored = StoredSamples.of(source(experiment, chips))
    can_stream = can_stream and issubclass(chosen.learner, NetworkLearner) and not inputs.negatives
    way = memory.choose(stored, train.in_memory_gib, can_stream=can_stream)
    how: dict[str, Any] = {
        "split": final_model.everything if everything else chosen.split,
        "near": experiment.split.distance,
        "drop_near": experiment.split.drop_near,
        "augmentation": training_options.augmentation(inputs),
        "seed": experiment.seed,
        "windows_per_chip": inputs.windows_per_chip,
        "of_heat": chosen.head.of_heat,
    }
    if way.is_streamed:
        data = streamed_preparation.prepare(stored, buffer=way.buffer, threads=max(1, train.workers), **how)
    else:
        data = prepare(stored.source, negative_roles=inputs.negatives, **how)
    if not everything and splits.CLAIMS_UNSEEN[experiment.split.name] and not experiment.split.allow_leaks:
        data.audit.check(experiment.split.name)
    return replace(data, reading=way.words)
