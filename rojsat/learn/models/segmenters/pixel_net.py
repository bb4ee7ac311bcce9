"""Pixel net: a small patch around every pixel, then layers of single pixels; no stride, any size.

It knows spectra and what is around a pixel, but no shapes, which a few regions do not suffice to learn.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from rojsat.learn.models import bounds, initial_weights, window_moments
from rojsat.learn.models.initial_weights import FROM_SCRATCH, Start
from rojsat.learn.models.window_ends import WindowEnds
from rojsat.learn.models.window_moments import WindowMoments

CONTEXTS = (1, 3, 5)
"""Sides of the patch, pixels."""


def build(
    channels: int,
    outputs: int,
    *,
    start: Start = FROM_SCRATCH,
    context: int = 3,
    widths: Sequence[int] = (128, 128, 64),
    dropout: float = 0.0,
    windows: Sequence[int] = (),
    ends: bool = False,
    bounded: bool = False,
    quantiles: Sequence[float] = (),
) -> nn.Module:
    """Build the network.

    Args:
        channels: C.
        outputs: K, planes of scores.
        start: of the weights; there is no download.
        context: side of the patch that the first layer sees of a pixel's surroundings, pixels, of `CONTEXTS`.
        widths: channels of the layers between image and scores, at least one; the first is that of the patch.
        dropout: share of the values of each of these layers that is left out in training, 0 or more and below 1.
        windows: sides of larger squares, pixels, odd and above 1, of which the first layer sees mean and deviation of
            every channel over the pixels that are seen, see `window_moments.WindowMoments`.
        ends: whether it sees minimum and maximum in these squares too, see `window_ends.WindowEnds`.
        bounded: sigmoid on the degree, see `bounds.last`.
        quantiles: Q of the degree instead of the degree alone: (N, Q, H, W) that rise along Q, see `quantiles.check`.

    Returns:
        (N, C, H, W) to scores (N, K, H, W), any H and W.

    Raises:
        ValueError: for another context, widths, dropout or windows, ends of no windows, or quantiles that are not
            possible.
    """
    if context not in CONTEXTS:
        raise ValueError(f"model.options.context is one of {', '.join(map(str, CONTEXTS))} pixels, not {context}")
    if not widths or min(widths) < 1:
        raise ValueError(f"model.options.widths is a list of channels, as [128, 64], not {list(widths)}")
    if not 0 <= dropout < 1:
        raise ValueError(f"model.options.dropout is 0 or more and below 1, not {dropout}")
    window_moments.check(windows)
    if ends and not windows:
        raise ValueError("model.options.ends=true is of squares: name their sides, model.options.windows=[5, 9, 21]")
    planes, last = bounds.planes(outputs, quantiles), bounds.last(outputs, bounded, quantiles)
    network = PixelNet(
        channels, planes, last, context=context, widths=widths, dropout=dropout, windows=windows, ends=ends
    )
    initial_weights.load(network, start, {}, stem="patch.weight", head=("around.", "scores."))
    return network


class PixelNet(nn.Module):
    """A layer on the patch, and on what surrounds it, then layers of single pixels, each normalised over its batch.

    Args:
        channels: C.
        planes: K, of scores.
        last: a layer without weights after the scores.
        context: side of the patch, pixels, odd.
        widths: channels of the layers.
        dropout: share of their values that is left out in training.
        windows: of the surroundings, pixels; none: the patch alone.
        ends: whether their minimum and maximum are seen beside mean and deviation.
    """

    def __init__(
        self,
        channels: int,
        planes: int,
        last: nn.Module,
        *,
        context: int,
        widths: Sequence[int],
        dropout: float,
        windows: Sequence[int],
        ends: bool,
    ) -> None:
        super().__init__()
        self.patch = nn.Conv2d(channels, widths[0], context, padding=context // 2, bias=False)
        self.around = _around(channels, widths[0], windows, ends) if windows else None
        layers: list[nn.Module] = _after(widths[0], dropout)
        for before, width in pairwise(widths):
            layers += [nn.Conv2d(before, width, 1, bias=False), *_after(width, dropout)]
        self.layers = nn.Sequential(*layers)
        self.scores = nn.Conv2d(widths[-1], planes, 1)
        self.last = last

    def forward(self, image: Tensor) -> Tensor:
        """(N, C, H, W), 0 where not seen, to scores (N, K, H, W)."""
        first = self.patch(image)
        if self.around is not None:
            first = first + self.around(image)
        return self._scored(first)

    def features(self, image: Tensor) -> Tensor:
        """(N, C, H, W) to all that a pixel is known by, (N, F, H, W): its patch, then its surroundings."""
        side = self.patch.kernel_size[0]
        own = functional.unfold(image, side, padding=side // 2).unflatten(2, image.shape[2:])  # as weights of the patch
        return own if self.around is None else torch.cat([own, self.around[0](image)], dim=1)

    def scored(self, features: Tensor) -> Tensor:
        """From `features`, (N, F, H, W), of pixels from anywhere, to the scores of `forward`."""
        weight = self.patch.weight.flatten(1)[..., None, None]
        own, surroundings = features.tensor_split((weight.shape[1],), dim=1)
        first = functional.conv2d(own, weight)
        if self.around is not None:
            first = first + self.around[1:](surroundings)
        return self._scored(first)

    def _scored(self, first: Tensor) -> Tensor:
        """From what the first layer gives to scores."""
        scores: Tensor = self.last(self.scores(self.layers(first)))
        return scores


class Scored(nn.Module):
    """A network that is trained on `PixelNet.features` instead of images.

    Args:
        network: whose weights are trained.
    """

    def __init__(self, network: PixelNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, features: Tensor) -> Tensor:
        """(N, F, H, W) to scores (N, K, H, W)."""
        return self.network.scored(features)


class _SideBySide(nn.ModuleList):
    """Modules on the same image, their planes side by side."""

    def forward(self, image: Tensor) -> Tensor:
        """(N, C, H, W) to (N, planes of all, H, W)."""
        return torch.cat([module(image) for module in self], dim=1)


def _around(channels: int, width: int, windows: Sequence[int], ends: bool) -> nn.Sequential:
    """The part of the first layer that sees the surroundings; their planes are normalised first."""
    moments, planes = WindowMoments(windows), 2 * channels * len(windows) * (1 + ends)
    statistics = _SideBySide([moments, WindowEnds(windows)]) if ends else moments
    return nn.Sequential(statistics, nn.BatchNorm2d(planes), nn.Conv2d(planes, width, 1, bias=False))


def _after(width: int, dropout: float) -> list[nn.Module]:
    """What follows a layer; dropout is of single values, because pixels, not images, are the samples here."""
    return [nn.BatchNorm2d(width), nn.ReLU(inplace=True), *([nn.Dropout(dropout)] if dropout else [])]
