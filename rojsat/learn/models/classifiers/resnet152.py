"""ResNet152: a residual network for whole chips (He et al. 2016)."""

from torch import nn
from torchvision.models import ResNet152_Weights, resnet152

from rojsat.learn.models.classifiers._resnet import fit


def build(
    channels: int,
    outputs: int,
    *,
    weights: str | None = None,
    first_layer: str = "study",
    rgb: tuple[int, int, int] | None = None,
) -> nn.Module:
    """Build the network.

    Args:
        channels: C.
        outputs: K, classes.
        weights: None, "imagenet" or a file.
        first_layer: "study" or "rgb", see `rojsat.learn.first_layer`.
        rgb: positions of red, green and blue among the channels.

    Returns:
        (N, C, H, W) to scores (N, K).
    """
    fetch = ResNet152_Weights.IMAGENET1K_V1
    return fit(resnet152(num_classes=outputs), fetch, channels, weights=weights, first_layer=first_layer, rgb=rgb)
