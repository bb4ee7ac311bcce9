"""Classifiers by timm, with any number of channels."""

from collections.abc import Mapping, Sequence
from typing import Any

import timm
from torch import Tensor, nn

from rojsat.config import lookup
from rojsat.learn.models import initial_weights, timm_weights
from rojsat.learn.models.initial_weights import Start
from rojsat.learn.models.padded import PaddedClassifier


def build(
    channels: int, outputs: int, *, start: Start, backbone: str, backbones: Sequence[str], multiple: int, dropout: float
) -> nn.Module:
    """Build the network.

    Args:
        channels: C.
        outputs: K, classes.
        start: of the weights; its downloads are those that timm has of the architecture, by timm's own names
            (`fb_in22k_ft_in1k`), and "imagenet".
        backbone: of `backbones`.
        backbones: architectures of timm's.
        multiple: the image is padded with zeros to a multiple of this, pixels.
        dropout: share of the features that are left out in training, before the scores; 0 or more and below 1.

    Returns:
        (N, C, H, W) to scores (N, K), any H and W.

    Raises:
        rojsat.config.lookup.UnknownNameError: for another backbone.
        ValueError: for another dropout.
    """
    if backbone not in backbones:
        raise lookup.unknown("model.options.backbone", backbone, backbones)
    if not 0 <= dropout < 1:
        raise ValueError(f"model.options.dropout is 0 or more and below 1, not {dropout}")
    network = timm.create_model(backbone, in_chans=channels, num_classes=outputs, drop_rate=dropout)
    keys: Any = network.pretrained_cfg
    padded = PaddedClassifier(network, multiple)
    if start.weights is not None:
        initial_weights.load(
            padded,
            start,
            timm_weights.downloads(backbone, _state),
            stem=f"network.{keys['first_conv']}.weight",
            head=f"network.{keys['classifier']}.",
            cache=timm_weights.cache(backbone, start.weights),
        )
    return padded


def _state(trained: nn.Module) -> Mapping[str, Tensor]:
    return {f"network.{key}": value for key, value in trained.state_dict().items()}
