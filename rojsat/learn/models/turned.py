"""Test-time augmentation: a network whose scores are the mean over the positions of the image."""

from collections.abc import Sequence
from itertools import product

import torch
from torch import Tensor, nn

AXES = {"horizontal": (-1,), "vertical": (-2,), "transpose": None}
"""Flips by their names in training (`rojsat.learn.data.augmentation.TURNS`): axes reversed; None: both exchanged."""


class Turned(nn.Module):
    """A network asked about every position that some flips give, its scores turned back and averaged.

    The scores of a turned image are those of the image, turned (Wang et al. 2019, Aleatoric uncertainty estimation with
    test-time augmentation).

    Args:
        network: (N, C, H, W) to scores (N, K, H, W) or (N, K); not changed.
        flips: of `AXES`. The transpose with another flip is a quarter turn, which gives all eight positions.
    """

    def __init__(self, network: nn.Module, flips: Sequence[str]) -> None:
        super().__init__()
        self.network = network
        self.flips = tuple(AXES) if "transpose" in flips and len(set(flips)) > 1 else tuple(dict.fromkeys(flips))

    def forward(self, image: Tensor) -> Tensor:
        """The mean of the scores over 2 to the power of the number of flips."""
        positions = [[flip for flip, is_made in zip(self.flips, made, strict=True) if is_made] for made in self._made]
        return torch.stack([self._at(image, flips) for flips in positions]).mean(dim=0)

    @property
    def _made(self) -> list[tuple[bool, ...]]:
        """Which flips are made, at every position."""
        return list(product((False, True), repeat=len(self.flips)))

    def _at(self, image: Tensor, flips: Sequence[str]) -> Tensor:
        """The scores at one position, turned back."""
        for flip in flips:
            image = _turned(image, flip)
        scores: Tensor = self.network(image)
        for flip in reversed(flips) if scores.ndim == 4 else ():
            scores = _turned(scores, flip)
        return scores


def _turned(planes: Tensor, flip: str) -> Tensor:
    """(..., H, W) turned; every flip is its own inverse."""
    axes = AXES[flip]
    return planes.transpose(-1, -2) if axes is None else planes.flip(axes)
