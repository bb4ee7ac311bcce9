"""Augmentation of training samples: image, target and known are changed alike.

Albumentations moves and covers pixels. Jitter is written here, because albumentations clips to [0, 1].
"""

import os
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # else the import asks a server for its newest version
import albumentations

from rojsat.config import lookup

TURNS: dict[str, type[albumentations.DualTransform]] = {
    "horizontal": albumentations.HorizontalFlip,
    "vertical": albumentations.VerticalFlip,
    "transpose": albumentations.Transpose,
}
"""Flips by name. All three together give the eight positions of a square, each as likely."""

UNSEEN = {"fill": 0, "fill_mask": -1}
"""Pixels that come in from outside or are covered: 0 in a standardised image, -1 (unknown) in a target."""


class Augmentation:
    """Random changes of a sample, drawn from a seed a sample: the same in any worker process.

    Numbers are moved and covered, never mixed with their neighbours, so a NaN or -1 stays what it is.

    Args:
        shape: (H, W) of the samples, pixels. With "transpose" they come out square: padded at the right or bottom.
        flips: of `TURNS`, each with probability 0.5.
        shift: pixels by which a sample is moved at most, to all sides; pixels that leave it are lost.
        erase: largest side of a covered rectangle, share of the sample's sides, in (0, 1); half of the samples get
            one. Its pixels are not seen, so not known: like a small cloud.
        jitter: noise of the calibration: each channel of the standardised image times 1 ± `jitter`, plus ± `jitter`
            standard deviations, both uniform. Unseen pixels stay 0.
        uncalibrated: planes of the image that are no channels and that noise leaves as they are.

    Raises:
        rojsat.config.lookup.UnknownNameError: another flip.
        ValueError: a number out of its range.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        *,
        flips: Sequence[str] = (),
        shift: int | None = None,
        erase: float | None = None,
        jitter: float | None = None,
        uncalibrated: Sequence[int] = (),
    ) -> None:
        for name in flips:
            if name not in TURNS:
                raise lookup.unknown("flip", name, TURNS)
        for key, value, most in (("shift", shift, min(shape)), ("erase", erase, 1), ("jitter", jitter, 1)):
            if value is not None and not 0 < value < most:
                raise ValueError(f"inputs.{key} is null or lies between 0 and {most}, not {value}")
        self.jitter, self.uncalibrated = jitter, list(uncalibrated)
        height, width = (max(shape), max(shape)) if "transpose" in flips else shape
        steps = [_padded(height, width, "top_left")] if (height, width) != tuple(shape) else []
        steps += [TURNS[name](p=0.5) for name in flips]
        if shift is not None:
            steps += [
                _padded(height + 2 * shift, width + 2 * shift, "center"),
                albumentations.RandomCrop(height, width),
            ]
        if erase is not None:
            side = (erase / 4, erase)
            steps.append(albumentations.CoarseDropout((1, 1), side, side, **UNSEEN, p=0.5))
        self._compose = albumentations.Compose(steps)

    def __call__(
        self, image: Tensor, target: Tensor, known: Tensor, *, seed: Sequence[int]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Change one sample: standardised image (C, H, W); target and known (H, W), or scalars, which stay."""
        noisy = self._jittered(image.numpy(), self._start(seed))
        noisy[self.uncalibrated] = image.numpy()[self.uncalibrated]
        pixels = noisy.transpose(1, 2, 0)  # (H, W, C)
        if target.ndim == 0:
            return _channels_first(self._compose(image=pixels)["image"]), target, known
        augmented = self._compose(image=pixels, masks=[target.numpy(), known.numpy().astype(np.float32)])
        new_target, new_known = augmented["masks"]
        image = _channels_first(augmented["image"])
        return image, torch.from_numpy(new_target.copy()), torch.from_numpy(new_known > 0)

    def _start(self, seed: Sequence[int]) -> np.random.Generator:
        """Seed each step by itself: one seed of the composition would make all of them draw the same number."""
        *numbers, last = np.random.SeedSequence(seed).generate_state(len(self._compose.transforms) + 1)
        for step, number in zip(self._compose.transforms, numbers, strict=True):
            step.set_random_seed(int(number))
        return np.random.default_rng(last)

    def _jittered(self, image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The image (C, H, W) with another contrast and brightness of each channel; unseen pixels stay 0."""
        if self.jitter is None:
            return image
        contrast, brightness = rng.uniform(-self.jitter, self.jitter, (2, len(image), 1, 1)).astype(np.float32)
        return np.where(image == 0, image, image * (1 + contrast) + brightness)


def _padded(height: int, width: int, position: str) -> albumentations.DualTransform:
    """Padding with unseen pixels, up to a size in pixels."""
    return albumentations.PadIfNeeded(height, width, position=position, border_mode=0, **UNSEEN)  # 0: constant


def _channels_first(image: np.ndarray) -> Tensor:
    """(H, W, C) to (C, H, W)."""
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))
