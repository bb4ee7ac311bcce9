"""Refuses what a network cannot be trained on, before anything long starts."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.func import functional_call

from rojsat.config import all_dates
from rojsat.learn.data.samples import Samples

LARGE = 256
"""Height and width of an image on which no layer but a pooled one is of a single pixel."""


def check(network: nn.Module, samples: Mapping[str, Samples], batch_size: int, name: str) -> None:
    """Refuse parts, or batches of one, that the network cannot be trained on; without "val" nothing is validated.

    Raises:
        ValueError: saying what to do.
    """
    train = samples["train"]
    check_parts(train, samples.get("val"))
    channels, height, width = train.shape
    check_batch_of_one(network, (channels, train.window or height, train.window or width), batch_size, name)


def check_dates(dates: Sequence[str] | None, build: Callable[..., Any], name: str) -> None:
    """Refuse all dates of a region in one sample for a network that is not made for them.

    Args:
        dates: of the experiment.
        build: of the network; one that takes series has the keyword `dates`.
        name: of the network in the message.

    Raises:
        ValueError: saying what to do.
    """
    if all_dates.is_asked(dates) and "dates" not in inspect.signature(build).parameters:
        raise ValueError(
            f"model.name={name} takes no series of dates, of which some regions have more than others: with "
            "inputs.dates=[all] choose temporal, temporal_pixel_net or an estimator on pixels (variant=boosting), or "
            "set inputs.dates=null (every date a sample) or to dates that all regions have"
        )


def check_parts(train: Samples, val: Samples | None) -> None:
    """Refuse parts that are empty, of one training sample, or without anything known.

    Raises:
        ValueError: saying what to do.
    """
    if len(train) < 2:
        raise ValueError(
            f"the training part has {len(train)} sample{'s' * (len(train) != 1)}; a network needs at least 2 to train "
            "on (batch normalisation): give it more regions or dates, or a split that leaves training more"
        )
    if val is not None and not len(val):
        raise ValueError("no validation samples; the split must leave some to choose the best epoch by")
    for part, samples in {"training": train, "validation": val}.items():
        if samples is not None and not samples.has_known:
            raise ValueError(f"no pixel or label of the {part} part is known; look at its masks or labels")


def check_share(draws: int, processes: int) -> None:
    """Refuse fewer samples than two for each process that shares a training.

    Raises:
        ValueError: saying what to do.
    """
    if draws < 2 * processes:
        raise ValueError(
            f"the training part has {draws} samples an epoch, and each of {processes} processes needs at least 2; "
            "lower train.devices or train.nodes, or give it more regions or dates"
        )


def check_batch_of_one(network: nn.Module, image: tuple[int, int, int], batch_size: int, name: str) -> None:
    """Refuse batches of one for a network that has a batch normalisation of layers of a single pixel.

    The network is tried on tensors without memory, in no time; neither it nor a random generator changes.

    Args:
        network: to be trained.
        image: (C, H, W) of a sample.
        batch_size: samples of a batch.
        name: of the network in the message.

    Raises:
        ValueError: saying which batch size it takes.
    """
    if batch_size > 1:
        return
    was_training = network.training
    tensors = {**dict(network.named_parameters()), **dict(network.named_buffers())}
    without_memory = {key: torch.empty_like(tensor, device="meta") for key, tensor in tensors.items()}
    try:
        functional_call(network.train(), without_memory, torch.zeros(1, *image, device="meta"))
    except ValueError as error:
        if "more than 1 value per channel" not in str(error):
            raise
        size = "any size" if min(image[1:]) >= LARGE else f"{image[1]} x {image[2]} pixels"
        raise ValueError(
            f"{name} needs train.batch_size of at least 2 on images of {size}: it has layers "
            "of one value a channel, and batch normalisation knows no variance of one value"
        ) from error
    finally:
        network.train(was_training)
