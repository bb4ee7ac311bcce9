"""ResNet: a residual network for images of complete chips (He et al. 2016), by torchvision."""

from functools import partial

from torch import nn
from torchvision.models import get_model, get_model_weights

from rojsat.config import lookup
from rojsat.learn.models import initial_weights
from rojsat.learn.models.initial_weights import FROM_SCRATCH, Start

BACKBONES = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")
"""The depths that torchvision has."""


def build(channels: int, outputs: int, *, start: Start = FROM_SCRATCH, backbone: str = "resnet18") -> nn.Module:
    """Build the network.

    Args:
        channels: C.
        outputs: K, classes.
        start: of the weights; its download is "imagenet".
        backbone: of `BACKBONES`; the study has resnet18 and resnet152.

    Returns:
        (N, C, H, W) to scores (N, K).

    Raises:
        rojsat.config.lookup.UnknownNameError: for another backbone.
    """
    if backbone not in BACKBONES:
        raise lookup.unknown("model.options.backbone", backbone, BACKBONES)
    network = get_model(backbone, num_classes=outputs)
    network.conv1 = nn.Conv2d(channels, 64, kernel_size=7, stride=2, padding=3, bias=False)
    imagenet = get_model_weights(backbone)["IMAGENET1K_V1"]
    downloads = {"imagenet": partial(imagenet.get_state_dict, progress=False, check_hash=True)}
    initial_weights.load(network, start, downloads, stem="conv1.weight", head="fc.")
    return network
