"""Mean and deviation of every channel in squares around each pixel, over the pixels that are seen."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from rojsat.learn.models import sliding

LEAST = 1e-6
"""Smallest variance, of standardised channels: below it, the root has no gradient that can be used."""


def check(windows: Sequence[int]) -> None:
    """Refuse sides of squares that have no pixel in the middle or nothing around it, or that come twice.

    Raises:
        ValueError: saying what is possible.
    """
    if any(side < 3 or side % 2 == 0 for side in windows) or len(set(windows)) < len(windows):
        raise ValueError(
            f"model.options.windows are different odd numbers of pixels from 3 on, as [5, 9, 21], not {list(windows)}"
        )


class WindowMoments(nn.Module):
    """Mean and deviation of every channel in squares around each pixel.

    A pixel counts where it is seen: where any of its standardised channels is not 0. Nothing beyond the image counts.

    Args:
        windows: sides of the squares, pixels, odd.
    """

    def __init__(self, windows: Sequence[int]) -> None:
        super().__init__()
        self.windows = tuple(windows)

    def forward(self, image: Tensor) -> Tensor:
        """(N, C, H, W), 0 where not seen, to (N, 2 C len(windows), H, W): means, then deviations, window by window.

        Both are 0 where nothing of the square is seen.
        """
        exact = image.float()  # a small difference of large squares
        seen = (exact != 0).any(dim=1, keepdim=True).float()
        planes = torch.cat([exact, exact.square(), seen], dim=1)
        statistics = []
        for side in self.windows:
            total, squares, count = _sums(planes, side).tensor_split((image.shape[1], 2 * image.shape[1]), dim=1)
            some = count.clamp(min=1)
            mean, square = total / some, squares / some
            deviation = (square - mean.square()).clamp(min=LEAST).sqrt() * (count > 0)
            statistics += [mean, deviation]
        return torch.cat(statistics, dim=1).to(image.dtype)


def _sums(planes: Tensor, side: int) -> Tensor:
    """Sum over the square around each pixel, 0 beyond the image."""
    return sliding.combined(functional.pad(planes, [side // 2] * 4), side, torch.add)
