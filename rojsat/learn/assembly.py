"""Where the experiment's configuration meets learning; below, plain keyword arguments only."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from lightning_fabric import Fabric

from rojsat.chips import audit, splits
from rojsat.chips.reader import Chips, NoChipsError
from rojsat.config import lookup
from rojsat.config.schema import Experiment
from rojsat.learn import checkpoints, choices, export, inference, machine, pixelwise, training
from rojsat.learn.choices import Choices
from rojsat.learn.data import negatives
from rojsat.learn.data.augmentation import Augmentation
from rojsat.learn.data.inputs import CLASSES, CLIP, Planes, Statistics, measure, read, standardise
from rojsat.learn.data.samples import Samples
from rojsat.learn.inference import Evaluation
from rojsat.learn.models import first_layer
from rojsat.learn.training import Epoch

CONTROL = "control"
"""Role of the chips that are only looked at."""


def fingerprint(experiment: Experiment, digest: str) -> str:
    """Sha256 of everything that decides the result: the settings and the chips; not where and how fast it runs."""
    keys = ("task", "seed", "inputs", "split", "model", "loss", "optimizer", "schedule", "train", "metrics")
    content = {key: asdict(experiment)[key] for key in keys}
    content["train"] = {k: v for k, v in content["train"].items() if k not in ("threads", "workers", "device")}
    return hashlib.sha256(json.dumps([content, digest], sort_keys=True).encode()).hexdigest()


@dataclass
class Assembled:
    """An experiment ready to train.

    Attributes:
        settings: its configuration.
        parts: what its names stand for.
        chips: the store.
        channels: of one date, expanded.
        statistics: of the training part.
        samples: by part: train, val, test.
        split: the chips' table of the role, with the column `part`.
        audit: see `rojsat.chips.audit`.
        fabric: the machine.
        model: the network or estimator.
        fingerprint: of the settings and chips that decide the result.
    """

    settings: Experiment
    parts: Choices
    chips: Chips
    channels: tuple[str, ...]
    statistics: Statistics
    samples: dict[str, Samples]
    split: pd.DataFrame
    audit: dict[str, Any]
    fabric: Fabric
    model: Any
    fingerprint: str

    @property
    def epochs(self) -> int:
        """How many epochs there will be in all."""
        return 1 if self.parts.pixelwise else self.settings.train.epochs

    def train(self, folder: Path) -> Iterator[Epoch]:
        """Train, or go on from the last whole epoch of `folder`; in the end the model is that of the best epoch."""
        train, val, metrics = self.samples["train"], self.samples["val"], self.parts.metrics
        if self.parts.pixelwise:
            yield from pixelwise.fit(self.model, train, val, metrics=metrics, seed=self.settings.seed)
            return
        setting = self.settings.train
        yield from training.fit(
            self.model,
            self.parts.loss,
            train,
            val,
            fabric=self.fabric,
            optimizer=self.parts.optimizer,
            schedule=self.parts.schedule,
            metrics=metrics,
            epochs=self.epochs,
            batch_size=setting.batch_size,
            folder=folder,
            seed=self.settings.seed,
            monitor=setting.monitor,
            mode=setting.mode,
            channels_last=setting.channels_last,
            workers=setting.workers,
            fingerprint=self.fingerprint,
        )
        checkpoints.load_best(self.model, folder)

    def evaluate(self, part: str) -> Evaluation:
        """Predict and evaluate a part (train, val, test) or all chips of another role, with the model as it is."""
        samples = self.samples[part] if part in self.samples else self._of_role(part)
        return inference.evaluate(self.predict(samples), samples, self.parts.metrics())

    def controls(self) -> Evaluation | None:
        """What the model says of the controls; None where none has the channels and dates of the experiment."""
        if CONTROL not in self.chips.roles:
            return None
        try:
            samples = self._of_role(CONTROL)
        except NoChipsError:
            return None
        return inference.evaluate(self.predict(samples), samples, self.parts.metrics())

    def predict(self, samples: Samples) -> np.ndarray:
        """Degrees or probabilities, (N, H, W), or those of the classes, (N, K); float32."""
        if self.parts.pixelwise:
            return pixelwise.predict(self.model, samples)
        size, device = self.settings.train.batch_size, self.fabric.device
        return inference.infer(self.model, samples, batch_size=size, device=device)[0]

    def example(self) -> np.ndarray:
        """Two samples of a validation region in the channels' own units, (2, C, H, W) float32; NaN where not known."""
        role, dates = self.settings.inputs.role, self.settings.inputs.dates
        rows = self.chips.rows(role, self.channels)
        rows = rows[rows["region"] == self.samples["val"].rows["region"].iloc[0]]
        planes = read(self.chips, rows, self.channels, dates=dates, task=self.settings.task)
        return np.where(planes.seen[:, None], planes.images, np.float32("nan"))[[0, -1]]

    def inputs(self) -> list[str]:
        """The C names of what the model takes: channels, with their date where several dates are stacked."""
        dates = self.settings.inputs.dates
        return [f"{name} {date}" for date in dates for name in self.channels] if dates else list(self.channels)

    def export(self, path: Path) -> tuple[str, tuple[int, ...], dict[str, Any]]:
        """Write the trained model as one file that takes channels in their own units.

        Returns:
            its kind, the shape that it takes (-1: any size), and what must be known beside the file.
        """
        if self.parts.pixelwise:
            joblib.dump(self.model, path)
            numbers = {"mean": self.statistics.mean.tolist(), "std": self.statistics.std.tolist(), "clip": CLIP}
            return "pixels", (-1, len(self.inputs()), -1, -1), {"channels": self.inputs(), **numbers}
        shape = export.save(self.model.to("cpu").eval(), self.statistics, self.example(), path)
        self.model.to(self.fabric.device)
        return "network", shape, {"channels": self.inputs()}

    def description(self) -> dict[str, Any]:
        """What must be known to use the trained model elsewhere; JSON-ready."""
        return {
            "task": self.settings.task,
            "channels": self.inputs(),
            "units": "reflectance and TCI in [0, 1], indices as rojsat/chips/channels.py defines them; NaN: unknown",
            "mean": [float(value) for value in self.statistics.mean],
            "std": [float(value) for value in self.statistics.std],
            "classes": list(CLASSES) if self.settings.task == "classification" else [],
        }

    def _of_role(self, role: str) -> Samples:
        return Samples(standardise(_read(self.settings, self.chips, role, self.channels), self.statistics))


