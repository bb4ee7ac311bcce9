"""What the DeepLabV3 segmenters share: a tensor as output, channels of the first layer, weights to start from."""

from collections.abc import Mapping
from functools import partial

from torch import Tensor, nn
from torchvision.models import WeightsEnum

from rojsat.learn.models import initial_weights


class Deeplab(nn.Module):
    """Torchvision's DeepLabV3 with any number of channels, giving its one output instead of a dict of it.

    Args:
        network: torchvision's, without auxiliary classifier.
        channels: C.
    """

    def __init__(self, network: nn.Module, channels: int) -> None:
        super().__init__()
        self.network = network
        network.backbone["conv1"] = nn.Conv2d(  # type: ignore[index, operator, assignment]
            channels, 64, kernel_size=7, stride=2, padding=3, bias=False
        )

    def forward(self, image: Tensor) -> Tensor:
        """(N, C, H, W) to scores (N, K, H, W)."""
        scores: Tensor = self.network(image)["out"]
        return scores

    def start(
        self,
        weights: str | None,
        sources: Mapping[str, WeightsEnum],
        first_layer: str,
        rgb: tuple[int, int, int] | None,
    ) -> "Deeplab":
        """Put weights to start from into the network; gives itself."""
        fetches = {name: partial(_fetch, name, source) for name, source in sources.items()}
        # "imagenet" knows the backbone alone: all else counts as head and stays as drawn
        head = "network.classifier." if weights == "imagenet" else "network.classifier.4."
        stem = "network.backbone.conv1.weight"
        initial_weights.start(self, weights, fetches, stem=stem, head=head, mode=first_layer, rgb=rgb)
        return self


def _fetch(name: str, source: WeightsEnum) -> dict[str, Tensor]:
    """State dict under this network's keys, without layers that it does not have."""
    state = source.get_state_dict(progress=False, check_hash=True)
    if name == "imagenet":
        return {f"network.backbone.{key}": value for key, value in state.items() if not key.startswith("fc.")}
    return {f"network.{key}": value for key, value in state.items() if not key.startswith("aux_classifier.")}
