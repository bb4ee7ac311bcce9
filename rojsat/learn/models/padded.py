"""Any height and width for a network that takes multiples of its stride."""

from torch import Tensor, nn
from torch.nn import functional


class Padded(nn.Module):
    """A segmenter whose image is padded to a multiple of its stride, and whose scores are cropped again.

    Padded are zeros, at the right and at the bottom: zero is what a standardised sample has where nothing is seen, so
    that all pixels out of the image mean the same; reflection would need images larger than the padding.

    Args:
        network: (N, C, H, W) to scores (N, K, H, W), for H and W that are multiples.
        multiple: of which, pixels.
        last: a layer without weights after the scores.
    """

    def __init__(self, network: nn.Module, multiple: int, last: nn.Module) -> None:
        super().__init__()
        self.network, self.multiple, self.last = network, multiple, last

    def forward(self, image: Tensor) -> Tensor:
        """(N, C, H, W) to scores (N, K, H, W)."""
        height, width = image.shape[-2:]
        side = self.multiple
        # one piece more is padded than is cut off, whatever the size: an export would else fix whether there is any
        padded = functional.pad(image, (0, side, 0, side))[..., : height + -height % side, : width + -width % side]
        scores = functional.pad(self.network(padded), (0, 1, 0, 1))[..., :height, :width]
        cropped: Tensor = self.last(scores)
        return cropped
