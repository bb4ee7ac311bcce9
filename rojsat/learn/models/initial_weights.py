"""Weights that a network starts from: random, downloaded, or of a file; and what to do when they are not available."""

import logging
import pickle
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from rojsat.config import lookup
from rojsat.learn.models import first_layer

log = logging.getLogger(__name__)

Download = Callable[[], Mapping[str, Tensor]]
"""Downloads a state dict whose keys are those of the network (or finds it in torch's cache)."""


class WeightsError(ValueError):
    """Weights that are not available or do not fit."""


@dataclass(frozen=True)
class Start:
    """How the weights of a network start.

    Attributes:
        weights: None: random initialisation. The name of a download, or a file with a state dict of the network
            (`best.pt`).
        first_layer: how weights of red, green and blue are put on other channels, see `first_layer.expand`.
        rgb: positions of red, green and blue among the channels; None where they are not among them.
    """

    weights: str | None = None
    first_layer: str = "rgb_first"
    rgb: tuple[int, int, int] | None = None


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


FROM_SCRATCH = Start()
"""Random initialisation alone."""


def load(
    network: nn.Module,
    start: Start,
    downloads: Mapping[str, Download],
    *,
    stem: str,
    head: str | tuple[str, ...],
    layouts: Sequence[TorchvisionFile] = (),
    cache: str = "",
) -> None:
    """Put the weights that `start` asks for into a randomly initialised network.

    The first layer is expanded to the network's channels; the head keeps its random initialisation where its shape
    differs.

    Args:
        network: with any number of channels and outputs; changed in place.
        start: which weights, and how they are expanded.
        downloads: by name.
        stem: key of the first layer's weight.
        head: how the keys of the last layer begin.
        layouts: other state dicts that a file may hold.
        cache: where downloads are looked for first, in words; empty: torch's cache.

    Raises:
        WeightsError: if they cannot be downloaded, read or fitted.
    """
    weights, own = start.weights, network.state_dict()
    if weights is None:
        return
    is_download = weights in downloads
    state = dict(_download(weights, downloads[weights], cache) if is_download else _read(weights, downloads))
    layout = next((each for each in layouts if each.stem in state and each.stem not in own), None)
    if layout is not None:
        state = {f"{layout.prefix}{key}": tensor for key, tensor in state.items() if not key.startswith(layout.dropped)}
        head = layout.head
    if (stem in state and state[stem].shape[1] == 3 and own[stem].shape[1] != 3) or (
        start.first_layer == "rgb" and (is_download or layout is not None)
    ):
        channels = own[stem].shape[1]
        state[stem] = first_layer.expand(state[stem], channels, mode=start.first_layer, rgb=start.rgb)
    loaded = _fit(network, state, own, weights, head)
    if not is_download:
        _report(weights, loaded, own, layout)


def _report(weights: str, loaded: Set[str], own: Mapping[str, Tensor], layout: TorchvisionFile | None) -> None:
    """Say what of a file was loaded, and what not."""
    source = f", {layout.source}," if layout is not None else ""
    unused = f"; not used: {', '.join(key.rstrip('.') for key in layout.dropped)}" if layout is not None else ""
    fresh = sorted({key.rpartition(".")[0] for key in set(own) - loaded})
    random = f"; {len(fresh)} layers begin at random ({fresh[0]} ...)" if fresh else ""
    log.info("model.weights=%s%s gives %d of %d tensors%s%s", weights, source, len(loaded), len(own), random, unused)


def _fit(
    network: nn.Module, state: dict[str, Tensor], own: Mapping[str, Tensor], weights: str, head: str | tuple[str, ...]
) -> Set[str]:
    """Load all but a head of another shape; refuse anything else that differs. Gives the keys that were loaded."""
    loaded = {
        key: value
        for key, value in state.items()
        if not (key.startswith(head) and (key not in own or own[key].shape != value.shape))
    }
    unknown = sorted(set(loaded) - set(own))
    missing = sorted(key for key in set(own) - set(loaded) if not key.startswith(head))
    misshapen = sorted(key for key in set(own) & set(loaded) if own[key].shape != loaded[key].shape)
    if unknown or missing or misshapen:
        raise WeightsError(
            f"model.weights={weights} is of another network: {len(missing)} tensors missing {missing[:3]}, "
            f"{len(unknown)} unknown {unknown[:3]}, {len(misshapen)} of another shape {misshapen[:3]}; choose the "
            "model (and its options and channels) that wrote it, or model.weights=null to train from scratch"
        )
    network.load_state_dict(loaded, strict=False)
    return loaded.keys()


def _download(name: str, download: Download, cache: str) -> Mapping[str, Tensor]:
    try:
        return download()
    except Exception as error:  # each of torch's and Hugging Face's transports has its own errors
        raise WeightsError(
            f"model.weights={name} could not be downloaded ({type(error).__name__}: {error}). model.weights=null "
            "trains from scratch; model.weights=<file> reads a state dict of this network, or torchvision's file; or "
            f"run it once on a machine with a network and copy from there {cache or _torch_cache()}"
        ) from error


def _torch_cache() -> str:
    return f"torch's cache, {Path(torch.hub.get_dir()) / 'checkpoints'}"


def _read(weights: str, downloads: Mapping[str, Download]) -> Mapping[str, Tensor]:
    path = Path(weights).expanduser()
    if not path.is_file():
        if path.suffix:
            raise WeightsError(f"model.weights={weights}: no such file; null trains from scratch")
        raise lookup.unknown("model.weights", weights, [*downloads, "null", "<file>"])
    try:
        content: Any = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise WeightsError(f"model.weights={path} holds no plain tensors ({error}); save a state dict") from error
    content = content.get("model", content) if isinstance(content, dict) else content  # last.pt, too
    if not isinstance(content, dict) or not all(isinstance(value, Tensor) for value in content.values()):
        raise WeightsError(f"model.weights={path} holds no state dict; save `model.state_dict()`")
    return content
