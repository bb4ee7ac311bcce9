"""Pre-training without labels: a segmenter learns to fill in covered squares of the images (masked reconstruction).

Chosen over pairs of dates that are to look alike (contrastive learning, VICReg): these need batches of hundreds of
different places, and teach a network to overlook what changed between two dates, which is what damage and clearing are.
Pathak et al. 2016, "Context Encoders"; Xie et al. 2022, "SimMIM".
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from rojsat.chips import boxes, neighbours, stand_parts
from rojsat.chips.reader import Chips
from rojsat.config import lookup
from rojsat.config.schema import Experiment
from rojsat.learn import assembly, checkpoints, choices, filling, machine, trainable, training, training_options
from rojsat.learn.choices import Choices
from rojsat.learn.data.covering import CoveredSamples
from rojsat.learn.data.preparation import Source
from rojsat.learn.data.sample_arrays import Statistics, channel_statistics, standardise
from rojsat.learn.data.samples import Samples
from rojsat.learn.fabric import Fabric
from rojsat.learn.learners.network import NetworkLearner
from rojsat.learn.models import segmenters
from rojsat.learn.models.initial_weights import Start
from rojsat.learn.training import Epoch

LEAST = 8
"""Samples of training below which nothing is pre-trained: fewer than half a batch of the study."""

OF_DEGREES = ("bounded", "quantiles")
"""Options of a segmenter's last layer, which fills in channels here."""


@dataclass(frozen=True)
class Pretraining:
    """A network ready to be pre-trained.

    Attributes:
        settings: the experiment.
        network: of the experiment, with an output for each channel.
        head: keys of its last layer.
        train: samples to fill in.
        val: samples that choose the best epoch.
        source: what they were read from.
        statistics: of the channels in the training part, which an experiment with the same split has too.
        regions: that it is trained on, sorted.
        fabric: machine to run on.
        fingerprint: of all that decides the weights.
    """

    settings: Experiment
    network: nn.Module
    head: frozenset[str]
    train: Samples
    val: Samples
    source: Source
    statistics: Statistics
    regions: tuple[str, ...]
    fabric: Fabric
    fingerprint: str

    def fit(self, folder: Path) -> Iterator[Epoch]:
        """Train, or go on from the last finished epoch of `folder`; in the end with the weights of the best epoch."""
        experiment, chosen = self.settings, choices.find(self.settings)
        yield from training.fit(
            self.network,
            self.train,
            self.val,
            loss=filling.squared_error,
            fabric=self.fabric,
            optimizer=chosen.optimizer,
            schedule=chosen.schedule,
            interval=experiment.schedule.interval,
            metrics=filling.Filling,
            epochs=experiment.pretrain.epochs,
            batch_size=experiment.train.batch_size,
            folder=folder,
            seed=experiment.seed,
            channels_last=experiment.train.channels_last,
            workers=experiment.train.workers,
            fingerprint=self.fingerprint,
            activate=nn.Identity(),
            checkpoint_minutes=experiment.train.checkpoint_minutes,
            compiled=experiment.train.compile,
        )
        checkpoints.load_best(self.network, folder)

    def weights(self) -> dict[str, Tensor]:
        """All tensors of the network but those of its last layer, on the CPU."""
        state = self.network.state_dict()
        return {key: tensor.cpu().contiguous() for key, tensor in state.items() if key not in self.head}


def check(experiment: Experiment) -> None:
    """Try what an experiment asks for without any data.

    Raises:
        ValueError: for a model that is no segmenter, dates that are not named, and as `choices.check`.
    """
    choices.check(experiment)
    if experiment.task != "segmentation" or choices.learner(experiment) is not NetworkLearner:
        possible = ", ".join(lookup.modules(segmenters))
        raise ValueError(f"model.name={experiment.model.name}: pretrain is for segmenters, {possible}")
    if experiment.inputs.dates == ["all"]:
        raise ValueError("inputs.dates=[all]: pretrain takes null (every chip by itself) or dates by name")


def assemble(experiment: Experiment, chips: Chips, unique: str) -> Pretraining:
    """Make an experiment's network ready to be pre-trained on images of its data set. No mask and no label is used.

    Args:
        experiment: composed.
        chips: the chip store of its data set.
        unique: fingerprint of all that decides the weights.

    Raises:
        ValueError: for what `check` refuses, and too few samples.
    """
    check(experiment)
    chosen, settings = choices.find(experiment), experiment.pretrain
    source = replace(assembly.source(experiment, chips), task="classification")  # else masks would be read
    arrays = source.read(source.role)
    parts = _parts(experiment, chosen, arrays.rows)
    in_train, in_val = (parts == "train").to_numpy(), (parts == "val").to_numpy()
    statistics = channel_statistics(arrays[in_train])
    used = ~in_val if settings.regions == "all" else in_train
    _check_enough(int(used.sum()), int(in_val.sum()))
    inputs = experiment.inputs
    how: dict[str, Any] = {"share": settings.share, "side": settings.side, "seed": experiment.seed}
    train = CoveredSamples(
        standardise(arrays[used], statistics),
        augmentation=training_options.augmentation(inputs),
        windows_per_chip=inputs.windows_per_chip,
        **how,
    )
    val = CoveredSamples(standardise(arrays[in_val], statistics), augmentation={}, **how).fixed()
    fabric = training_options.launch(experiment.train)
    machine.seed_all(experiment.seed)
    count = len(source.inputs)
    network = _network(experiment, count, count, Start(experiment.model.weights, experiment.model.first_layer))
    trainable.check(network, {"train": train, "val": val}, experiment.train.batch_size, experiment.model.name)
    regions = tuple(sorted(set(arrays.rows["region"][used].astype(str))))
    head = _head(experiment, count, network)
    return Pretraining(experiment, network, head, train, val, source, statistics, regions, fabric, unique)


def _parts(experiment: Experiment, chosen: Choices, rows: pd.DataFrame) -> pd.Series:
    """The part of each sample, by the experiment's split."""
    table = boxes.own(rows).drop(columns="frame", errors="ignore")
    parts = chosen.split(stand_parts.together(table))
    split = experiment.split
    return neighbours.drop_near(table, parts, split.distance) if split.drop_near else parts


def _check_enough(train: int, val: int) -> None:
    """Refuse too few samples."""
    if train < LEAST or not val:
        raise ValueError(
            f"pretrain has {train} samples to train on and {val} to validate by; it needs {LEAST} and 1: add scenes or "
            "regions, take a split that leaves more, or pretrain.regions=all (all parts but validation, without labels)"
        )


def _network(experiment: Experiment, channels: int, outputs: int, start: Start) -> nn.Module:
    """The experiment's network with other outputs."""
    model = experiment.model
    options = {name: value for name, value in model.options.items() if name not in OF_DEGREES}
    build = lookup.bind(
        lookup.module(segmenters, model.name, "model").build, options, f"model {model.name}", ("start",)
    )
    network: nn.Module = build(channels, outputs, start=start)
    return network


def _head(experiment: Experiment, count: int, network: nn.Module) -> frozenset[str]:
    """Keys of the last layer: those whose shape follows from the number of outputs."""
    with torch.device("meta"):
        other = _network(experiment, count, count + 1, Start()).state_dict()
    return frozenset(key for key, tensor in network.state_dict().items() if other[key].shape != tensor.shape)
