"""What keys of the experiment say of a network's training, as the plain objects that the loop and the samples take."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn

from rojsat.config.schema import Experiment, Inputs
from rojsat.config.training_keys import Train
from rojsat.learn import batch_statistics, compiler, machine
from rojsat.learn.data.samples import Samples
from rojsat.learn.fabric import Fabric
from rojsat.learn.kept_weights import Keep

DEVICES = ("device", "devices", "nodes", "strategy", "precision")
"""Keys of the devices, which are keywords of `machine.prepare`."""


def check_machine(train: Train) -> None:
    """Refuse devices, and steps that are compiled, where this machine has them not.

    Raises:
        ValueError: as `machine.prepare` and `compiler.check`.
    """
    fabric = machine.prepare(**{name: getattr(train, name) for name in DEVICES})
    if train.compile:
        compiler.check(fabric.device)


def launch(train: Train) -> Fabric:
    """The machine that the experiment asks for; the process that starts others does so here. Errors as above."""
    check_machine(train)
    return machine.launch(**{name: getattr(train, name) for name in DEVICES}, threads=train.threads)


def check_ranks(train: Train, *, is_network: bool) -> None:
    """Refuse several processes, or compiled steps, for what is trained by no steps.

    Raises:
        ValueError: saying what to do.
    """
    several = train.devices * train.nodes > 1
    if not is_network and (several or train.compile):
        raise ValueError(
            f"train.devices={train.devices}, train.nodes={train.nodes}, train.compile={str(train.compile).lower()}: "
            "estimators and predictors without an image are fitted at once, in one process, by scikit-learn; these "
            "keys are for networks, leave them out"
        )
    if train.sync_bn and not several:
        raise ValueError(
            "train.sync_bn=true shares batch normalisation among processes, and there is one; set it to false"
        )


def augmentation(inputs: Inputs) -> dict[str, Any]:
    """The augmentation that the experiment asks for, by keyword of `Augmentation`."""
    names = ("flips", "shift", "erase", "jitter", "gain", "offset", "noise")
    return {name: value for name in names if (value := getattr(inputs, name))}


def check_inside(experiment: Experiment) -> None:
    """Refuse to move windows back inside their images where there are no windows of degrees.

    Raises:
        ValueError: saying what it needs.
    """
    inputs = experiment.inputs
    if inputs.windows_inside and (inputs.frame != "window" or experiment.task != "segmentation"):
        raise ValueError(
            "inputs.windows_inside=true moves windows of degrees: it needs inputs.frame=window and task segmentation"
        )


def check_pixels(experiment: Experiment) -> None:
    """Refuse training on single pixels of another network than a pixel net, or with augmentation, which is of images.

    Raises:
        ValueError: saying what it needs.
    """
    if experiment.train.pixels is None:
        return
    model, changes = experiment.model, sorted(augmentation(experiment.inputs))
    if model.name != "pixel_net":
        raise ValueError(
            "train.pixels is of networks that know a pixel by its patch and its surroundings: model.name=pixel_net, "
            f"not {model.name}; set it to null for others"
        )
    if changes:
        raise ValueError(
            f"train.pixels calculates what surrounds a pixel once, which inputs.{', '.join(changes)} would change: set "
            "flips to [] and others to null"
        )


def keep(train: Train) -> Keep:
    """Which weights the experiment keeps."""
    return Keep(train.keep, train.ema_decay, train.averaged_epochs)


def estimate(
    network: nn.Module, experiment: Experiment, device: torch.device
) -> Callable[[nn.Module, Samples], None] | None:
    """What estimates the statistics of batch normalisation after training, if the experiment asks for it."""
    if not experiment.train.update_bn:
        return None
    batch_statistics.check(network)
    size, seed = experiment.train.batch_size, experiment.seed
    return partial(batch_statistics.estimate, batch_size=size, device=device, seed=seed)
