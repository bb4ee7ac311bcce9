"""The first layer: from weights trained on red, green and blue to any number of channels."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rojsat.chips import channels as channel

RGB = (channel.TCI, ("B04", "B03", "B02"))
"""Channels that are red, green and blue."""

MODES = ("rgb_first", "rgb")


def rgb_positions(names: Sequence[str], dates: int = 1) -> tuple[int, int, int] | None:
    """Positions of red, green and blue among the channels `names` of `dates` dates, of the last one; None without."""
    for triple in RGB:
        if all(name in names for name in triple):
            red, green, blue = (list(names).index(name) + (dates - 1) * len(names) for name in triple)
            return red, green, blue
    return None


def expand(
    weight: Tensor, channels: int, *, mode: str = "rgb_first", rgb: tuple[int, int, int] | None = None
) -> Tensor:
    """Make first-layer weights for `channels` channels of weights for red, green and blue.

    "rgb_first" puts them on the first three channels and leaves the others as torch draws them (Svensson 2020). "rgb"
    puts them where red, green and blue stand, draws the others as strong as they are, and scales each filter so
    that its output keeps its variance on independent standardised channels: the sum of its squared weights.

    Args:
        weight: (F, 3, h, w), in the order red, green, blue.
        channels: C.
        mode: "rgb_first" or "rgb".
        rgb: positions of red, green and blue among the channels; "rgb" needs them.

    Returns:
        (F, C, h, w).

    Raises:
        ValueError: for another mode, too few channels, or no positions.
    """
    if mode == "rgb_first":
        return _rgb_first(weight, channels)
    if mode == "rgb":
        return _rgb(weight, channels, rgb)
    raise ValueError(f"model.first_layer is one of {', '.join(MODES)}, not {mode!r}")


def _rgb_first(weight: Tensor, channels: int) -> Tensor:
    if channels < 3:
        raise ValueError(f"model.first_layer=rgb_first puts RGB weights on the first 3 channels; there are {channels}")
    filters, _, height, width = weight.shape
    fresh = nn.Conv2d(channels, filters, (height, width), bias=False).weight.detach()
    fresh[:, :3] = weight
    return fresh


def _rgb(weight: Tensor, channels: int, rgb: tuple[int, int, int] | None) -> Tensor:
    if rgb is None or not all(0 <= position < channels for position in rgb) or len(set(rgb)) != 3:
        raise ValueError(
            "model.first_layer=rgb needs channels that are red, green and blue (tci, or B04, B03 and B02), "
            f"not {rgb}; add them to inputs.channels, or set model.first_layer=rgb_first"
        )
    filters, _, height, width = weight.shape
    strength = weight.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
    fresh = torch.randn(filters, channels, height, width) * strength
    fresh[:, list(rgb)] = weight
    before = weight.square().sum(dim=(1, 2, 3), keepdim=True)
    after = fresh.square().sum(dim=(1, 2, 3), keepdim=True).clamp(min=torch.finfo(weight.dtype).tiny)
    return fresh * (before / after).sqrt()
