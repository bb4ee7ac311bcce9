"""DeepLabV3 on ResNet50: atrous convolutions, any size of chip (Chen et al. 2017)."""

from torch import nn
from torchvision.models import ResNet50_Weights
from torchvision.models.segmentation import DeepLabV3_ResNet50_Weights, deeplabv3_resnet50

from rojsat.learn.models.segmenters._deeplab import Deeplab


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
        outputs: K, planes of scores.
        weights: None, "imagenet" (backbone alone), "coco" (all but the last layer; the study's choice) or a file.
        first_layer: "study" or "rgb", see `rojsat.learn.first_layer`.
        rgb: positions of red, green and blue among the channels.

    Returns:
        (N, C, H, W) to scores (N, K, H, W).
    """
    network = deeplabv3_resnet50(weights=None, weights_backbone=None, num_classes=outputs, aux_loss=False)
    sources = {"imagenet": ResNet50_Weights.IMAGENET1K_V1, "coco": DeepLabV3_ResNet50_Weights.COCO_WITH_VOC_LABELS_V1}
    return Deeplab(network, channels).start(weights, sources, first_layer, rgb)
