"""Minimum and maximum of every channel in squares around each pixel, over the pixels that are seen."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from rojsat.learn.models import sliding


class WindowEnds(nn.Module):
    """Minimum and maximum of every channel in squares around each pixel.

    A pixel counts where it is seen: where any of its standardised channels is not 0. Nothing beyond the image counts.
    With `WindowMoments` these are the statistics of `pixel_context`, which estimators on pixels read.

    Args:
        windows: sides of the squares, pixels, odd; see `window_moments.check`.
    """

    def __init__(self, windows: Sequence[int]) -> None:
        super().__init__()
        self.windows = tuple(windows)

    def forward(self, image: Tensor) -> Tensor:
        """(N, C, H, W), 0 where not seen, to (N, 2 C len(windows), H, W): minima, then maxima, window by window.

        Both are 0 where nothing of the square is seen.
        """
        seen = (image != 0).any(dim=1, keepdim=True)
        planes = []
        for side in self.windows:
            for sign in (-1, 1):  # the minimum is the maximum of the negative
                highest = _highest(torch.where(seen, sign * image, -torch.inf), side)
                planes.append(torch.where(highest.isinf(), 0, sign * highest))
        return torch.cat(planes, dim=1)


def _highest(planes: Tensor, side: int) -> Tensor:
    """Maximum over the square around each pixel, -inf beyond the image."""
    return sliding.combined(functional.pad(planes, [side // 2] * 4, value=-torch.inf), side, torch.maximum)
