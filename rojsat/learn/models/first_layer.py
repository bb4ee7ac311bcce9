"""The first layer: from weights trained on some bands to the channels of an experiment."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from rojsat.chips import channels as channel
from rojsat.chips.bands import MSI

COLOURS = ("red", "green", "blue")
"""Bands of weights that were trained on pictures."""

RGB = (channel.TCI, ("B04", "B03", "B02"))
"""Channels that are red, green and blue."""

MODES = ("rgb_first", "rgb", "by_band", "wavelength", "mean", "random")

WITHOUT_NAMES = ("rgb_first", "mean", "random")
"""Modes that do not ask which channel is which."""

OTHERS = dict.fromkeys(MODES, "random") | dict.fromkeys(("by_band", "wavelength"), "zero")
"""How channels begin that have no weights of bands."""

_SAME = dict(zip((*channel.TCI, *COLOURS), 2 * RGB[1], strict=True))
"""The Sentinel-2 band whose wavelength a colour has."""

_WAVELENGTH = {band.name: band.wavelength for band in MSI}  # nanometres


def undated(inputs: Sequence[str]) -> tuple[str, ...]:
    """The names of channels without the date that stands behind a blank where several are stacked."""
    return tuple(name.partition(" ")[0] for name in inputs)


def rgb_positions(inputs: Sequence[str]) -> tuple[int, int, int] | None:
    """Positions of red, green and blue among the channels `inputs`, of the last date; None without."""
    for triple in RGB:
        if all(name in inputs for name in triple):
            red, green, blue = (len(inputs) - 1 - list(inputs)[::-1].index(name) for name in triple)
            return red, green, blue
    return None


def wavelength(name: str) -> float | None:
    """Centre wavelength of a band, a colour or a channel of the true colour image, nanometres; None of others."""
    return _WAVELENGTH.get(_SAME.get(name, name.removeprefix("toa.")))


def own_names(bands: Sequence[str], inputs: Sequence[str]) -> tuple[str, ...]:
    """The bands of weights by their names among the channels `inputs`: of red, green and blue those that are there."""
    rgb = rgb_positions(inputs)
    return tuple(inputs[position] for position in rgb) if rgb and tuple(bands) == COLOURS else tuple(bands)


def expand(
    weight: Tensor,
    channels: int,
    *,
    mode: str = "rgb_first",
    inputs: Sequence[str] = (),
    bands: Sequence[str] = COLOURS,
) -> Tensor:
    """Make first-layer weights for `channels` channels of weights for `bands`.

    "rgb_first" puts weights for red, green and blue on the first three channels and leaves the others as torch draws
    them (Svensson 2020). All others scale each filter so that its output keeps its variance on independent
    standardised channels: the sum of its squared weights.

    "rgb" puts them where red, green and blue stand and draws the others as strong as they are. "by_band" puts the
    weights of a band on the channel of the same name, of every date; other channels begin at zero. "wavelength" gives
    every band the weights interpolated linearly between the nearest wavelengths, beyond the ends those of the end;
    channels that are no band begin at zero. "mean" gives every channel the mean over bands. "random" draws all as
    strong as the weights are.

    Args:
        weight: (F, B, h, w), in the order of `bands`.
        channels: C.
        mode: of `MODES`.
        inputs: the C names of channels, those of several dates one after the other; not asked for by `WITHOUT_NAMES`.
        bands: B names of channels, or `COLOURS`.

    Returns:
        (F, C, h, w).

    Raises:
        ValueError: for another mode, or channels that it cannot put the weights on.
    """
    if mode not in MODES:
        raise ValueError(f"model.first_layer is one of {', '.join(MODES)}, not {mode!r}")
    if mode == "rgb_first":
        return _rgb_first(weight, channels)
    if mode not in WITHOUT_NAMES and len(inputs) != channels:
        raise ValueError(f"model.first_layer={mode} needs the names of {channels} channels, not {len(inputs)}")
    if mode == "rgb":
        fresh = _rgb(weight, inputs)
    elif mode == "by_band":
        fresh = _by_band(weight, inputs, bands)
    elif mode == "wavelength":
        fresh = _by_wavelength(weight, inputs, bands)
    elif mode == "mean":
        fresh = weight.mean(dim=1, keepdim=True).expand(-1, channels, -1, -1)
    else:
        fresh = _drawn(weight, channels)
    return _as_strong(fresh, weight)


def carriers(mode: str, inputs: Sequence[str], bands: Sequence[str]) -> list[str]:
    """The channels among `inputs` that have weights of `bands` in this mode; the others begin as `OTHERS` says."""
    if mode == "by_band":
        return [name for name in inputs if name in own_names(bands, inputs)]
    if mode == "wavelength":
        return [name for name in inputs if wavelength(name) is not None]
    if mode == "rgb":
        return [inputs[position] for position in rgb_positions(inputs) or ()]
    return {"rgb_first": list(inputs[:3]), "mean": list(inputs), "random": []}[mode]


def _as_strong(fresh: Tensor, weight: Tensor) -> Tensor:
    """The filters with the sum of squares that those of `weight` have; a filter of zeros stays."""
    before, after = (tensor.square().sum(dim=(1, 2, 3), keepdim=True) for tensor in (weight, fresh))
    factor = (before / after.where(after > 0, torch.ones(()))).sqrt()
    return torch.where(torch.isclose(before, after, rtol=1e-6, atol=0.0), fresh, fresh * factor)


def _drawn(weight: Tensor, channels: int) -> Tensor:
    """Weights at random, each filter as strong as that of `weight` is a channel."""
    filters, _, height, width = weight.shape
    return torch.randn(filters, channels, height, width) * weight.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()


def _rgb_first(weight: Tensor, channels: int) -> Tensor:
    filters, bands, height, width = weight.shape
    if channels < 3 or bands != 3:
        problem = f"there are {channels}" if bands == 3 else f"these are of {bands} bands"
        raise ValueError(f"model.first_layer=rgb_first puts RGB weights on the first 3 channels; {problem}")
    fresh = nn.Conv2d(channels, filters, (height, width), bias=False).weight.detach()
    fresh[:, :3] = weight
    return fresh


def _rgb(weight: Tensor, inputs: Sequence[str]) -> Tensor:
    rgb = rgb_positions(inputs)
    if rgb is None or weight.shape[1] != 3:
        raise ValueError(
            "model.first_layer=rgb needs weights for, and channels that are, red, green and blue (tci, or B04, B03 and "
            f"B02), not {', '.join(inputs)}; add them to inputs.channels, or set model.first_layer=rgb_first"
        )
    fresh = _drawn(weight, len(inputs))
    fresh[:, list(rgb)] = weight
    return fresh


def _by_band(weight: Tensor, inputs: Sequence[str], bands: Sequence[str]) -> Tensor:
    names = own_names(bands, inputs)
    if not set(names).intersection(inputs):
        raise ValueError(
            f"model.first_layer=by_band: the weights are for {', '.join(bands)}, and none of them is among "
            f"{', '.join(inputs)}; add them to inputs.channels, or set model.first_layer=wavelength or mean"
        )
    fresh = weight.new_zeros(weight.shape[0], len(inputs), *weight.shape[2:])
    for position, name in enumerate(inputs):
        if name in names:
            fresh[:, position] = weight[:, names.index(name)]
    return fresh


def _by_wavelength(weight: Tensor, inputs: Sequence[str], bands: Sequence[str]) -> Tensor:
    trained = [wavelength(band) for band in bands]
    known = sorted((length, position) for position, length in enumerate(trained) if length is not None)
    places = [wavelength(name) for name in inputs]
    if not known or all(place is None for place in places):
        raise ValueError(
            f"model.first_layer=wavelength needs bands: the weights are for {', '.join(bands)}, the channels are "
            f"{', '.join(inputs)}; add bands to inputs.channels, or set model.first_layer=mean"
        )
    lengths, order = [length for length, _ in known], [position for _, position in known]
    fresh = weight.new_zeros(weight.shape[0], len(inputs), *weight.shape[2:])
    for position, place in enumerate(places):
        if place is not None:
            portions = [np.interp(place, lengths, row) for row in np.eye(len(order))]
            fresh[:, position] = torch.einsum("fbhw,b->fhw", weight[:, order], weight.new_tensor(portions))
    return fresh
