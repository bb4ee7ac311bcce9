"""What the residual classifiers share: channels of the first layer, and weights to start from."""

from torch import nn
from torchvision.models import ResNet, WeightsEnum

from rojsat.learn.models import initial_weights


def fit(
    network: ResNet,
    source: WeightsEnum,
    channels: int,
    *,
    weights: str | None,
    first_layer: str,
    rgb: tuple[int, int, int] | None,
) -> nn.Module:
    """Give `network` a first layer for `channels` and weights to start from (`source` is "imagenet")."""
    network.conv1 = nn.Conv2d(channels, 64, kernel_size=7, stride=2, padding=3, bias=False)
    fetches = {"imagenet": lambda: source.get_state_dict(progress=False, check_hash=True)}
    initial_weights.start(network, weights, fetches, stem="conv1.weight", head="fc.", mode=first_layer, rgb=rgb)
    return network
