"""SegFormer's decoder: all stages merged by linear layers, by segmentation_models_pytorch (Xie et al. 2021)."""

from collections.abc import Sequence

import segmentation_models_pytorch as smp
from torch import nn

from rojsat.learn.models import encoder_segmenter
from rojsat.learn.models.initial_weights import FROM_SCRATCH, Start


def build(
    channels: int,
    outputs: int,
    *,
    start: Start = FROM_SCRATCH,
    encoder: str = "resnet34",
    dropout: float = 0.0,
    bounded: bool = False,
    quantiles: Sequence[float] = (),
) -> nn.Module:
    """Build the network; its arguments and errors are those of `encoder_segmenter.build`."""
    return encoder_segmenter.build(
        smp.Segformer,
        channels,
        outputs,
        start=start,
        encoder=encoder,
        dropout=dropout,
        bounded=bounded,
        quantiles=quantiles,
    )
