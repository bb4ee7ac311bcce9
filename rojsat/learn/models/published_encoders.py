"""Weights of the register for encoders that are no part of a network: loaded completely, or refused, and offline."""

import logging

import torch
from torch import Tensor, nn

from rojsat.config import lookup
from rojsat.learn.models import weights_register
from rojsat.learn.models.weights_register import Entry

log = logging.getLogger(__name__)

NAMES = ("galileo_nano", "presto")
"""Entries of the register that are such encoders; their files lie beside them."""


def find(name: str) -> Entry:
    """The entry of an encoder.

    Raises:
        rojsat.config.lookup.UnknownNameError: for a name that is none of `NAMES`.
    """
    entry = weights_register.find(name) if name in NAMES else None
    if entry is None:
        raise lookup.unknown("published encoder", name, NAMES)
    return entry


def load(encoder: nn.Module, entry: Entry) -> None:
    """Put the weights of an entry into an encoder: every tensor of it, or an error.

    Raises:
        rojsat.learn.models.weights_register.RegisterError: if the file is not the published one.
        RuntimeError: if its keys are not those of the encoder.
    """
    path = weights_register.locate(entry)
    tensors: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    own = {key.removeprefix(entry.prefix): value for key, value in tensors.items() if not key.startswith(entry.unused)}
    encoder.load_state_dict(own)
    unused = len(tensors) - len(own)
    beside = f"; the {unused} others of the file are not used" if unused else ""
    log.info("%s (%s) gives all %d tensors of the encoder%s", entry.name, entry.words, len(own), beside)


def normalise(values: Tensor, entry: Entry) -> Tensor:
    """Values (..., bands) in the unit of the entry's mean to what its encoder takes: mean ± 2 std become 0 to 1."""
    mean, std = (torch.tensor(numbers) for numbers in (entry.mean, entry.std))
    return (values - (mean - 2 * std)) / (4 * std)
