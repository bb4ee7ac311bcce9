"""FCN: a residual network whose last layers are convolutions, by torchvision (Long et al. 2015)."""

from collections.abc import Sequence

from torch import nn

from rojsat.learn.models import torchvision_segmenter
from rojsat.learn.models.initial_weights import FROM_SCRATCH, Start

BACKBONES = ("resnet50", "resnet101")
"""Those that torchvision has weights of."""


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
        "fcn",
        channels,
        outputs,
        start=start,
        backbone=backbone,
        backbones=BACKBONES,
        bounded=bounded,
        quantiles=quantiles,
    )
