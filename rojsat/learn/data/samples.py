"""Samples: standardised images and targets in memory, and the sampler that gives the order of an epoch."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import numpy as np
from torch import Tensor, from_numpy, stack
from torch.utils.data import DataLoader, Dataset, Sampler

from rojsat.chips import boxes
from rojsat.learn.data import batches, windows
from rojsat.learn.data.augmentation import Augmentation
from rojsat.learn.data.sample_arrays import SampleArrays

Batches = Callable[[int], Iterable[list[Tensor]]]
"""From the number of batches that are left out at the beginning to the others of an epoch, in its order."""


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
        fitted: what a loss takes: the targets, or the heat, not cut at degree 1, that they are made of.
        known: bool, shape of `targets`.
        rows: the table of the chips, one row a sample; in the frame `window` height and width are the window's.
        seen: (N, H, W) bool.
        fill: value of images beyond their chips: that of unseen pixels.
        window: height and width of windows; None in the frame `box`.
        extents: of windows that are moved back inside, what of each chip they lie in, see `windows.extent`; else none.
    """

    def __init__(
        self,
        arrays: SampleArrays,
        *,
        augmentation: Augmentation | None = None,
        seed: int = 0,
        windows_per_chip: int = 1,
    ) -> None:
        self.fill = 0.0
        self.images = from_numpy(arrays.images)
        self.fitted = from_numpy(arrays.targets)
        self.targets = self.fitted.clamp(max=1) if self.fitted.is_floating_point() else self.fitted
        self.known = from_numpy(arrays.known)
        self.seen = arrays.seen
        self.rows = arrays.rows
        self.seed = seed
        self.augmentation = augmentation
        self.window = windows.size(arrays.rows)
        self.windows_per_chip = windows_per_chip if self.window else 1
        self.extents = [windows.extent(seen) for seen in arrays.seen] if windows.are_inside(arrays.rows) else []

    def __len__(self) -> int:
        return len(self.images)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of an image."""
        channels, height, width = self.images.shape[1:]
        return channels, height, width

    @property
    def has_known(self) -> bool:
        """Whether any pixel or label is known."""
        return bool(self.known.any())

    def portion(self) -> "Samples":
        """What is looked at where not all samples need be: these very samples, for they are in memory."""
        return self

    @property
    def draws(self) -> int:
        """Samples or windows in an epoch."""
        return len(self) * self.windows_per_chip

    def __getitem__(self, key: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
        """Image (C, H, W), what is fitted, and known; `key` is the epoch and the number of the draw, below `draws`."""
        return self.drawn_sample(key[1] // self.windows_per_chip, (self.seed, *key))

    def drawn_sample(self, number: int, seed: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor]:
        """The sample of a number, or a window of it, drawn and augmented by a seed."""
        sample = self.images[number], self.fitted[number], self.known[number]
        if self.window is not None:
            sample = self._window(number, seed)[:3]
        return self.augmentation(*sample, seed=seed) if self.augmentation else sample

    def epoch(
        self, number: int, *, seed: int, batch_size: int, workers: int = 0, rank: int = 0, world: int = 1
    ) -> Batches:
        """Batches of one epoch, in an order that follows from seed and epoch alone, shared among processes.

        Args:
            number: of the epoch, from 1.
            seed: of the order of all epochs.
            batch_size: samples of a batch, see `batches.divide`.
            workers: processes that prepare samples; 0: none.
            rank: of this process, from 0.
            world: processes in all.
        """
        sampler = EpochSampler(self.draws, seed=seed, epoch=number, rank=rank, world=world)
        return partial(loader, self, sampler, batch_size, workers)

    def drawn(self, epoch: int) -> "Samples":
        """All windows of an epoch, not augmented, as samples in the frame `box`; in that frame these very samples.

        For predictors that are fitted at once: all that they can know of a place is its place in a window.
        """
        if self.window is None:
            return self
        draws = [
            self._window(number // self.windows_per_chip, (self.seed, epoch, number)) for number in range(self.draws)
        ]
        images, targets, known, seen = (stack(planes) for planes in zip(*draws, strict=True))
        rows = self.rows.loc[self.rows.index.repeat(self.windows_per_chip)].reset_index(drop=True)
        box = {"box_row": 0, "box_col": 0, "box_height": self.window, "box_width": self.window}
        arrays = (images.numpy(), seen.numpy(), targets.numpy(), known.numpy())
        return Samples(SampleArrays(*arrays, rows.drop(columns="frame").assign(**box)))

    def batch(self, start: int, size: int) -> tuple[Tensor, Tensor, Tensor]:
        """Images, what is fitted, and known of up to `size` samples from `start` on, in order and never augmented.

        In the frame `window` images of samples with one label are the windows in the middle of which the box is.
        """
        stop = start + size
        images = self.images[start:stop]
        if self.window and self.targets.ndim == 1:
            origins = [windows.centred(box, self.window) for box in self._boxes(start, stop)]
            cuts = [
                windows.cut(image, origin, self.window, self.fill)
                for image, origin in zip(images, origins, strict=True)
            ]
            images = stack(cuts)
        return images, self.fitted[start:stop], self.known[start:stop]

    def _window(self, number: int, seed: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Image, target, known and seen of a window of a sample; pixels beyond the chip are not seen."""
        assert self.window is not None
        target, known = self.fitted[number], self.known[number]
        if target.ndim == 0:
            (box,) = self._boxes(number, number + 1)
            origin = windows.draw_around(box, self.window, seed)
        else:
            origin = windows.draw(known.numpy(), self.window, seed)
            if self.extents:
                origin = windows.inside(origin, self.extents[number], self.window)
            target = windows.cut(target, origin, self.window, -1)
            known = windows.cut(known, origin, self.window, False)
        image, seen = (
            windows.cut(plane, origin, self.window, 0) for plane in (self.images[number], from_numpy(self.seen[number]))
        )
        return image, target, known, seen

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


def loader(samples: Samples, sampler: EpochSampler, batch_size: int, workers: int = 0, start: int = 0) -> DataLoader:
    """Batches of one epoch from the batch number `start` on, see `batches.divide`."""
    keys = batches.divide(list(sampler), batch_size)[start:]
    return DataLoader(samples, batch_sampler=keys, num_workers=workers)
