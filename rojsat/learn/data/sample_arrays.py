"""Samples as the chip store holds them, read and standardised to mean 0 and deviation 1."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pandas as pd

from rojsat.chips import boxes, change_pairs
from rojsat.chips.reader import NoChipsError
from rojsat.chips.roles import CLASSES
from rojsat.config import all_dates, date_words
from rojsat.learn.data import date_groups, series, windows
from rojsat.learn.data.sample_frame import SampleFrame, resized

CLIP = 10.0
"""Standardised values are clipped to ± this, standard deviations: a ratio whose denominator comes near zero has no
bound."""

OUTLIERS = (0.1, 99.9)
"""Percentiles of a channel outside which a value counts in no mean or deviation, for the same reason."""


class Store(Protocol):
    """The methods of the chip store (`rojsat.chips.reader.Chips`) that learning needs."""

    index: pd.DataFrame

    def channels(self, chip: str, names: Sequence[str]) -> np.ndarray:
        """(C, H, W) float32, NaN where a channel is unknown."""
        ...

    def seen(self, chip: str) -> np.ndarray:
        """(H, W) bool: neither padding nor nodata nor cloud."""
        ...

    def mask(self, chip: str) -> np.ndarray:
        """(H, W) float32, degree in [0, 1], -1 where unknown."""
        ...

    def stored(self, chip: str) -> np.ndarray:
        """(H, W) float32, the degree or, of masks that hold heat, heat of 0 or more; -1 where unknown."""
        ...


@dataclass(frozen=True)
class SampleArrays:
    """Samples as read, in the units of their channels.

    Attributes:
        images: (N, C, H, W) float32; any value where not seen, NaN where a channel is unknown.
        seen: (N, H, W) bool.
        targets: degrees (N, H, W) float32 (heat, until a split scales it; above 1 where it does not cut it), or classes
            (N,) int64; any value where not known.
        known: bool, shape of `targets`.
        rows: the table of the chips, one row a sample (of the last date, if several are stacked); height, width and
            place of the box are those in these arrays.
    """

    images: np.ndarray
    seen: np.ndarray
    targets: np.ndarray
    known: np.ndarray
    rows: pd.DataFrame

    def __getitem__(self, selected: np.ndarray) -> "SampleArrays":
        """The samples where `selected`, (N,) bool, is true."""
        arrays = (self.images[selected], self.seen[selected], self.targets[selected], self.known[selected])
        return SampleArrays(*arrays, self.rows[selected].reset_index(drop=True))

    def resized(self, height: int, width: int) -> "SampleArrays":
        """The samples at another size, pixels: cut, or padded with unseen pixels, at the bottom and right."""
        planes = {name: getattr(self, name) for name in _ARRAYS}
        arrays = {name: resized(each, height, width) if each.ndim > 1 else each for name, each in planes.items()}
        rows = self.rows
        if windows.size(rows) is None:
            limits = (("height", height), ("width", width))
            rows = rows.assign(**{name: rows[name].clip(upper=size) for name, size in limits})
        return SampleArrays(rows=rows, **arrays)

    def __add__(self, other: "SampleArrays") -> "SampleArrays":
        """These samples, then those of `other`, which are of the same size."""
        arrays = {name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in _ARRAYS}
        return SampleArrays(rows=pd.concat([self.rows, other.rows], ignore_index=True), **arrays)


_ARRAYS = ("images", "seen", "targets", "known")
"""Attributes of `SampleArrays` beside the table."""


@dataclass(frozen=True)
class Statistics:
    """Mean and standard deviation of every channel over the seen pixels of the training part, (C,) float32."""

    mean: np.ndarray
    std: np.ndarray


def read(
    chips: Store,
    rows: pd.DataFrame,
    channels: Sequence[str],
    *,
    dates: Sequence[str] | None,
    task: str,
    window: int | None = None,
    inside: bool = False,
    heat: bool = False,
) -> SampleArrays:
    """Read samples from the store.

    Args:
        chips: the chip store.
        rows: the chips to read, a part of the store's index.
        channels: names, expanded.
        dates: None: each chip is a sample. ISO dates: a sample is one window of a region with the channels of all
            these dates stacked in this order; a window that misses one of them gives no sample. [all]: a sample is one
            window of a region with all dates that it has, see `series`. [before, after]: one on the two dates of
            `change_pairs`, need where it was tended between; [difference]: the same, after minus before.
        task: "segmentation" or "classification".
        window: None: the frame `box`, chips cropped to the boxes of their regions and padded at the right and bottom to
            the largest box. Else the frame `window`, height and width of windows: chips with their surroundings.
        inside: whether windows are moved back into what is seen of a chip, see `windows.framed`.
        heat: whether targets are heat as stored, which a split is to scale; else degrees.

    Raises:
        NoChipsError: if nothing remains.
        ValueError: if the chips have fewer surroundings than windows need.
    """
    groups = list(date_groups.groups(rows, dates))
    if not groups:
        raise NoChipsError(date_groups.nothing(rows, dates))
    by_chip = (change_pairs.labelled(rows) if date_words.is_pair(dates) else rows).set_index("chip")
    last, date_of = by_chip.loc[[group[-1] for group in groups]].reset_index(), by_chip["date"]
    frame = SampleFrame.of(last, chips.seen(groups[0][0]).shape, window, inside)
    size = (len(groups), *frame.shape)
    blocks = series.blocks(chips.index) if all_dates.is_asked(dates) else None
    difference = date_words.is_difference(dates)
    planes = blocks * (len(channels) + len(series.PLANES)) if blocks else (len(groups[0]) - difference) * len(channels)
    images = np.zeros((len(groups), planes, *size[1:]), np.float32)
    seen, known = np.zeros(size, bool), np.zeros(size, bool)
    degrees = np.zeros(size, np.float32)
    boxes_of = frame.stored[boxes.COLUMNS].to_dict("records")
    for number in np.argsort(last["position"].to_numpy(), kind="stable"):  # as stored: every chunk is read once
        group, box = groups[number], boxes_of[number]
        planes_of = [frame.crop(chips.channels(chip, channels), box) for chip in group]  # T of (C, H, W)
        visible = np.stack([frame.crop(chips.seen(chip), box) for chip in group])  # (T, H, W)
        if blocks:
            images[number] = series.image(np.stack(planes_of), visible, [date_of[chip] for chip in group], blocks)
        else:
            first, rest = planes_of[0], planes_of[1:]
            np.concatenate([later - first for later in rest] if difference else planes_of, out=images[number])
        seen[number] = visible.any(axis=0) if blocks else visible.all(axis=0)
        if task != "classification":
            masks = np.stack([frame.crop(chips.stored(chip) if heat else chips.mask(chip), box) for chip in group])
            labelled = visible & (masks >= 0) & (masks <= (np.inf if heat else 1))  # (T, H, W)
            degrees[number], known[number] = (
                series.newest(masks, labelled) if blocks else (masks[-1], labelled.all(axis=0))
            )
    table = frame.rows.assign(**{series.BLOCKS: blocks}) if blocks else frame.rows
    if task == "classification":
        return SampleArrays(images, seen, *_labels(table, seen), table)
    return SampleArrays(images, seen, degrees, known, table)


def _labels(rows: pd.DataFrame, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Class (N,) int64, -1 without label, and whether it is known: labelled, and something of the box is seen."""
    numbers = rows["label"].map({name: number for number, name in enumerate(CLASSES)}).fillna(-1)
    labels = numbers.to_numpy(np.int64)
    return labels, (labels >= 0) & (seen & boxes.mask(rows, *seen.shape[1:])).any(axis=(1, 2))


