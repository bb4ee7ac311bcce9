"""Published encoders whose weights lie in the package: their facts, and the weights, checked. Needs no network."""

import hashlib
import logging
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor, nn

from rojsat.config import lookup

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "pretrained"
"""What there is: a file `<name>.yaml` of facts each, its weights and its licence beside it."""

NAMES = ("galileo_nano", "presto")
"""Encoders of which architecture and weights are there."""


class CorruptedError(ValueError):
    """A file of weights is not the published one."""


@dataclass(frozen=True)
class Published:
    """Facts of a published encoder.

    Attributes:
        name: of its files.
        file: of its weights.
        sha256: of that file.
        bands: names of its values, in order.
        mean: of each value; None where it is taken as it is.
        deviation: likewise.
        prefix: what stands before the encoder's keys in the file.
    """

    name: str
    file: Path
    sha256: str
    bands: tuple[str, ...]
    mean: tuple[float | None, ...]
    deviation: tuple[float | None, ...]
    prefix: str


@cache
def facts(name: str) -> Published:
    """The facts of an encoder.

    Raises:
        rojsat.config.lookup.UnknownNameError: for a name that is none of `NAMES`.
    """
    if name not in NAMES:
        raise lookup.unknown("published encoder", name, NAMES)
    entry: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    bands = tuple(entry["bands"])
    as_they_are = [None] * len(bands)
    mean, deviation = (tuple(entry[key] or as_they_are) for key in ("mean", "deviation"))
    return Published(name, FOLDER / entry["file"], entry["sha256"], bands, mean, deviation, entry["prefix"])


def load(encoder: nn.Module, published: Published) -> None:
    """Put the published weights into an encoder: every tensor of it, or an error.

    Raises:
        CorruptedError: if the file is not the published one.
        ValueError: if its keys are not those of the encoder.
    """
    content = published.file.read_bytes()
    if (digest := hashlib.sha256(content).hexdigest()) != published.sha256:
        raise CorruptedError(
            f"{published.file} has the sha256 {digest[:12]}..., the published file {published.sha256[:12]}...: "
            "restore it with `git checkout`, or install rojsat again"
        )
    tensors: dict[str, Tensor] = torch.load(published.file, map_location="cpu", weights_only=True)
    prefix = published.prefix
    own = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
    encoder.load_state_dict(own)
    unused = (
        f"; {len(tensors) - len(own)} tensors of the file are not of the encoder" if len(own) < len(tensors) else ""
    )
    log.info("%s gives all %d tensors of the encoder%s", published.file.name, len(own), unused)


def normalise(values: Tensor, published: Published) -> Tensor:
    """Values (..., bands) in the units of `scale` to what the encoder takes: the mean ± two deviations become 0 to 1.

    NaN stays NaN; a value without mean stays as it is.
    """
    planes = [
        plane if mean is None or deviation is None else (plane - (mean - 2 * deviation)) / (4 * deviation)
        for plane, mean, deviation in zip(values.unbind(-1), published.mean, published.deviation, strict=True)
    ]
    return torch.stack(planes, -1)
