"""Samples: standardised images and targets in memory, and the sampler that gives the order of an epoch."""

from collections.abc import Iterator

import numpy as np
from torch import Tensor, from_numpy
from torch.utils.data import DataLoader, Dataset, Sampler

from rojsat.learn.data.augmentation import Augmentation
from rojsat.learn.data.sample_arrays import SampleArrays


class Samples(Dataset):
    """Standardised samples in memory. Asked with `(epoch, number)` it gives the sample as augmented in that epoch.

    Args:
        arrays: standardised.
        augmentation: of single samples; None: they stay as they are.
        seed: of the augmentation.

    Attributes:
        images: (N, C, H, W) float32.
        targets: (N, H, W) float32 degree or (N,) int64 class, -1 where not known.
        known: bool, shape of `targets`.
        rows: the table of the chips, one row a sample.
        seen: (N, H, W) bool.
    """

    def __init__(self, arrays: SampleArrays, *, augmentation: Augmentation | None = None, seed: int = 0) -> None:
        self.images = from_numpy(arrays.images)
        self.targets = from_numpy(arrays.targets)
        self.known = from_numpy(arrays.known)
        self.seen = arrays.seen
        self.rows = arrays.rows
        self.seed = seed
        self.augmentation = augmentation

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, key: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
        """Image (C, H, W), target and known of the sample; `key` is its epoch and its number."""
        epoch, number = key
        sample = self.images[number], self.targets[number], self.known[number]
        return self.augmentation(*sample, seed=(self.seed, epoch, number)) if self.augmentation else sample

    def batch(self, start: int, size: int) -> tuple[Tensor, Tensor, Tensor]:
        """Images, targets and known of up to `size` samples from `start` on, in order and never augmented."""
        stop = start + size
        return self.images[start:stop], self.targets[start:stop], self.known[start:stop]


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
