"""EfficientNet: a network whose depth, width and resolution grow together, by timm (Tan and Le 2019)."""

from torch import nn

from rojsat.learn.models import timm_classifier
from rojsat.learn.models.initial_weights import FROM_SCRATCH, Start

BACKBONES = (
    "efficientnet_b0",
    "efficientnet_b1",
    "efficientnet_b2",
    "efficientnet_b3",
    "efficientnet_b4",
    "efficientnet_b5",
)
"""Smallest first: 5 to 30 million weights. Those with TensorFlow's padding cannot be exported for any size of image."""


def build(
    channels: int,
    outputs: int,
    *,
    start: Start = FROM_SCRATCH,
    backbone: str = "efficientnet_b0",
    dropout: float = 0.0,
) -> nn.Module:
    """Build the network; its arguments and errors are those of `timm_classifier.build`."""
    return timm_classifier.build(
        channels,
        outputs,
        start=start,
        backbone=backbone,
        backbones=BACKBONES,
        multiple=1,  # its layers take any size
        dropout=dropout,
    )
