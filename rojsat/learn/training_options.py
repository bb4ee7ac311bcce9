"""What keys of the experiment say of a network's training, as the plain objects that the loop and the samples take."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn

from rojsat.config.schema import Experiment, Inputs
from rojsat.config.training_keys import Train
from rojsat.learn import batch_statistics
from rojsat.learn.data.samples import Samples
from rojsat.learn.kept_weights import Keep


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
    if model.name != "pixel_net" or model.options.get("context") != 1:
        raise ValueError(
            "train.pixels is of networks that know a pixel by itself and its surroundings: model.name=pixel_net with "
            f"model.options.context=1, not {model.name} with {dict(model.options)}; set it to null for others"
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
