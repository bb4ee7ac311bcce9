"""Samples that stay in the chip store: read ahead of need, in threads, at most two buffers of them in memory.

An epoch goes through blocks: chunks of the store in random order, as many as a buffer holds, whose samples are mixed.
So each chunk is read once an epoch, and what lies together in the store is apart in it. Blocks and order follow from
seed and epoch alone, whatever the number of threads.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, from_numpy
from torch.utils.data import default_collate

from rojsat.learn.data import batches, windows
from rojsat.learn.data.augmentation import Augmentation
from rojsat.learn.data.sample_arrays import SampleArrays
from rojsat.learn.data.samples import Batches, Samples
from rojsat.learn.data.stored_samples import StoredSamples

TASK = 64
"""Samples that a thread reads at once: some chunks of the store."""

LEAST = 16
"""Samples of a buffer at least."""

Key = tuple[int, int]
"""Epoch and number of a draw."""

Labels = tuple[NDArray[Any], NDArray[np.bool_], NDArray[np.bool_]]
"""What is fitted, known and seen, as `SampleArrays` has them."""


def blocks(
    chunks: NDArray[np.int64], *, size: int, seed: int, epoch: int, draws: int = 1
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Blocks of an epoch: the sorted numbers of their samples, and those of their draws in the order of the epoch.

    Args:
        chunks: (N,) of each sample.
        size: samples of a block, about: blocks have nearly as many chunks each.
        seed: of all epochs.
        epoch: from 1.
        draws: of each sample.
    """
    rng = np.random.default_rng((seed, epoch))
    order = rng.permutation(np.unique(chunks))
    by_chunk = np.argsort(chunks, kind="stable")
    starts = np.searchsorted(chunks[by_chunk], order, side="left")
    stops = np.searchsorted(chunks[by_chunk], order, side="right")
    plan = []
    for part in np.array_split(np.arange(len(order)), min(len(order), math.ceil(len(chunks) / size))):
        numbers = np.sort(np.concatenate([by_chunk[starts[rank] : stops[rank]] for rank in part]))
        drawn = (numbers[:, None] * draws + np.arange(draws)).ravel()
        plan.append((numbers, rng.permutation(drawn)))
    return plan


