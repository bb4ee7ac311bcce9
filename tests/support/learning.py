"""Samples of the store in memory, and a network small enough to train in a blink."""

import torch
from torch import nn

from rojsat.learn.data.augmentation import Augmentation
from rojsat.learn.data.sample_arrays import SampleArrays, channel_statistics, read, standardise
from rojsat.learn.data.samples import Samples
from tests.support import stores

CHANNELS = ("c0", "c1", "c2")
"""Channels of the store."""

GARBAGE = (float("nan"), -1.0, 1e9)

PLANES = {"masked_mse": 1, "ordinal": 4, "pinball": 3, "poisson": 1, "soft_iou": 1}
"""Planes of scores of the losses that do not take two."""


def sample_arrays(task="segmentation", **options) -> SampleArrays:
    store = stores.in_memory(**options)
    return read(store, store.index, CHANNELS, dates=None, task=task)


def samples(task="segmentation", flips=(), seed=0, **options) -> Samples:
    arrays = sample_arrays(task, seed=seed, **options)
    augmentation = Augmentation(arrays.seen.shape[1:], flips=flips) if flips else None
    return Samples(standardise(arrays, channel_statistics(arrays)), augmentation=augmentation, seed=0)


def framed(window=8, store=None, **options) -> Samples:
    """Samples in the frame `window`, with surroundings of 7 pixels."""
    store = store or stores.in_memory(margin=7, **options)
    arrays = read(store, store.index, CHANNELS, dates=None, task="segmentation", window=window)
    return Samples(standardise(arrays, channel_statistics(arrays)))


class Tiny(nn.Module):
    """One convolution, batch normalisation, dropout, scores: everything that has a state or draws at random."""

    def __init__(self, channels=3, outputs=1, chips=False, dropout=0.2) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(dropout)
        )
        self.head = nn.Conv2d(4, outputs, 1)
        self.chips = chips

    def forward(self, image):
        scores = self.head(self.body(image))
        return scores.mean(dim=(2, 3)) if self.chips else scores


def tiny(seed=0, **options) -> Tiny:
    torch.manual_seed(seed)
    return Tiny(**options)
