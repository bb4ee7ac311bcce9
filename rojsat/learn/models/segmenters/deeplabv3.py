"""DeepLabV3: atrous convolutions, any size of chip (Chen et al. 2017), by torchvision."""

from collections.abc import Sequence

from torch import nn

from rojsat.learn.models import torchvision_segmenter
from rojsat.learn.models.initial_weights import FROM_SCRATCH, Start

BACKBONES = ("resnet50", "resnet101", "mobilenet_v3_large")
"""Those that torchvision has weights of; the study has both ResNets."""


def build(
    channels: int,
    outputs: int,
    *,
    start: Start = FROM_SCRATCH,
    backbone: str = "resnet50",
    bounded: bool = False,
    quantiles: Sequence[float] = (),
) -> nn.Module:
    """Build the network; its arguments and errors are those of `torchvision_segmenter.build`."""
    return torchvision_segmenter.build(
        "deeplabv3",
        channels,
        outputs,
        start=start,
        backbone=backbone,
        backbones=BACKBONES,
        bounded=bounded,
        quantiles=quantiles,
    )