class StreamedSamples(Samples):
    """Samples of a part that are read when they are needed; see `Samples` for what the attributes mean.

    Args:
        stored: the samples of all parts.
        numbers: of the samples of the part among them; they come in the order in which they lie in the store.
        finish: from samples as read to standardised ones.
        has_known: whether any pixel or label is known.
        buffer: bytes of a block of an epoch, and of `portion`.
        labels: what is fitted, known and seen of all samples of the part, in the order of `numbers`; None: they are not
            kept in memory, and the samples have no such attributes.
        augmentation: as of `Samples`.
        seed: likewise.
        windows_per_chip: likewise.
    """

    def __init__(
        self,
        stored: StoredSamples,
        numbers: NDArray[np.int64],
        finish: Callable[[SampleArrays], SampleArrays],
        *,
        has_known: bool,
        buffer: float,
        labels: Labels | None = None,
        augmentation: Augmentation | None = None,
        seed: int = 0,
        windows_per_chip: int = 1,
    ) -> None:
        order = np.argsort(stored.positions[numbers], kind="stable")
        self.stored, self.numbers, self._finish = stored, numbers[order], finish
        self.rows = stored.rows.iloc[self.numbers].reset_index(drop=True)
        self.fill, self.augmentation, self.seed = 0.0, augmentation, seed
        self.window = windows.size(self.rows) if len(self.rows) else stored.source.window
        self.windows_per_chip = windows_per_chip if self.window else 1
        self.buffered = max(LEAST, int(buffer / stored.sample_bytes))
        self._has_known = has_known
        self._reader = ThreadPoolExecutor(1)
        self._spans: dict[int, _Block] = {}
        self.extents = []
        if labels is not None:
            fitted, known, seen = (plane[order] for plane in labels)
            self.fitted, self.known, self.seen = from_numpy(fitted), from_numpy(known), seen
            self.targets = self.fitted.clamp(max=1) if self.fitted.is_floating_point() else self.fitted
            self.extents = [windows.extent(plane) for plane in seen] if windows.are_inside(self.rows) else []

    def __getattr__(self, name: str) -> Any:
        if name in ("images", "fitted", "targets", "known", "seen"):
            raise AttributeError(f"streamed samples keep no {name} in memory: portion() reads some of them")
        raise AttributeError(name)

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, key: Key) -> tuple[Tensor, Tensor, Tensor]:
        """Not possible: one sample costs the chunk that it lies in.

        Raises:
            TypeError: always; `epoch`, `batch` and `portion` read samples.
        """
        raise TypeError("streamed samples are not read one by one: take epoch, batch or portion")

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of an image."""
        return self.stored.image_shape

    @property
    def has_known(self) -> bool:
        """Whether any pixel or label is known."""
        return self._has_known

    def portion(self) -> Samples:
        """As many samples as a buffer holds, at even distances, in memory and not augmented; all where they fit."""
        count = min(len(self), self.buffered)
        return self.read(np.unique(np.linspace(0, len(self) - 1, count).round().astype(np.int64)))

    def read(self, numbers: NDArray[np.int64], augmentation: Augmentation | None = None) -> Samples:
        """Some samples in memory, by their numbers in the part."""
        arrays = self._finish(self.stored.read(self.numbers[numbers]))
        return Samples(arrays, augmentation=augmentation, seed=self.seed, windows_per_chip=self.windows_per_chip)

    def epoch(
        self, number: int, *, seed: int, batch_size: int, workers: int = 0, rank: int = 0, world: int = 1
    ) -> Batches:
        """Batches of one epoch, see `Samples.epoch`; `workers` are threads that read ahead, one at least."""
        chunks = self.stored.chunks[self.numbers]
        plan = blocks(chunks, size=self.buffered, seed=seed, epoch=number, draws=self.windows_per_chip)
        keys = [(number, int(draw)) for _, drawn in plan for draw in drawn]
        divided = batches.divide(keys[: len(keys) - len(keys) % world][rank::world], batch_size)
        return partial(self._stream, [numbers for numbers, _ in plan], divided, max(1, workers))

    def batch(self, start: int, size: int) -> tuple[Tensor, Tensor, Tensor]:
        """Images, what is fitted, and known of up to `size` samples, see `Samples.batch`; the next are read ahead."""
        stop = min(start + size, len(self))
        wanted = range(start // TASK, (stop - 1) // TASK + 1)
        ahead = range(wanted.start, min(wanted.stop + 1, math.ceil(len(self) / TASK)))
        for number in [number for number in self._spans if number not in ahead]:
            del self._spans[number]
        for number in ahead:
            if number not in self._spans:
                span = np.arange(number * TASK, min((number + 1) * TASK, len(self)))
                self._spans[number] = _Block(self, span, self._reader)
        parts = []
        for number in wanted:
            first, last = max(start, number * TASK), min(stop, (number + 1) * TASK)
            parts.append(self._spans[number].samples().batch(first - number * TASK, last - first))
        images, fitted, known = (torch.cat(planes) for planes in zip(*parts, strict=True))
        return images, fitted, known

    def _stream(
        self, plan: Sequence[NDArray[np.int64]], divided: Sequence[Sequence[Key]], threads: int, start: int
    ) -> Iterator[list[Tensor]]:
        """The batches from the batch number `start` on; the block after the one in use is read meanwhile."""
        block_of = np.empty(len(self), np.int64)
        for number, numbers in enumerate(plan):
            block_of[numbers] = number
        pool, held = ThreadPoolExecutor(threads), dict[int, _Block]()
        try:
            for keys in divided[start:]:
                samples = [draw // self.windows_per_chip for _, draw in keys]
                first, last = int(block_of[samples].min()), int(block_of[samples].max())
                for number in [number for number in held if number < first]:
                    del held[number]
                for number in range(first, min(max(last + 1, first + 2), len(plan))):
                    if number not in held:
                        held[number] = _Block(self, plan[number], pool, self.augmentation)
                yield default_collate(
                    [
                        held[int(block_of[sample])].drawn(sample, (self.seed, *key))
                        for sample, key in zip(samples, keys, strict=True)
                    ]
                )
        finally:
            pool.shutdown(cancel_futures=True)


class _Block:
    """Samples that threads read into memory: `numbers`, sorted, of a part."""

    def __init__(
        self,
        part: StreamedSamples,
        numbers: NDArray[np.int64],
        pool: ThreadPoolExecutor,
        augmentation: Augmentation | None = None,
    ) -> None:
        self._numbers = numbers
        pieces = np.array_split(numbers, math.ceil(len(numbers) / TASK))
        self._reads = [pool.submit(part.read, piece, augmentation) for piece in pieces]
        self._starts = np.cumsum([0, *(len(piece) for piece in pieces)])

    def samples(self) -> Samples:
        """Those of the first piece; a span has no other."""
        return self._reads[0].result()

    def drawn(self, number: int, seed: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor]:
        """A sample by its number in the part, as `Samples.drawn_sample` gives it."""
        row = int(np.searchsorted(self._numbers, number))
        piece = int(np.searchsorted(self._starts, row, side="right")) - 1
        return self._reads[piece].result().drawn_sample(row - int(self._starts[piece]), seed)
