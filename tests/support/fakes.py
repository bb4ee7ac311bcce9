"""A chip store in memory, and a network small enough to train in a blink."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import nn

from rojsat.learn.data.augmentation import Augmentation
from rojsat.learn.data.inputs import Planes, measure, read, standardise
from rojsat.learn.data.samples import Samples

GARBAGE = (float("nan"), -1.0, 1e9)


@dataclass
class FakeStore:
    """Has the methods of `rojsat.chips.Chips` that learning needs, over arrays."""

    index: pd.DataFrame
    images: np.ndarray  # (N, C, H, W)
    visible: np.ndarray  # (N, H, W)
    degrees: np.ndarray  # (N, H, W)
    digest: str = "fake"

    def expand(self, role, names):
        return tuple(f"c{number}" for number in range(self.images.shape[1]))

    def channels(self, chip, names):
        assert len(names) == self.images.shape[1]
        return self.images[self._place(chip)]

    def seen(self, chip):
        return self.visible[self._place(chip)]

    def mask(self, chip):
        return self.degrees[self._place(chip)]

    def _place(self, chip):
        return int(np.flatnonzero(self.index["chip"] == chip)[0])


def store(regions=6, dates=2, channels=3, height=9, width=8, seed=0):
    """A store in which the degree follows from the first channel; some pixels unseen, some unlabelled."""
    rng = np.random.default_rng(seed)
    keys = [(f"r{r}", f"2019-0{d + 7}-01") for r in range(regions) for d in range(dates)]
    index = pd.DataFrame(keys, columns=["region", "date"])
    index = index.assign(
        chip=index["region"] + "_" + index["date"], role="clearing", row=0, col=0, nodata=0.0, cloud=0.0, height=height
    ).assign(
        width=width,
        label=["need" if int(region[1:]) % 2 else "clear" for region in index["region"]],
        position=range(len(keys)),
        hash=[f"h{number}" for number in range(len(keys))],
        crs="EPSG:32633",
        transform=[[10.0, 0, 0, 0, -10.0, 0]] * len(keys),
        easting=[1000.0 * int(region[1:]) for region in index["region"]],
        northing=0.0,
    )
    images = rng.normal(size=(len(keys), channels, height, width)).astype(np.float32)
    visible = rng.random((len(keys), height, width)) < 0.8
    labelled = rng.random((len(keys), height, width)) < 0.8
    degrees = np.where(visible & labelled, np.clip(images[:, 0], 0, 1), -1).astype(np.float32)
    return FakeStore(index, images, visible, degrees)


def planes(task="segmentation", **options) -> Planes:
    fake = store(**options)
    names = fake.expand("clearing", [])
    return read(fake, fake.index, names, dates=None, task=task)


def samples(task="segmentation", flips=(), seed=0, **options) -> Samples:
    found = planes(task, seed=seed, **options)
    change = Augmentation(found.seen.shape[1:], flips=flips) if flips else None
    return Samples(standardise(found, measure(found)), augmentation=change, seed=0)


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
