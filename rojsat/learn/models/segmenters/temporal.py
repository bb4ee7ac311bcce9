"""Multi-date U-Net: one encoder for all dates, attention over them, one decoder (U-TAE, Garnot and Landrieu 2021).

Weights of the dates are those of the coarsest stage, interpolated to every other; the encoder is any of
segmentation_models_pytorch. Any number of dates, of which each place has those that see it.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import segmentation_models_pytorch as smp
from torch import Tensor, nn
from torch.nn import functional

from rojsat.learn.models import date_attention, encoder_segmenter
from rojsat.learn.models.date_attention import DateAttention
from rojsat.learn.models.initial_weights import FROM_SCRATCH, Start


def build(
    channels: int,
    outputs: int,
    *,
    start: Start = FROM_SCRATCH,
    dates: int | None = None,
    encoder: str = "resnet18",
    depth: int = 5,
    heads: int = 8,
    missing: float = 0.0,
    dropout: float = 0.0,
    bounded: bool = False,
    quantiles: Sequence[float] = (),
) -> nn.Module:
    """Build the network.

    Args:
        channels: C, or the planes of all blocks of a series, see `rojsat.learn.data.series`.
        outputs: as for `encoder_segmenter.build`, with its errors, like all that is not named here.
        start: likewise.
        dates: T, blocks of the images of series; trained, the network takes any number of them. None: images are no
            series, but of one date whose day is not known.
        encoder: of `encoder_segmenter.ENCODERS`.
        depth: stages of the encoder.
        heads: of the attention.
        missing: probability that a date is left out in training, at least 0 and below 1, see
            `date_attention.without_some`.
        dropout: as for `encoder_segmenter.build`.
        bounded: likewise.
        quantiles: likewise.

    Returns:
        (N, C, H, W) to scores (N, K, H, W), any H and W.

    Raises:
        ValueError: for heads or a probability that cannot be.
    """
    date_attention.check(heads, missing)
    return encoder_segmenter.build(
        partial(TemporalUnet, missing=None if dates is None else missing, heads=heads),
        channels // (dates or 1),
        outputs,
        start=start,
        encoder=encoder,
        depth=depth,
        dropout=dropout,
        decoder_channels=encoder_segmenter.WIDTHS[-depth:],
        bounded=bounded,
        quantiles=quantiles,
    )


class TemporalUnet(smp.Unet):
    """A U-Net whose decoder gets the weighted mean of the features of dates.

    Args:
        encoder: its name.
        in_channels: planes of a date.
        missing: probability that a date is left out in training; None: images are no series.
        heads: of the attention.
        **settings: of `smp.Unet`.
    """

    def __init__(self, encoder: str, *, in_channels: int, missing: float | None, heads: int, **settings: Any) -> None:
        super().__init__(encoder, in_channels=in_channels, **settings)
        self.planes, self.missing, self.is_series = in_channels, missing, missing is not None
        self.attention = DateAttention(self.encoder.out_channels[-1], heads)

    def forward(self, images: Tensor) -> Tensor:
        """(N, T P, H, W), 0 where not seen, to scores (N, K, H, W); any T, H and W multiples of the stride."""
        if self.training and self.missing:
            images = date_attention.without_some(images, self.planes, self.missing)
        dated, seen, days = date_attention.unpack(images, self.planes, self.is_series)
        stages = [stage.unflatten(0, dated.shape[:2]) for stage in self._encoded(dated.flatten(0, 1), seen)]
        seen_by = [functional.max_pool2d(seen, 2**number) for number in range(len(stages))]
        weights = self.attention(stages[-1], seen_by[-1], days)
        pooled = [date_attention.pool(*pair) for pair in zip(stages, [weights] * len(stages), seen_by, strict=True)]
        scores: Tensor = self.segmentation_head(self.decoder(pooled))
        return scores

    def _encoded(self, dated: Tensor, seen: Tensor) -> list[Tensor]:
        """Features of every stage for all dates of all images, (N T, F, h, w).

        In training those without a seen pixel are left out, so that they have no part in batch normalisation.
        """
        present = seen.flatten(0, 1).amax(dim=(1, 2)) > 0
        if not self.training or dated.is_meta or not self.is_series or bool(present.all()) or not bool(present.any()):
            return list(self.encoder(dated))
        stages = self.encoder(dated[present])
        place = present.nonzero()[:, 0]
        return [stage.new_zeros(len(dated), *stage.shape[1:]).index_copy(0, place, stage) for stage in stages]
