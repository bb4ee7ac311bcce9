"""Samples: what a network is fed, kept in memory, and the order in which it gets them."""

from collections.abc import Iterator

import numpy as np
from torch import Tensor, from_numpy
from torch.utils.data import DataLoader, Dataset, Sampler

from rojsat.learn.data.augmentation import Augmentation
from rojsat.learn.data.inputs import Planes


class Samples(Dataset):
    """Standardised samples in memory. Asked with `(epoch, number)` it gives the sample as augmented in that epoch.

    Args:
        planes: standardised.
        augmentation: of single samples; None: they stay as they are.
        seed: of the augmentation.

    Attributes:
        images: (N, C, H, W) float32.
        targets: (N, H, W) float32 degree or (N,) int64 class, -1 where not known.
        known: bool, shape of `targets`.
        rows: the table of the chips, one row a sample.
        seen: (N, H, W) bool.
    """

    def __init__(self, planes: Planes, *, augmentation: Augmentation | None = None, seed: int = 0) -> None:
        self.images = from_numpy(planes.images)
        self.targets = from_numpy(planes.targets)
        self.known = from_numpy(planes.known)
        self.seen = planes.seen
        self.rows = planes.rows
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


class Order(Sampler[tuple[int, int]]):
    """Keys of one epoch in an order that follows from seed and epoch alone, shared out over processes.

    Every process gets as many; what remains over is left out of this epoch.
    """

    def __init__(self, count: int, *, seed: int, epoch: int, rank: int = 0, world: int = 1) -> None:
        order = np.random.default_rng((seed, epoch)).permutation(count)[: count - count % world]
        self._keys = [(epoch, int(number)) for number in order[rank::world]]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def loader(samples: Samples, order: Order, *, batch_size: int, workers: int = 0) -> DataLoader:
    """Batches of one epoch. A last batch of one sample is left out: batch normalisation has no variance there."""
    lonely = batch_size > 1 and len(order) % batch_size == 1
    return DataLoader(samples, batch_size, sampler=order, num_workers=workers, drop_last=lonely)
