"""Augmentation by albumentations: image, target and known are turned alike."""

import os
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # else the import asks a server for its newest version
import albumentations

from rojsat import catalog

TURNS: dict[str, type[albumentations.DualTransform]] = {
    "horizontal": albumentations.HorizontalFlip,
    "vertical": albumentations.VerticalFlip,
    "transpose": albumentations.Transpose,
}
"""Flips by name. All three together give the eight positions of a square, each as likely."""


class Flips:
    """Random flips, each with probability 0.5, drawn from a seed a sample: the same in any worker process.

    Only flips: they move numbers and mix none, so a NaN or -1 stays what it is.

    Args:
        names: of `TURNS`.
        shape: (H, W) of the samples, pixels.

    Raises:
        rojsat.catalog.UnknownNameError: another name.
        ValueError: "transpose" of what is not square.
    """

    def __init__(self, names: Sequence[str], shape: tuple[int, ...]) -> None:
        for name in names:
            if name not in TURNS:
                raise catalog.unknown("flip", name, TURNS)
        if "transpose" in names and shape[0] != shape[1]:
            raise ValueError(
                f"inputs.flips: transpose needs square chips, these are {shape[0]} x {shape[1]} pixels; "
                "leave it out or cut square ones with data.chips.size"
            )
        self._compose = albumentations.Compose([TURNS[name](p=0.5) for name in names])

    def __call__(
        self, image: Tensor, target: Tensor, known: Tensor, *, seed: Sequence[int]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Flip one sample: image (C, H, W); target and known (H, W), or scalars, which stay."""
        self._start(seed)
        pixels = image.numpy().transpose(1, 2, 0)  # (H, W, C)
        if target.ndim == 0:
            return _planes(self._compose(image=pixels)["image"]), target, known
        turned = self._compose(image=pixels, masks=[target.numpy(), known.numpy().astype(np.uint8)])
        one, other = turned["masks"]
        return _planes(turned["image"]), torch.from_numpy(one.copy()), torch.from_numpy(other.astype(bool))

    def _start(self, seed: Sequence[int]) -> None:
        """Seed each flip by itself: a seed given to the whole makes all of them draw the same number."""
        numbers = np.random.SeedSequence(seed).generate_state(len(self._compose.transforms))
        for flip, number in zip(self._compose.transforms, numbers, strict=True):
            flip.set_random_seed(int(number))


def _planes(image: np.ndarray) -> Tensor:
    """(H, W, C) to (C, H, W)."""
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))
