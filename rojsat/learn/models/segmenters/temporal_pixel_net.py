"""Multi-date pixel net: a small patch of every date through one encoder, attention over the dates at every pixel.

No stride, any size, and any number of dates, of which each pixel has those that see it.
"""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from rojsat.learn.models import bounds, date_attention, initial_weights
from rojsat.learn.models.date_attention import DateAttention
from rojsat.learn.models.initial_weights import FROM_SCRATCH, Start

CONTEXTS = (1, 3, 5)
"""Sides of the patch, pixels."""


def build(
    channels: int,
    outputs: int,
    *,
    start: Start = FROM_SCRATCH,
    dates: int | None = None,
    context: int = 3,
    widths: Sequence[int] = (128, 64),
    heads: int = 8,
    missing: float = 0.0,
    dropout: float = 0.0,
    bounded: bool = False,
    quantiles: Sequence[float] = (),
) -> nn.Module:
    """Build the network.

    Args:
        channels: C, or the planes of all blocks of a series, see `rojsat.learn.data.series`.
        outputs: K, planes of scores.
        start: of the weights; there is no download.
        dates: T, blocks of the images of series; trained, the network takes any number of them. None: images are no
            series, but of one date whose day is not known.
        context: side of the patch that the first layer sees of a date, pixels, of `CONTEXTS`.
        widths: channels of the layers on a date, at least one; the last are its features.
        heads: of the attention.
        missing: probability that a date is left out in training, at least 0 and below 1, see
            `date_attention.without_some`.
        dropout: share of the values before the scores that is left out in training, 0 or more and below 1.
        bounded: sigmoid on the degree, see `bounds.last`.
        quantiles: Q of the degree instead of the degree alone: (N, Q, H, W) that rise along Q, see `quantiles.check`.

    Returns:
        (N, C, H, W) to scores (N, K, H, W), any H and W.

    Raises:
        ValueError: for another context, widths, heads or dropout, or quantiles that are not possible.
    """
    if context not in CONTEXTS:
        raise ValueError(f"model.options.context is one of {', '.join(map(str, CONTEXTS))} pixels, not {context}")
    if not widths or min(widths) < 1:
        raise ValueError(f"model.options.widths is a list of channels, as [128, 64], not {list(widths)}")
    date_attention.check(heads, missing)
    if not 0 <= dropout < 1:
        raise ValueError(f"model.options.dropout is 0 or more and below 1, not {dropout}")
    planes, last = bounds.planes(outputs, quantiles), bounds.last(outputs, bounded, quantiles)
    of_a_date = channels // (dates or 1)
    network = TemporalPixelNet(
        of_a_date,
        planes,
        last,
        missing=None if dates is None else missing,
        context=context,
        widths=widths,
        heads=heads,
        drop=dropout,
    )
    initial_weights.load(network, start, {}, stem="patch.weight", head=("scores.",))
    return network


class TemporalPixelNet(nn.Module):
    """Layers on every pixel of every date, attention over the dates, layers on every pixel.

    Features are normalised over the channels of a pixel, not over a batch: neither dates that are missing nor other
    pixels have a part in it.

    Args:
        planes: P, of a date.
        outputs: K, planes of scores.
        last: a layer without weights after the scores.
        missing: probability that a date is left out in training; None: images are no series.
        context: side of the patch, pixels, odd.
        widths: channels of the layers on a date.
        heads: of the attention.
        drop: share of the values before the scores that is left out in training.
    """

    def __init__(
        self,
        planes: int,
        outputs: int,
        last: nn.Module,
        *,
        missing: float | None,
        context: int,
        widths: Sequence[int],
        heads: int,
        drop: float,
    ) -> None:
        super().__init__()
        self.planes, self.missing, width = planes, missing, widths[-1]
        self.patch = nn.Conv2d(planes, widths[0], context, padding=context // 2)
        layers: list[nn.Module] = _after(widths[0])
        for before, following in pairwise(widths):
            layers += [nn.Conv2d(before, following, 1), *_after(following)]
        self.layers = nn.Sequential(*layers)
        self.attention = DateAttention(width, heads)
        self.mix = nn.Sequential(nn.Conv2d(width, width, 1), *_after(width), nn.Dropout(drop))
        self.scores = nn.Conv2d(width, outputs, 1)
        self.last = last

    def forward(self, images: Tensor) -> Tensor:
        """(N, T P, H, W), 0 where not seen, to scores (N, K, H, W); any T."""
        if self.training and self.missing:
            images = date_attention.without_some(images, self.planes, self.missing)
        dated, seen, days = date_attention.unpack(images, self.planes, self.missing is not None)
        features = self.layers(self.patch(dated.flatten(0, 1))).unflatten(0, dated.shape[:2])
        pooled = date_attention.pool(features, self.attention(features, seen, days), seen)
        scores: Tensor = self.last(self.scores(self.mix(pooled)))
        return scores


class ChannelNorm(nn.LayerNorm):
    """Layer normalisation over the channels of every pixel (Ba et al. 2016)."""

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) to the same shape."""
        return super().forward(features.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def _after(width: int) -> list[nn.Module]:
    """What follows a layer."""
    return [ChannelNorm(width), nn.ReLU(inplace=True)]