def _read(experiment: Experiment, chips: Chips, role: str, names: Sequence[str]) -> Planes:
    """All samples of a role."""
    _check_role(chips, role)
    rows = chips.rows(role, names)
    return read(chips, rows, names, dates=experiment.inputs.dates, task=experiment.task)


def _check_role(chips: Chips, role: str) -> None:
    if role not in chips.roles:
        raise lookup.unknown("part or role of chips", role, [*splits.PARTS, *chips.roles])


def assemble(experiment: Experiment, chips: Chips) -> Assembled:
    """Make an experiment ready to train: read its samples, split and standardise them, draw its network.

    Args:
        experiment: composed by `rojsat.config`.
        chips: the chip store of its data set.

    Raises:
        ValueError: for anything in the experiment that cannot be; see `choices.find`.
    """
    parts = choices.find(experiment)
    setting = experiment.train
    fabric = machine.launch(device=setting.device, precision=setting.precision, threads=setting.threads)
    names = chips.expand(experiment.inputs.role, list(experiment.inputs.channels))
    planes = _read(experiment, chips, experiment.inputs.role, names)
    split = planes.rows.assign(part=parts.split(planes.rows).to_numpy())
    for role in experiment.inputs.no_need:
        added = _clear(experiment, chips, str(role), names, split).fitted(*planes.seen.shape[1:])
        planes, split = planes + added, pd.concat([split, added.rows.assign(part="train")], ignore_index=True)
    of = {part: planes[(split["part"] == part).to_numpy()] for part in splits.PARTS}
    statistics = measure(of["train"])
    return Assembled(
        settings=experiment,
        parts=parts,
        chips=chips,
        channels=names,
        statistics=statistics,
        samples={part: _samples(experiment, standardise(of[part], statistics), part) for part in of},
        split=split,
        audit=audit.audit(split, split["part"]),
        fabric=fabric,
        model=_draw(experiment, parts, names),
        fingerprint=fingerprint(experiment, chips.digest),
    )


def _clear(experiment: Experiment, chips: Chips, role: str, names: Sequence[str], split: pd.DataFrame) -> Planes:
    """Samples of degree 0."""
    inputs = experiment.inputs
    if experiment.task != "segmentation" or role == inputs.role:
        raise ValueError(
            f"inputs.no_need adds chips of another role to segmentation, not of {role!r} to {inputs.role!r}"
        )
    _check_role(chips, role)
    return negatives.planes(chips, chips.rows(role, names), names, split, dates=inputs.dates)


def _samples(experiment: Experiment, planes: Planes, part: str) -> Samples:
    """Samples of a part; only those of training are augmented."""
    inputs = asdict(experiment.inputs)
    asked = {name: inputs[name] for name in ("flips", "shift", "erase", "jitter") if inputs[name]}
    augmentation = Augmentation(planes.seen.shape[1:], **asked) if asked and part == "train" else None
    return Samples(planes, augmentation=augmentation, seed=experiment.seed)


def _draw(experiment: Experiment, parts: Choices, names: Sequence[str]) -> Any:
    """The network or estimator with weights drawn from the seed."""
    model, seed = experiment.model, experiment.seed
    if parts.pixelwise:
        return parts.build(model.outputs, seed=seed)
    dates = len(experiment.inputs.dates or [None])
    machine.seed_all(seed)
    places = first_layer.places(names, dates)
    start = {"weights": model.weights, "first_layer": model.first_layer, "rgb": places}
    return parts.build(dates * len(names), model.outputs, **start)
