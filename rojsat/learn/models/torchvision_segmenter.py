"""Segmenters by torchvision, with any number of channels: a backbone of its classifiers and a head."""

from collections.abc import Mapping, Sequence
from functools import partial

from torch import Tensor, nn
from torchvision.models import WeightsEnum, get_model, get_model_weights

from rojsat.config import lookup
from rojsat.learn.models import bounds, initial_weights
from rojsat.learn.models.initial_weights import Start
from rojsat.learn.models.trained_weights import TorchvisionFile

STEMS = {"resnet": "conv1", "mobilenet": "0.0"}
"""The first layer of a backbone, by how its name begins."""

CLASSIFIERS = {"resnet": ("", "fc."), "mobilenet": ("features.", "classifier.")}
"""What torchvision's classifiers put before the keys of the backbone, and before those of what comes after it."""


def build(
    architecture: str,
    channels: int,
    outputs: int,
    *,
    start: Start,
    backbone: str,
    backbones: Sequence[str],
    bounded: bool,
    quantiles: Sequence[float],
    head: tuple[str, ...] = ("classifier.4.",),
) -> nn.Module:
    """Build the network.

    Args:
        architecture: torchvision's name, without that of the backbone.
        channels: C.
        outputs: K, planes of scores.
        start: of the weights; its downloads are "imagenet" (backbone alone) and "coco" (all but the last layer). A file
            may be torchvision's of the network, or of a ResNet backbone.
        backbone: of `backbones`.
        backbones: that the network has.
        bounded: sigmoid on the degree, see `bounds.last`.
        quantiles: of the degree, see `quantiles.check`.
        head: how keys of torchvision's last layers begin.

    Returns:
        (N, C, H, W) to scores (N, K, H, W).

    Raises:
        rojsat.config.lookup.UnknownNameError: for another backbone.
        ValueError: for quantiles that are not possible.
    """
    if backbone not in backbones:
        raise lookup.unknown("model.options.backbone", backbone, backbones)
    name, planes = f"{architecture}_{backbone}", bounds.planes(outputs, quantiles)
    family = backbone.partition("_")[0].rstrip("0123456789")
    stem, (before, after) = f"backbone.{STEMS[family]}", CLASSIFIERS[family]
    network = Scores(
        get_model(name, weights=None, weights_backbone=None, num_classes=planes),
        stem,
        channels,
        bounds.last(outputs, bounded, quantiles),
    )
    last = tuple(f"network.{key}" for key in head)
    layouts = [TorchvisionFile(f"torchvision's {name}", f"{stem}.weight", "network.", ("aux_classifier.",), last)]
    if not before:  # a classifier's file has the backbone's own keys
        layouts.append(
            TorchvisionFile(
                f"torchvision's {backbone}",
                f"{STEMS[family]}.weight",
                "network.backbone.",
                (after,),
                ("network.classifier.",),
            )
        )
    initial_weights.load(
        network,
        start,
        {
            "imagenet": partial(_backbone_state, get_model_weights(backbone)["IMAGENET1K_V1"], before, after),
            "coco": partial(_network_state, get_model_weights(name)["COCO_WITH_VOC_LABELS_V1"]),
        },
        stem=f"network.{stem}.weight",
        # "imagenet" knows the backbone alone: all else counts as head and keeps its random initialisation
        head="network.classifier." if start.weights == "imagenet" else last,
        beside=("network.classifier.",),
        layouts=layouts,
    )
    return network


class Scores(nn.Module):
    """A segmenter of torchvision's with any number of channels, giving its one output instead of a dict of it.

    Args:
        network: torchvision's, without auxiliary classifier.
        stem: its first layer, a convolution without bias.
        channels: C.
        last: a layer without weights after the scores.
    """

    def __init__(self, network: nn.Module, stem: str, channels: int, last: nn.Module) -> None:
        super().__init__()
        self.last = last
        self.network = network
        own = network.get_submodule(stem)
        assert isinstance(own, nn.Conv2d)
        network.set_submodule(
            stem,
            nn.Conv2d(
                channels,
                own.out_channels,
                kernel_size=own.kernel_size,  # type: ignore[arg-type]
                stride=own.stride,  # type: ignore[arg-type]
                padding=own.padding,  # type: ignore[arg-type]
                bias=False,
            ),
        )

    def forward(self, image: Tensor) -> Tensor:
        """(N, C, H, W) to scores (N, K, H, W)."""
        scores: Tensor = self.last(self.network(image)["out"])
        return scores


def _backbone_state(source: WeightsEnum, before: str, after: str) -> Mapping[str, Tensor]:
    """State dict of a classifier, its backbone alone, under this network's keys."""
    state = source.get_state_dict(progress=False, check_hash=True)
    return {
        f"network.backbone.{key.removeprefix(before)}": value
        for key, value in state.items()
        if not key.startswith(after)
    }


def _network_state(source: WeightsEnum) -> Mapping[str, Tensor]:
    """State dict of a segmenter under this network's keys, without the auxiliary classifier, which it does not have."""
    state = source.get_state_dict(progress=False, check_hash=True)
    return {f"network.{key}": value for key, value in state.items() if not key.startswith("aux_classifier.")}
