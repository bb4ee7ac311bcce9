"""DeepLabV3: atrous convolutions, any size of chip (Chen et al. 2017), by torchvision."""

from collections.abc import Mapping, Sequence
from functools import partial

from torch import Tensor, nn
from torchvision.models import WeightsEnum, get_model, get_model_weights

from rojsat.config import lookup
from rojsat.learn.models import bounds, initial_weights
from rojsat.learn.models.initial_weights import FROM_SCRATCH, Start
from rojsat.learn.models.trained_weights import TorchvisionFile

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
    """Build the network.

    Args:
        channels: C.
        outputs: K, planes of scores.
        start: of the weights; its downloads are "imagenet" (backbone alone) and "coco" (all but the last layer; the
            study's choice). A file may be torchvision's of the network or of the backbone.
        backbone: of `BACKBONES`; the study has both.
        bounded: sigmoid on the degree, see `bounds.last`.
        quantiles: Q of the degree instead of the degree alone: (N, Q, H, W) that rise along Q, see `quantiles.check`.

    Returns:
        (N, C, H, W) to scores (N, K, H, W).

    Raises:
        rojsat.config.lookup.UnknownNameError: for another backbone.
        ValueError: for quantiles that are not possible.
    """
    if backbone not in BACKBONES:
        raise lookup.unknown("model.options.backbone", backbone, BACKBONES)
    name, planes = f"deeplabv3_{backbone}", bounds.planes(outputs, quantiles)
    network = Deeplab(
        get_model(name, weights=None, weights_backbone=None, num_classes=planes, aux_loss=False),
        channels,
        bounds.last(outputs, bounded, quantiles),
    )
    imagenet = get_model_weights(backbone)["IMAGENET1K_V1"]
    coco = get_model_weights(name)["COCO_WITH_VOC_LABELS_V1"]
    downloads = {"imagenet": partial(_backbone_state, imagenet), "coco": partial(_network_state, coco)}
    # "imagenet" knows the backbone alone: all else counts as head and keeps its random initialisation
    head = "network.classifier." if start.weights == "imagenet" else "network.classifier.4."
    initial_weights.load(
        network,
        start,
        downloads,
        stem="network.backbone.conv1.weight",
        head=head,
        beside=("network.classifier.",),
        layouts=[
            TorchvisionFile(
                f"torchvision's {name}",
                "backbone.conv1.weight",
                "network.",
                ("aux_classifier.",),
                ("network.classifier.4.",),
            ),
            TorchvisionFile(
                f"torchvision's {backbone}", "conv1.weight", "network.backbone.", ("fc.",), ("network.classifier.",)
            ),
        ],
    )
    return network


class Deeplab(nn.Module):
    """Torchvision's DeepLabV3 with any number of channels, giving its one output instead of a dict of it.

    Args:
        network: torchvision's, without auxiliary classifier.
        channels: C.
        last: a layer without weights after the scores.
    """

    def __init__(self, network: nn.Module, channels: int, last: nn.Module) -> None:
        super().__init__()
        self.last = last
        self.network = network
        network.backbone["conv1"] = nn.Conv2d(  # type: ignore[index, operator, assignment]
            channels, 64, kernel_size=7, stride=2, padding=3, bias=False
        )

    def forward(self, image: Tensor) -> Tensor:
        """(N, C, H, W) to scores (N, K, H, W)."""
        scores: Tensor = self.last(self.network(image)["out"])
        return scores


def _backbone_state(source: WeightsEnum) -> Mapping[str, Tensor]:
    """State dict of a classifier, its backbone alone, under this network's keys."""
    state = source.get_state_dict(progress=False, check_hash=True)
    return {f"network.backbone.{key}": value for key, value in state.items() if not key.startswith("fc.")}


def _network_state(source: WeightsEnum) -> Mapping[str, Tensor]:
    """State dict of a segmenter under this network's keys, without the auxiliary classifier, which it does not have."""
    state = source.get_state_dict(progress=False, check_hash=True)
    return {f"network.{key}": value for key, value in state.items() if not key.startswith("aux_classifier.")}
