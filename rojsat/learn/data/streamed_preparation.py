"""Preparation of samples that stay in the chip store, which is read once for statistics and labels."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.chips import audit, degree_scale, neighbours, part_labels, splits, stand_parts
from rojsat.learn.data import preparation
from rojsat.learn.data.augmentation import Augmentation
from rojsat.learn.data.preparation import Prepared
from rojsat.learn.data.sample_arrays import SampleArrays, Statistics, standardise
from rojsat.learn.data.stored_samples import StoredSamples
from rojsat.learn.data.stream import TASK, Labels, StreamedSamples
from rojsat.learn.data.streamed_statistics import ChannelMoments

AHEAD = 2
"""Readings that wait to be looked at, beside the one that is."""

EVALUATED = ("val", "test")
"""Parts whose labels are kept in memory, 6 bytes a pixel: metrics need them all."""

Scaled = Callable[[SampleArrays], SampleArrays]
"""From samples as read to those whose targets are degrees."""


def prepare(
    stored: StoredSamples,
    *,
    split: Callable[[pd.DataFrame], pd.Series],
    buffer: float,
    threads: int = 1,
    near: float = audit.DISTANCE,
    drop_near: bool = False,
    augmentation: Mapping[str, Any] | None = None,
    seed: int = 0,
    windows_per_chip: int = 1,
    of_heat: bool = False,
) -> Prepared:
    """Split samples and prepare to read them as a stream.

    Pixels are audited in as many chips as a buffer holds, at even distances.

    Args:
        stored: the samples of all parts.
        split: as of `preparation.prepare`, like all that is not named here.
        buffer: bytes of a block of an epoch, see `StreamedSamples`.
        threads: that read.
        near: likewise.
        drop_near: likewise.
        augmentation: likewise.
        seed: likewise.
        windows_per_chip: likewise.
        of_heat: likewise.

    Raises:
        ValueError: as `preparation.prepare`.
    """
    source, table = stored.source, preparation.on_the_ground(stored.rows)
    parts = split(stand_parts.together(table))
    kept = neighbours.drop_near(table, parts, near) if drop_near else parts
    table = table.assign(part=kept.to_numpy())
    scale = source.scale(table)
    degree_scale.check_heat(scale is not None or not of_heat)
    scaled = partial(preparation.scaled, scale=scale, cut=not of_heat)
    summary = _look_through(stored, table["part"].to_numpy(), scaled, threads)
    part_labels.check(stand_parts.together(table), summary.targets, summary.known)
    shape = (source.window, source.window) if source.window else stored.shape
    changes = {"train": Augmentation(shape, **augmentation, dates=source.by_date)} if augmentation else {}
    samples = {}
    for part in splits.PARTS:
        numbers = np.flatnonzero(table["part"] == part)
        samples[part] = StreamedSamples(
            stored,
            numbers,
            partial(_finished, scaled=scaled, statistics=summary.statistics),
            has_known=bool(summary.known[numbers].any()),
            buffer=buffer,
            labels=summary.labels.get(part),
            augmentation=changes.get(part),
            seed=seed,
            windows_per_chip=windows_per_chip,
        )
    audited = np.flatnonzero(table["part"].isin(splits.PARTS))
    count = min(len(audited), samples["train"].buffered)
    pixels = scaled(stored.read(audited[np.linspace(0, len(audited) - 1, count).astype(int)]))
    thresholds = source.threshold_regions(scale)
    labels = summary.targets, summary.known
    report = preparation.audited(source, stored.rows, table["part"], near, thresholds, pixels, labels)
    return Prepared(source, summary.statistics, dict(samples), table, report, scale)


def _finished(arrays: SampleArrays, scaled: Scaled, statistics: Statistics) -> SampleArrays:
    """Samples as read, standardised."""
    return standardise(scaled(arrays), statistics)


@dataclass(frozen=True)
class _Summary:
    """What reading the store once says of all samples.

    Attributes:
        statistics: of the channels in the training part.
        targets: least and greatest known degree (N, 2), or classes (N,).
        known: shape of `targets`.
        labels: of every sample of a part of `EVALUATED`.
    """

    statistics: Statistics
    targets: NDArray[Any]
    known: NDArray[np.bool_]
    labels: Mapping[str, Labels]


def _look_through(stored: StoredSamples, parts: NDArray[Any], scaled: Scaled, threads: int) -> _Summary:
    """Read all samples of all parts once, as they lie in the store."""
    source, count = stored.source, len(stored)
    is_class = source.task == "classification"
    channels = source.channels if source.blocks else source.inputs
    moments = ChannelMoments(len(channels), source.blocks)
    targets = np.full(count, -1) if is_class else np.zeros((count, 2), np.float32)
    known: NDArray[np.bool_] = np.zeros(targets.shape, bool)
    labels: dict[str, Labels] = {}
    row_in_part = np.zeros(count, np.int64)
    for part in EVALUATED:
        numbers = np.flatnonzero(parts == part)
        row_in_part[numbers] = np.arange(len(numbers))
        planes = (len(numbers), *stored.shape)
        shape = planes[:1] if is_class else planes
        dtype = np.int64 if is_class else np.float32
        labels[part] = np.full(shape, -1, dtype), np.zeros(shape, bool), np.zeros(planes, bool)
    for numbers, arrays in _ahead(stored, np.flatnonzero(np.isin(parts, splits.PARTS)), threads):
        samples = scaled(arrays)
        moments.add(samples[parts[numbers] == "train"])
        if is_class:
            targets[numbers], known[numbers] = samples.targets, samples.known
        else:
            targets[numbers, 0] = np.where(samples.known, samples.targets, np.inf).min(axis=(1, 2))
            targets[numbers, 1] = np.where(samples.known, samples.targets, -np.inf).max(axis=(1, 2))
            known[numbers] = np.asarray(samples.known.any(axis=(1, 2)))[:, None]
        for part, (fitted, is_known, seen) in labels.items():
            chosen = parts[numbers] == part
            to = row_in_part[numbers[chosen]]
            fitted[to] = np.where(samples.known, samples.targets, np.array(-1, samples.targets.dtype))[chosen]
            is_known[to], seen[to] = samples.known[chosen], samples.seen[chosen]
    return _Summary(moments.statistics(), targets, known, labels)


def _ahead(
    stored: StoredSamples, numbers: NDArray[np.int64], threads: int
) -> Iterator[tuple[NDArray[np.int64], SampleArrays]]:
    """Samples in the order in which they lie in the store, with their numbers; some are read ahead."""
    ordered = numbers[np.argsort(stored.positions[numbers], kind="stable")]
    pieces = deque(ordered[start : start + TASK] for start in range(0, len(ordered), TASK))
    reading: deque[tuple[NDArray[np.int64], Future[SampleArrays]]] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        while pieces or reading:
            while pieces and len(reading) < threads + AHEAD:
                reading.append((piece := pieces.popleft(), pool.submit(stored.read, piece)))
            piece, future = reading.popleft()
            yield piece, future.result()
    finally:
        pool.shutdown(cancel_futures=True)
