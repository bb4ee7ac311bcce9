"""Samples of which squares are covered, for a network to fill in: what it is pre-trained on. No label is among them."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rojsat.learn.data.augmentation import Augmentation
from rojsat.learn.data.sample_arrays import SampleArrays
from rojsat.learn.data.samples import Samples

STREAM = 2
"""Last number of the seed of the squares, so that they follow from other numbers than windows and flips."""

FIRST_DRAW = 0
"""The epoch whose windows and squares validation has in all epochs; training's begin with 1."""


class CoveredSamples(Samples):
    """Samples asked for with `(epoch, number)`: the image with covered squares, the image, and what is covered of it.

    Args:
        arrays: standardised; their targets are not looked at.
        share: of the squares that are covered.
        side: of a square, pixels.
        augmentation: keywords of `Augmentation`; empty: none.
        seed: of squares, windows and augmentation.
        windows_per_chip: see `Samples`.
    """

    def __init__(
        self,
        arrays: SampleArrays,
        *,
        share: float,
        side: int,
        augmentation: Mapping[str, Any],
        seed: int,
        windows_per_chip: int = 1,
    ) -> None:
        visible = SampleArrays(arrays.images, arrays.seen, arrays.seen.astype(np.float32), arrays.seen, arrays.rows)
        super().__init__(visible, seed=seed, windows_per_chip=windows_per_chip)
        shape = (self.window, self.window) if self.window else arrays.seen.shape[1:]
        self.augmentation = Augmentation(shape, **augmentation) if augmentation else None
        self.share, self.side = share, side

    def __getitem__(self, key: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
        """The image (C, H, W) with 0 in covered pixels, the image, and which seen pixels are covered, (H, W) bool."""
        image, _, visible = super().__getitem__(key)
        covered = visible & squares(visible.shape, share=self.share, side=self.side, seed=(self.seed, *key))
        return torch.where(covered, 0.0, image), image, covered

    def fixed(self) -> Samples:
        """The samples, or a window of each, with squares that stay the same: images covered, targets the images."""
        drawn = copy(self.drawn(FIRST_DRAW))
        planes = [
            squares(visible.shape, share=self.share, side=self.side, seed=(self.seed, FIRST_DRAW, number))
            for number, visible in enumerate(drawn.known)
        ]
        drawn.known = drawn.known & torch.stack(planes)
        drawn.targets = drawn.fitted = drawn.images
        drawn.images = torch.where(drawn.known[:, None], 0.0, drawn.images)
        return drawn


def squares(shape: Sequence[int], *, share: float, side: int, seed: Sequence[int]) -> Tensor:
    """Which pixels are covered, (H, W) bool: a share of the squares of a grid that begins anywhere.

    Args:
        shape: H and W.
        share: of the squares, rounded to one at least.
        side: of a square, pixels.
        seed: of the grid's beginning and the choice.
    """
    rng = np.random.default_rng([*seed, STREAM])
    down, across = (int(rng.integers(side)) for _ in range(2))
    rows, columns = ((np.arange(length) + begin) // side for length, begin in zip(shape, (down, across), strict=True))
    count = (rows[-1] + 1, columns[-1] + 1)
    chosen = rng.permutation(count[0] * count[1]) < max(1, round(share * count[0] * count[1]))
    return torch.from_numpy(chosen.reshape(count)[rows[:, None], columns[None]])
