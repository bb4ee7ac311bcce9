"""Weights that a network starts from: random, downloaded, of the register, or of a file; and what was loaded."""

import logging
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from rojsat.learn.models import first_layer, trained_weights, weights_register
from rojsat.learn.models.trained_weights import Download, Keys, TorchvisionFile, Trained, WeightsError
from rojsat.learn.models.weights_register import Entry

log = logging.getLogger(__name__)

COUNTER = "num_batches_tracked"
"""A tensor of batch normalisation that decides nothing here; files may lack it."""


@dataclass(frozen=True)
class Start:
    """How the weights of a network start.

    Attributes:
        weights: None: random initialisation. The name of a download or of an entry of the register, or a file with a
            state dict of the network (`best.pt`) or of its encoder alone.
        first_layer: how weights of some bands are put on other channels, see `first_layer.expand`.
        inputs: the C names of the channels, those of several dates one after the other; empty: not known.
        report: takes the sentence that says what was loaded, and what not.
    """

    weights: str | None = None
    first_layer: str = "rgb_first"
    inputs: tuple[str, ...] = ()
    report: Callable[[str], None] = log.info


FROM_SCRATCH = Start()
"""Random initialisation alone."""


def trial(weights: str | None) -> tuple[int, Start]:
    """Number of channels, and weights, that an empty network is tried with before there are data.

    Weights of a file, which may be of any channels, are not tried without a register's entry beside it.
    """
    entry = None if weights is None else weights_register.find(weights)
    if entry is not None:
        return len(entry.bands), Start(weights, "by_band", entry.bands, log.debug)
    is_download = weights is not None and not Path(weights).suffix
    return len(first_layer.COLOURS), Start(weights, report=log.debug) if is_download else FROM_SCRATCH


def load(
    network: nn.Module,
    start: Start,
    downloads: Mapping[str, Download],
    *,
    stem: str,
    head: str | tuple[str, ...],
    beside: tuple[str, ...] = (),
    layouts: Sequence[TorchvisionFile] = (),
    cache: str = "",
) -> None:
    """Put the weights that `start` asks for into a randomly initialised network, and report what was loaded.

    The first layer is expanded to the network's channels; the head keeps its random initialisation where its shape
    differs.

    Args:
        network: with any number of channels and outputs; changed in place.
        start: which weights, and how they are expanded.
        downloads: by name.
        stem: key of the first layer's weight.
        head: how the keys of the last layer begin.
        beside: how the keys begin that are not the encoder's; empty: `head`.
        layouts: other state dicts that a file may hold.
        cache: where downloads are looked for first, in words; empty: torch's cache.

    Raises:
        WeightsError: if they cannot be downloaded, read or fitted.
        rojsat.learn.models.weights_register.RegisterError: for an entry whose file is not there, or other channels.
    """
    weights = start.weights
    if weights is None:
        return
    own, last = network.state_dict(), (head,) if isinstance(head, str) else head
    keys = Keys(tuple(own), stem, last, beside or last)
    entry = None if weights in downloads else weights_register.find(weights)
    if weights in downloads:
        trained = trained_weights.of_download(weights, downloads[weights], keys, cache)
    elif entry is not None:
        trained = trained_weights.of_register(entry, keys)
        weights_register.check_channels(entry, start.first_layer, start.inputs)
    else:
        trained = trained_weights.of_file(weights, list(downloads), keys, layouts)
    mode = _put_on_channels(trained, start, own[stem].shape[1], stem)
    loaded = _fit(network, trained, own, weights, entry)
    start.report(_sentence(start, trained, loaded, own, mode))


def _put_on_channels(trained: Trained, start: Start, channels: int, stem: str) -> str | None:
    """Put the first layer of the weights on the network's channels; the mode, None where it fits as it is.

    Where bands are not known, weights for as many channels are those of the channels, and three are red, green and
    blue.
    """
    if stem not in trained.state or trained.state[stem].ndim != 4:
        return None  # of another network, which is refused later
    weight, mode = trained.state[stem], start.first_layer
    bands = trained.bands or (first_layer.COLOURS if weight.shape[1] == 3 else ())
    fits = weight.shape[1] == channels and (not trained.bands or mode == "rgb_first")
    if fits or not (bands or mode in ("mean", "random")):
        return None
    trained.state[stem] = first_layer.expand(weight, channels, mode=mode, inputs=start.inputs, bands=bands)
    return mode


def _sentence(start: Start, trained: Trained, loaded: Set[str], own: Mapping[str, Tensor], mode: str | None) -> str:
    """Say what was loaded, and what not."""
    counted = {key for key in own if not key.endswith(COUNTER)}
    source = f", {trained.source}," if trained.source else ""
    on_channels = f"; first layer {mode}{_carried(start, trained, mode)}" if mode else ""
    fresh = sorted({key.rpartition(".")[0] for key in counted - loaded})
    random = f"; {len(fresh)} layers begin at random ({fresh[0]} ...)" if fresh else ""
    unused = f"; not used: {', '.join(key.rstrip('.') for key in trained.unused)}" if trained.unused else ""
    count = f"{len(counted & loaded)} of {len(counted)} tensors"
    return f"model.weights={start.weights}{source} gives {count}{on_channels}{random}{unused}"


def _carried(start: Start, trained: Trained, mode: str) -> str:
    """Which channels have weights of bands, in words; nothing where their names are not known."""
    if not start.inputs:
        return ""
    names = first_layer.carriers(mode, start.inputs, trained.bands or first_layer.COLOURS)
    different = ", ".join(dict.fromkeys(names)) or "none"
    others = "" if len(names) == len(start.inputs) else f", others begin at {first_layer.OTHERS[mode]}"
    return f" ({len(names)} of {len(start.inputs)} channels have weights of bands: {different}{others})"


def _fit(
    network: nn.Module, trained: Trained, own: Mapping[str, Tensor], weights: str, entry: Entry | None
) -> Set[str]:
    """Load all but a head of another shape; refuse anything else that differs. Gives the keys that were loaded."""
    loaded = {
        key: value
        for key, value in trained.state.items()
        if not (key.startswith(trained.head) and (key not in own or own[key].shape != value.shape))
    }
    unknown = sorted(set(loaded) - set(own))
    missing = sorted(
        key for key in set(own) - set(loaded) if not key.startswith(trained.head) and not key.endswith(COUNTER)
    )
    misshapen = sorted(key for key in set(own) & set(loaded) if own[key].shape != loaded[key].shape)
    if unknown or missing or misshapen:
        raise WeightsError(
            f"model.weights={weights} is of another network: {len(missing)} tensors missing {missing[:3]}, "
            f"{len(unknown)} unknown {unknown[:3]}, {len(misshapen)} of another shape {misshapen[:3]}; "
            f"{trained_weights.choose(entry)}"
        )
    network.load_state_dict(loaded, strict=False)
    return loaded.keys()
