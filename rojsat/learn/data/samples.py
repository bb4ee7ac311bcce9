"""Samples: standardised images and targets in memory, and the sampler that gives the order of an epoch."""

from collections.abc import Iterator

import numpy as np
from torch import Tensor, from_numpy, stack
from torch.utils.data import DataLoader, Dataset, Sampler

from rojsat.chips import boxes
from rojsat.learn.data import windows
from rojsat.learn.data.augmentation import Augmentation
from rojsat.learn.data.sample_arrays import SampleArrays


class Samples(Dataset):
    """Standardised samples in memory. Asked with `(epoch, number)` it gives the sample as augmented in that epoch.

    In the frame `window` it gives a window of the sample instead, drawn for that epoch and number, then augmented.

    Args:
        arrays: standardised.
        augmentation: of single samples, or of windows; None: they stay as they are.
        seed: of the windows and the augmentation.
        windows_per_chip: windows of each sample in an epoch; of no use in the frame `box`.

    Attributes:
        images: (N, C, H, W) float32.
        targets: (N, H, W) float32 degree or (N,) int64 class, -1 where not known.
        known: bool, shape of `targets`.
        rows: the table of the chips, one row a sample; in the frame `window` height and width are the window's.
        seen: (N, H, W) bool.
        window: height and width of windows; None in the frame `box`.
    """

    def __init__(
        self,
        arrays: SampleArrays,
        *,
        augmentation: Augmentation | None = None,
        seed: int = 0,
        windows_per_chip: int = 1,
    ) -> None:
        self.images = from_numpy(arrays.images)
        self.targets = from_numpy(arrays.targets)
        self.known = from_numpy(arrays.known)
        self.seen = arrays.seen
        self.rows = arrays.rows
        self.seed = seed
        self.augmentation = augmentation
        self.window = windows.size(arrays.rows)
        self.windows_per_chip = windows_per_chip if self.window else 1

    def __len__(self) -> int:
        return len(self.images)

    @property
    def draws(self) -> int:
        """Samples or windows in an epoch."""
        return len(self) * self.windows_per_chip

    def __getitem__(self, key: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
        """Image (C, H, W), target and known; `key` is the epoch and the number of the draw, below `draws`."""
        number = key[1] // self.windows_per_chip
        sample, seed = (self.images[number], self.targets[number], self.known[number]), (self.seed, *key)
        if self.window:
            sample = self._window(number, self.window, seed)
        return self.augmentation(*sample, seed=seed) if self.augmentation else sample

    def batch(self, start: int, size: int) -> tuple[Tensor, Tensor, Tensor]:
        """Images, targets and known of up to `size` samples from `start` on, in order and never augmented.

        In the frame `window` images of samples with one label are the windows in the middle of which the box is.
        """
        stop = start + size
        images = self.images[start:stop]
        if self.window and self.targets.ndim == 1:
            origins = [windows.centred(box, self.window) for box in self._boxes(start, stop)]
            cuts = [windows.cut(image, origin, self.window, 0) for image, origin in zip(images, origins, strict=True)]
            images = stack(cuts)
        return images, self.targets[start:stop], self.known[start:stop]

    def _window(self, number: int, window: int, seed: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor]:
        """A window of a sample; pixels beyond the chip are as those that are not seen."""
        image, target, known = self.images[number], self.targets[number], self.known[number]
        if target.ndim == 0:
            (box,) = self._boxes(number, number + 1)
            return windows.cut(image, windows.draw_around(box, window, seed), window, 0), target, known
        origin = windows.draw(known.numpy(), window, seed)
        planes = ((image, 0), (target, -1), (known, False))
        image, target, known = (windows.cut(plane, origin, window, fill) for plane, fill in planes)
        return image, target, known

    def _boxes(self, start: int, stop: int) -> list[tuple[int, ...]]:
        """Row, column, height and width of the box in each chip."""
        return [tuple(map(int, box)) for box in self.rows[boxes.COLUMNS].iloc[start:stop].to_numpy()]


class EpochSampler(Sampler[tuple[int, int]]):
    """Keys (epoch, number) of one epoch in an order that follows from seed and epoch alone, shared among processes.

    Every process gets as many; the remainder is left out of this epoch.

    Args:
        count: samples in all.
        seed: of all epochs.
        epoch: from 1.
        rank: of this process, from 0.
        world: processes in all.
    """

    def __init__(self, count: int, *, seed: int, epoch: int, rank: int = 0, world: int = 1) -> None:
        numbers = np.random.default_rng((seed, epoch)).permutation(count)[: count - count % world]
        self._keys = [(epoch, int(number)) for number in numbers[rank::world]]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def loader(samples: Samples, sampler: EpochSampler, *, batch_size: int, workers: int = 0) -> DataLoader:
    """Batches of one epoch. A last batch of one sample is left out: batch normalisation has no variance there."""
    is_single = batch_size > 1 and len(sampler) % batch_size == 1
    return DataLoader(samples, batch_size, sampler=sampler, num_workers=workers, drop_last=is_single)
