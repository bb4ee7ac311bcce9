"""Any height and width for a network that takes multiples of its stride.

Padded are zeros, at the right and at the bottom: zero is what a standardised sample has where nothing is seen, so
that all pixels out of the image mean the same; reflection would need images larger than the padding.
"""

from torch import Tensor, nn
from torch.nn import functional


class Padded(nn.Module):
    """A segmenter whose image is padded to a multiple of its stride, and whose scores are cropped again.

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
        scores = functional.pad(self.network(pad(image, self.multiple)), (0, 1, 0, 1))[..., :height, :width]
        cropped: Tensor = self.last(scores)
        return cropped


class PaddedClassifier(nn.Module):
    """A classifier whose image is padded to a multiple of its stride, below which its layers leave pixels out.

    Args:
        network: (N, C, H, W) to scores (N, K).
        multiple: pixels.
    """

    def __init__(self, network: nn.Module, multiple: int) -> None:
        super().__init__()
        self.network, self.multiple = network, multiple

    def forward(self, image: Tensor) -> Tensor:
        """(N, C, H, W) to scores (N, K)."""
        scores: Tensor = self.network(pad(image, self.multiple))
        return scores


def pad(image: Tensor, multiple: int) -> Tensor:
    """(..., H, W) with zeros up to the next multiples of `multiple` pixels."""
    height, width = image.shape[-2:]
    # one piece more is padded than is cut off, whatever the size: an export would else fix whether there is any
    padded = functional.pad(image, (0, multiple, 0, multiple))
    return padded[..., : height + -height % multiple, : width + -width % multiple]
