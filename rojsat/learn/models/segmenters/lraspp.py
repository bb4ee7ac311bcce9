"""LR-ASPP: MobileNetV3 with a light head, for machines without a GPU, by torchvision (Howard et al. 2019)."""

from collections.abc import Sequence

from torch import nn

from rojsat.learn.models import torchvision_segmenter
from rojsat.learn.models.initial_weights import FROM_SCRATCH, Start

BACKBONES = ("mobilenet_v3_large",)
"""The one that torchvision has."""


def build(
    channels: int,
    outputs: int,
    *,
    start: Start = FROM_SCRATCH,
    backbone: str = "mobilenet_v3_large",
    bounded: bool = False,
    quantiles: Sequence[float] = (),
) -> nn.Module:
    """Build the network; its arguments and errors are those of `torchvision_segmenter.build`."""
    return torchvision_segmenter.build(
        "lraspp",
        channels,
        outputs,
        start=start,
        backbone=backbone,
        backbones=BACKBONES,
        bounded=bounded,
        quantiles=quantiles,
        head=("classifier.low_classifier.", "classifier.high_classifier."),
    )