def channel_statistics(samples: SampleArrays) -> Statistics:
    """Mean and deviation of every channel over the seen pixels, without `OUTLIERS`; a flat channel has deviation 1.

    A channel of a series has one mean and one deviation over all dates; `series.PLANES` stay as they are.
    """
    blocks = series.count(samples.rows)
    if blocks is None:
        moments = [_moments(samples.images[:, channel][samples.seen]) for channel in range(samples.images.shape[1])]
    else:
        images, visible = series.measured(samples.images, blocks)
        pooled = [_moments(images[:, :, channel][visible]) for channel in range(images.shape[2])]
        moments = [*pooled, *[(0.0, 1.0)] * len(series.PLANES)] * blocks
    mean, std = zip(*moments, strict=True)
    return Statistics(np.array(mean, np.float32), np.array(std, np.float32))


def _moments(values: np.ndarray) -> tuple[float, float]:
    """Mean and deviation of what is finite and no outlier."""
    values = values[np.isfinite(values)].astype(np.float64)
    if not values.size:
        return 0.0, 1.0
    low, high = np.percentile(values, OUTLIERS)
    values = values[(values >= low) & (values <= high)]
    return float(values.mean()), float(values.std()) or 1.0


def standardise(samples: SampleArrays, statistics: Statistics) -> SampleArrays:
    """Every channel at mean 0 and deviation 1; 0 where a pixel is not seen or its channel is unknown.

    The one function that takes unseen pixels out of images, and unknown ones (to -1) out of targets.
    """
    mean, std = (values[:, None, None] for values in (statistics.mean, statistics.std))
    valid = samples.seen[:, None] & np.isfinite(samples.images)
    images = np.where(valid, samples.images, mean)
    images -= mean
    images /= std
    np.clip(images, -CLIP, CLIP, out=images)
    targets = np.where(samples.known, samples.targets, np.array(-1, samples.targets.dtype))
    return replace(samples, images=images, targets=targets)
