"""ConvNeXt: a convolutional network built like a transformer, by timm (Liu et al. 2022, Woo et al. 2023)."""

from torch import nn

from rojsat.learn.models import timm_classifier
from rojsat.learn.models.initial_weights import FROM_SCRATCH, Start

BACKBONES = (
    "convnext_atto",
    "convnext_femto",
    "convnext_pico",
    "convnext_nano",
    "convnext_tiny",
    "convnext_small",
    "convnext_base",
    "convnextv2_atto",
    "convnextv2_femto",
    "convnextv2_pico",
    "convnextv2_nano",
    "convnextv2_tiny",
    "convnextv2_base",
)
"""Smallest first: 3 to 89 million weights, of both versions."""


def build(
    channels: int,
    outputs: int,
    *,
    start: Start = FROM_SCRATCH,
    backbone: str = "convnext_atto",
    dropout: float = 0.0,
) -> nn.Module:
    """Build the network; its arguments and errors are those of `timm_classifier.build`."""
    return timm_classifier.build(
        channels,
        outputs,
        start=start,
        backbone=backbone,
        backbones=BACKBONES,
        multiple=32,  # its layers cut the image into squares, and leave out what is no complete one
        dropout=dropout,
    )
