"""Trained weights from a download, the register or a file, under the keys of the network that they are for."""

import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from rojsat.config import lookup
from rojsat.learn.models import first_layer, onnx_initialisers, weights_register
from rojsat.learn.models.weights_register import Entry

Download = Callable[[], Mapping[str, Tensor]]
"""Downloads a state dict whose keys are those of the network (or finds it in torch's cache)."""


class WeightsError(ValueError):
    """Weights that are not available or do not fit."""


@dataclass(frozen=True)
class TorchvisionFile:
    """A state dict of torchvision, as its own files hold it, whose keys are not those of the network.

    Attributes:
        source: what it is of, in words.
        stem: key of its first layer's weight.
        prefix: what stands before its keys in the network.
        dropped: how keys begin that the network does not have.
        head: how keys of the network begin that it does not have, or has in another shape.
    """

    source: str
    stem: str
    prefix: str
    dropped: tuple[str, ...]
    head: tuple[str, ...]


@dataclass(frozen=True)
class Keys:
    """The keys of a network.

    Attributes:
        own: all of them.
        stem: of the first layer's weight.
        head: how those of the last layer begin.
        beside: how those begin that are not the encoder's.
    """

    own: tuple[str, ...]
    stem: str
    head: tuple[str, ...]
    beside: tuple[str, ...]


@dataclass(frozen=True)
class Trained:
    """Weights under the keys of the network, and what is known of them.

    Attributes:
        state: tensors by the network's keys; the first layer of any number of bands.
        head: how keys of the network begin that it does not have, or may have in another shape.
        bands: of the first layer, in order; empty: not known, as of a file of this very network.
        source: what they are, in words; may be empty.
        unused: how keys begin that the network does not have.
    """

    state: dict[str, Tensor]
    head: tuple[str, ...]
    bands: tuple[str, ...] = ()
    source: str = ""
    unused: tuple[str, ...] = ()


def of_download(name: str, download: Download, keys: Keys, cache: str) -> Trained:
    """Downloaded weights for red, green and blue.

    Raises:
        WeightsError: if they are not available, naming the cache that was looked in.
    """
    try:
        return Trained(dict(download()), keys.head, first_layer.COLOURS, "downloaded")
    except Exception as error:  # each of torch's and Hugging Face's transports has its own errors
        raise WeightsError(
            f"model.weights={name} could not be downloaded ({type(error).__name__}: {error}). model.weights=null "
            "trains from scratch; model.weights=<file> reads a state dict of this network, or torchvision's file; "
            f"model.weights={' or '.join(weights_register.starting())} need no download; or "
            f"run it once on a machine with a network and copy from there {cache or _torch_cache()}"
        ) from error


def _torch_cache() -> str:
    return f"torch's cache, {Path(torch.hub.get_dir()) / 'checkpoints'}"


def of_register(entry: Entry, keys: Keys) -> Trained:
    """Weights of an entry of the register.

    Raises:
        WeightsError: if they are of another network.
        rojsat.learn.models.weights_register.RegisterError: if the file is not there.
    """
    path = weights_register.locate(entry)
    content = onnx_initialisers.read(path) if entry.format == "onnx" else _state_dict(path)
    state = {
        key.removeprefix(entry.prefix): tensor
        for key, tensor in content.items()
        if not any(key.startswith(beginning) for beginning in entry.unused)
    }
    if entry.keys == "in_order":
        expected = [key for key in keys.own if entry.loads == "all" or not key.startswith(keys.beside)]
        if len(expected) != len(state):
            what = f"{len(state)} tensors, where this network has {len(expected)}"
            raise WeightsError(f"model.weights={entry.name} has {what}; {choose(entry)}")
        state = dict(zip(expected, state.values(), strict=True))
    else:
        state = _renamed(state, keys.stem)
    head = keys.beside if entry.loads == "encoder" else keys.head
    return Trained(state, head, entry.bands, entry.words, entry.unused)


def choose(entry: Entry | None) -> str:
    """What to do when weights are of another network."""
    named = {} if entry is None else {"model.name": entry.network, "model.options.encoder": entry.encoder}
    stated = [f"{key}={value}" for key, value in named.items() if value]
    if stated:
        return f"choose {' '.join(stated)}, or model.weights=null to train from scratch"
    return (
        "choose the model (and its options and channels) that wrote it, or model.weights=null to train from scratch; "
        "of a file for another number of channels, name the bands in <file>.yaml beside it (docs/weights.md)"
    )


def of_file(weights: str, downloads: Sequence[str], keys: Keys, layouts: Sequence[TorchvisionFile]) -> Trained:
    """Weights of a file: of this network, of its encoder alone, of segmentation_models_pytorch, or of torchvision.

    Args:
        weights: path of the file.
        downloads: names of what can be downloaded, for the message.
        keys: of the network.
        layouts: torchvision's files that it may be.

    Raises:
        rojsat.config.lookup.UnknownNameError: for a name that is neither a download nor of the register.
        WeightsError: if there is no such file, or it holds no state dict.
    """
    path = Path(weights).expanduser()
    if not path.is_file():
        if path.suffix:
            raise WeightsError(f"model.weights={weights}: no such file; null trains from scratch")
        raise lookup.unknown("model.weights", weights, [*downloads, *weights_register.starting(), "null", "<file>"])
    state = dict(_state_dict(path))
    layout = next((each for each in layouts if each.stem in state and each.stem not in keys.own), None)
    if layout is not None:
        bands = first_layer.COLOURS if state[layout.stem].shape[1] == len(first_layer.COLOURS) else ()
        state = {f"{layout.prefix}{key}": tensor for key, tensor in state.items() if not key.startswith(layout.dropped)}
        return Trained(state, layout.head, bands, layout.source, layout.dropped)
    state = _renamed(state, keys.stem)
    is_encoder = bool(keys.beside) and not any(key.startswith(keys.beside) for key in state)
    return Trained(state, keys.beside if is_encoder else keys.head)


def _renamed(state: Mapping[str, Tensor], stem: str) -> dict[str, Tensor]:
    """The tensors by the network's keys: before theirs stands what is before the key of the first layer's weight."""
    ends = [key for key in state if stem == key or stem.endswith(f".{key}")]
    prefix = stem.removesuffix(max(ends, key=len)) if ends else ""
    return {f"{prefix}{key}": tensor for key, tensor in state.items()}


def _state_dict(path: Path) -> Mapping[str, Tensor]:
    try:
        content: Any = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise WeightsError(f"model.weights={path} holds no plain tensors ({error}); save a state dict") from error
    content = content.get("model", content) if isinstance(content, dict) else content  # last.pt, too
    if not isinstance(content, dict) or not all(isinstance(value, Tensor) for value in content.values()):
        raise WeightsError(f"model.weights={path} holds no state dict; save `model.state_dict()`")
    return content
