"""Dropout before the last convolution of a segmenter of segmentation_models_pytorch."""

from collections import OrderedDict
from typing import Any

from torch import nn


def before_scores(network: Any, share: float) -> None:
    """Drop channels of what the decoder gives, in training alone (Tompson et al. 2015, spatial dropout).

    Names of weights stay, so a file of weights goes with and without it.

    Args:
        network: with a `segmentation_head`; changed in place.
        share: of the channels that are dropped, in [0, 1); 0: the network stays as it is.

    Raises:
        ValueError: for a share out of its range.
    """
    if not 0 <= share < 1:
        raise ValueError(f"model.options.dropout is at least 0 and below 1, not {share}")
    if share:
        layers = network.segmentation_head.named_children()
        network.segmentation_head = nn.Sequential(OrderedDict([("dropout", nn.Dropout2d(share)), *layers]))
