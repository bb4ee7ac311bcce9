"""Augmentation of training samples: image, target and known are changed alike.

Albumentations moves and covers pixels. Flips and changes of the calibration are written here: those because
albumentations takes four times as long for them as all else does, these because it clips to [0, 1].
"""

import os
import random
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # else the import asks a server for its newest version
import albumentations

from rojsat.config import lookup

Plane = NDArray[np.float32]
"""(..., H, W): image, target or known."""

TURNS: dict[str, Callable[[Plane], Plane]] = {
    "horizontal": lambda plane: plane[..., ::-1],
    "vertical": lambda plane: plane[..., ::-1, :],
    "transpose": lambda plane: plane.swapaxes(-1, -2),
}
"""Flips by name. All three together give the eight positions of a square, each as likely."""

UNSEEN = {"fill": 0, "fill_mask": -1}
"""Pixels that come in from outside or are covered: 0 in a standardised image, -1 (unknown) in a target."""

Step = Callable[[list[Plane], int], list[Plane]]
"""Image (C, H, W), or image, target and known (H, W), and a seed to the changed ones."""


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
        gain: haze and light of a date: all its channels times 1 ± `gain`, one number for all of them; likewise.
        offset: all channels of a date plus ± `offset` standard deviations, one number for all of them; likewise.
        noise: standard deviation of normal noise, of each pixel and channel by itself; likewise.
        dates: positions of the channels of each date; planes that are in none keep their values. Empty: all channels
            are of one date.

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
        gain: float | None = None,
        offset: float | None = None,
        noise: float | None = None,
        dates: Sequence[Sequence[int]] = (),
    ) -> None:
        for name in flips:
            if name not in TURNS:
                raise lookup.unknown("flip", name, TURNS)
        shares = {"erase": erase, "jitter": jitter, "gain": gain, "offset": offset, "noise": noise}
        for key, value, most in (("shift", shift, min(shape)), *((key, share, 1) for key, share in shares.items())):
            if value is not None and not 0 < value < most:
                raise ValueError(f"inputs.{key} is null or lies between 0 and {most}, not {value}")
        self.jitter, self.gain, self.offset, self.noise = jitter, gain, offset, noise
        self._dates = [list(channels) for channels in dates]
        height, width = (max(shape), max(shape)) if "transpose" in flips else shape
        self._steps: list[Step] = [_padded(height, width, "top_left")] if (height, width) != tuple(shape) else []
        self._steps += [_Turn(TURNS[name]) for name in flips]
        if shift is not None:
            crop = _Albumentations(albumentations.RandomCrop(height, width))
            self._steps += [_padded(height + 2 * shift, width + 2 * shift, "center"), crop]
        if erase is not None:
            side = (erase / 4, erase)
            self._steps.append(_Albumentations(albumentations.CoarseDropout((1, 1), side, side, **UNSEEN, p=0.5)))

    def __call__(
        self, image: Tensor, target: Tensor, known: Tensor, *, seed: Sequence[int]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Change one sample: standardised image (C, H, W); target and known (H, W), or scalars, which stay."""
        # a seed a step: one for all would make all of them draw the same number
        *numbers, last = (int(n) for n in np.random.SeedSequence(seed).generate_state(len(self._steps) + 1))
        planes = [self._recalibrated(image.numpy(), last)]
        if target.ndim:
            planes += [target.numpy(), known.numpy().astype(np.float32)]
        for step, number in zip(self._steps, numbers, strict=True):
            planes = step(planes, number)
        changed, *others = (torch.from_numpy(plane.copy()) for plane in planes)
        return (changed, others[0], others[1] > 0) if others else (changed, target, known)

    def _recalibrated(self, image: Plane, seed: int) -> Plane:
        """The image (C, H, W) with another contrast, brightness and noise; unseen pixels stay 0."""
        if all(value is None for value in (self.jitter, self.gain, self.offset, self.noise)):
            return image
        rng = np.random.default_rng(seed)
        contrast, brightness = np.zeros((2, len(image), 1, 1), np.float32)
        if self.jitter is not None:
            contrast, brightness = rng.uniform(-self.jitter, self.jitter, (2, len(image), 1, 1)).astype(np.float32)
        for values, most in ((contrast, self.gain), (brightness, self.offset)):
            for channels in self._dates or [list(range(len(image)))]:
                if most is not None:
                    values[channels] += np.float32(rng.uniform(-most, most))
        changed = image * (1 + contrast) + brightness
        if self.noise is not None:
            changed += np.float32(self.noise) * rng.standard_normal(image.shape, np.float32)
        stays = image == 0
        if self._dates:
            stays[sorted(set(range(len(image))).difference(*self._dates))] = True
        return np.where(stays, image, changed)


class _Turn:
    """A flip of all planes, half of the time: that of the albumentations transform of this name and seed."""

    def __init__(self, turn: Callable[[Plane], Plane]) -> None:
        self._turn = turn

    def __call__(self, planes: list[Plane], seed: int) -> list[Plane]:
        return [self._turn(plane) for plane in planes] if random.Random(seed).random() < 0.5 else planes


class _Albumentations:
    """A transform of albumentations, which has channels last."""

    def __init__(self, transform: albumentations.DualTransform) -> None:
        self._transform = transform

    def __call__(self, planes: list[Plane], seed: int) -> list[Plane]:
        self._transform.set_random_seed(seed)
        image, *others = planes
        changed = self._transform(image=image.transpose(1, 2, 0), **({"masks": others} if others else {}))
        return [changed["image"].transpose(2, 0, 1), *changed.get("masks", ())]


def _padded(height: int, width: int, position: str) -> _Albumentations:
    """Padding with unseen pixels, up to a size in pixels."""
    padding = {"position": position, "border_mode": 0, **UNSEEN}  # 0: constant
    return _Albumentations(albumentations.PadIfNeeded(height, width, **padding))
