"""Weights to start from: none, learnt on ImageNet, or of a file; and what to do when they cannot be had."""

import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from rojsat.config import lookup
from rojsat.learn.models import first_layer

Fetch = Callable[[], Mapping[str, Tensor]]
"""Downloads (or finds in torch's cache) a state dict whose keys are those of the network."""


class WeightsError(ValueError):
    """Weights that cannot be had or do not fit."""


def start(
    network: nn.Module,
    weights: str | None,
    fetches: Mapping[str, Fetch],
    *,
    stem: str,
    head: str | tuple[str, ...],
    mode: str = "study",
    rgb: tuple[int, int, int] | None = None,
) -> None:
    """Put `weights` into a freshly drawn network.

    The first layer is expanded to the network's channels; the head is left as drawn where its shape differs.

    Args:
        network: with any number of channels and outputs.
        weights: None: stays as drawn. A key of `fetches`, or a file with a state dict of this network (`best.pt`).
        fetches: downloads by name.
        stem: key of the first layer's weight.
        head: how the keys of the last layer begin.
        mode: see `first_layer.expand`.
        rgb: likewise.

    Raises:
        WeightsError: if they cannot be downloaded, read or fitted.
    """
    if weights is None:
        return
    state = dict(_download(weights, fetches[weights]) if weights in fetches else _load(weights, fetches))
    own = network.state_dict()
    if (stem in state and state[stem].shape[1] == 3 and own[stem].shape[1] != 3) or (
        mode == "rgb" and weights in fetches
    ):
        state[stem] = first_layer.expand(state[stem], own[stem].shape[1], mode=mode, rgb=rgb)
    _fit(network, state, own, weights, head)


def _fit(
    network: nn.Module, state: dict[str, Tensor], own: Mapping[str, Tensor], weights: str, head: str | tuple[str, ...]
) -> None:
    """Load all but a head of another shape; refuse anything else that differs."""
    taken = {
        key: value
        for key, value in state.items()
        if not (key.startswith(head) and (key not in own or own[key].shape != value.shape))
    }
    strange = sorted(set(taken) - set(own))
    absent = sorted(key for key in set(own) - set(taken) if not key.startswith(head))
    other = sorted(key for key in set(own) & set(taken) if own[key].shape != taken[key].shape)
    if strange or absent or other:
        raise WeightsError(
            f"model.weights={weights} is of another network: {len(absent)} tensors missing {absent[:3]}, "
            f"{len(strange)} unknown {strange[:3]}, {len(other)} of another shape {other[:3]}; choose the model (and "
            "its options and channels) that wrote it, or model.weights=null to train from scratch"
        )
    network.load_state_dict(taken, strict=False)


def _download(name: str, fetch: Fetch) -> Mapping[str, Tensor]:
    try:
        return fetch()
    except Exception as error:  # each of torch's and Hugging Face's transports has its own errors
        raise WeightsError(
            f"model.weights={name} could not be downloaded ({type(error).__name__}: {error}). model.weights=null "
            "trains from scratch; model.weights=<file> reads a state dict of this network; or put the file into "
            f"torch's cache, {Path(torch.hub.get_dir()) / 'checkpoints'}, on a machine with a network"
        ) from error


def _load(weights: str, fetches: Mapping[str, Fetch]) -> Mapping[str, Tensor]:
    path = Path(weights).expanduser()
    if not path.is_file():
        if path.suffix:
            raise WeightsError(f"model.weights={weights}: no such file; null trains from scratch")
        raise lookup.unknown("model.weights", weights, [*fetches, "null", "<file>"])
    try:
        content: Any = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise WeightsError(f"model.weights={path} holds no plain tensors ({error}); save a state dict") from error
    content = content.get("model", content) if isinstance(content, dict) else content  # last.pt, too
    if not isinstance(content, dict) or not all(isinstance(value, Tensor) for value in content.values()):
        raise WeightsError(f"model.weights={path} holds no state dict; save `model.state_dict()`")
    return content
