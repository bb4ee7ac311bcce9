"""Attention over the dates of a series, for networks that read as many dates as there are.

After the lightweight temporal attention of Garnot and Landrieu (2020, Lightweight temporal self-attention for
classifying satellite image time series): every head has one learned query; keys are those of a date's features and of
its day of the year; features are shared out among the heads. Dates that do not see a place have no weight there, so
neither their sequence nor dates that are missing change anything.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

SIZE = 8
"""Numbers in a key."""

HARMONICS = 4
"""Sine and cosine of the day of the year, once and twice a year."""

LEAST = 1e-6
"""The least that a sum of weights is divided by."""


def unpack(images: Tensor, planes: int, is_series: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Take images of series apart, see `rojsat.learn.data.series`.

    Args:
        images: (N, T P, H, W) standardised, 0 where not seen.
        planes: P, of a date.
        is_series: whether the last three of them are the pixels that are seen, and sine and cosine of the day of the
            year. Else the one date sees all pixels, and its day is not known.

    Returns:
        (N, T, P, H, W); where each date sees, (N, T, H, W), 0 or 1; sine and cosine of its day, 0 where not known or
        nothing is seen, (N, T, 2).
    """
    dated = images.unflatten(1, (-1, planes))
    if not is_series:
        return dated, torch.ones_like(dated[:, :, 0]), torch.zeros_like(dated[:, :, :1, 0, 0]).expand(-1, -1, 2)
    seen = (dated[:, :, -3] > 0).to(images.dtype)
    count = seen.sum(dim=(2, 3)).clamp(min=1)
    return dated, seen, dated[:, :, -2:].sum(dim=(3, 4)) / count[:, :, None]


def check(heads: int, missing: float) -> None:
    """Refuse options that are not possible.

    Args:
        heads: of the attention.
        missing: see `without_some`.

    Raises:
        ValueError: saying what is.
    """
    if heads < 1:
        raise ValueError(f"model.options.heads is 1 or more, not {heads}")
    if not 0 <= missing < 1:
        raise ValueError(f"model.options.missing is at least 0 and below 1, not {missing}")


def without_some(images: Tensor, planes: int, missing: float) -> Tensor:
    """Images of series of which each date is missing with a probability, never all that there are.

    Few regions have few combinations of dates; of four dates, 15 make a sample. For training alone.

    Args:
        images: (N, T P, H, W) standardised, 0 where not seen.
        planes: P, of a date.
        missing: probability.
    """
    dated = images.unflatten(1, (-1, planes))
    is_there = dated[:, :, -3].amax(dim=(2, 3)) > 0
    draws = torch.rand(is_there.shape, device=images.device).masked_fill(~is_there, -1)
    stays = (draws >= missing) | (draws == draws.amax(dim=1, keepdim=True))
    return (dated * stays[:, :, None, None, None]).flatten(1, 2)


class DateAttention(nn.Module):
    """The weights of dates at every place.

    Args:
        features: F, of a date at a place.
        heads: G.
    """

    def __init__(self, features: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.key = nn.Conv2d(features, heads * SIZE, 1)
        self.day = nn.Linear(HARMONICS, heads * SIZE, bias=False)
        self.query = nn.Parameter(torch.randn(heads, SIZE))

    def forward(self, features: Tensor, seen: Tensor, days: Tensor) -> Tensor:
        """Weights (N, T, G, h, w) of features (N, T, F, h, w): their sum over T is 1, or 0 where no date sees.

        Args:
            features: of the dates.
            seen: (N, T, h, w), 0 or 1.
            days: (N, T, 2), as from `unpack`.
        """
        sine, cosine = days.unbind(dim=2)
        harmonics = torch.stack([sine, cosine, 2 * sine * cosine, cosine**2 - sine**2], dim=2)
        of_features = self.key(features.flatten(0, 1)).unflatten(0, features.shape[:2])
        keys = (of_features + self.day(harmonics)[..., None, None]).unflatten(2, (self.heads, SIZE))
        scores = (keys * self.query[..., None, None]).sum(dim=3) / math.sqrt(SIZE)  # (N, T, G, h, w)
        is_seen = seen[:, :, None] > 0
        return scores.masked_fill(~is_seen, -1e4).softmax(dim=1) * is_seen


def pool(features: Tensor, weights: Tensor, seen: Tensor) -> Tensor:
    """The weighted mean of features over dates.

    Args:
        features: (N, T, F, h, w).
        weights: (N, T, G, h', w') of `DateAttention`; of a coarser grid they are interpolated, as in the U-TAE of
            Garnot and Landrieu (2021, Panoptic segmentation of satellite image time series with convolutional temporal
            attention networks).
        seen: (N, T, h, w), 0 or 1.

    Returns:
        (N, F, h, w), each head's weights on its share of the features; 0 where no date sees.
    """
    if weights.shape[-2:] != features.shape[-2:]:
        flat = functional.interpolate(weights.flatten(0, 1), features.shape[-2:], mode="bilinear")
        weights = flat.unflatten(0, weights.shape[:2]) * seen[:, :, None]
        weights = weights / weights.sum(dim=1, keepdim=True).clamp(min=LEAST)
    head = torch.arange(features.shape[2], device=features.device) * weights.shape[2] // max(1, features.shape[2])
    return (features * weights[:, :, head]).sum(dim=1)
