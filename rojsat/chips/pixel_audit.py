"""The part of an audit that reads pixels: copies, labels among the inputs, and boxes that tell the label."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.chips import boxes
from rojsat.chips.findings import Finding, finding
from rojsat.chips.roles import PARTS

ALIKE = 0.999
"""Correlation from which pixels are copies of each other, or a channel one of the label. In the simulated world,
chips of different regions reach 0.92, true colour of one region on two dates 0.997."""

PIXELS = 1024
"""Pixels of a chip, evenly spread, that are compared: enough for a correlation to be sure of its third digit."""

VALUES = 100_000
"""Pixels of training that a channel is compared with the label on, evenly spread."""

BINS = 12
"""Bins of the relative position in the box, along each side."""

GAIN = 0.1
"""Accuracy or R² above the bar from which a box says more than chance."""


def findings(
    images: NDArray[np.float32],
    seen: NDArray[np.bool_],
    targets: NDArray[np.generic],
    known: NDArray[np.bool_],
    rows: pd.DataFrame,
    channels: Sequence[str],
) -> Iterator[Finding]:
    """What the pixels of a split give away.

    Args:
        images: (N, C, H, W) in the channels' own units; any value where not seen, NaN where unknown.
        seen: (N, H, W).
        targets: degrees (N, H, W), or classes (N,).
        known: shape of `targets`.
        rows: one row a chip: region, part, height and width of what a network sees of it, and, where chips have
            surroundings, the box in the images, see `rojsat.chips.boxes`.
        channels: the C names.
    """
    yield from _copies(images, seen, rows)
    train = (rows["part"] == "train").to_numpy()
    if names := _labels(images[train], seen[train], targets[train], known[train], channels):
        yield finding("labels", names, ["train"], value=max(names.values()))
    yield from _size(targets, known, rows) if targets.ndim == 1 else _position(targets, known, rows)


def _copies(images: NDArray[np.float32], seen: NDArray[np.bool_], rows: pd.DataFrame) -> Iterator[Finding]:
    """Chips of two parts, of different regions and equal size, whose channels correlate above `ALIKE` (median).

    Gain, offset and a little noise hide no copy; a shift, a turn or another size does.
    """
    names, parts, most = set[str](), set[str](), 0.0
    places = boxes.with_boxes(rows)[boxes.COLUMNS].to_numpy(int)  # row, column, height, width
    sizes = places[:, 2:]
    for height, width in np.unique(sizes, axis=0):
        step = max(1, int(np.ceil(np.sqrt(height * width / PIXELS))))
        equal = (sizes == (height, width)).all(axis=1)
        chips = {part: np.flatnonzero(equal & (rows["part"] == part).to_numpy()) for part in PARTS}
        for pair in combinations(PARTS, 2):
            first, second = (chips[part] for part in pair)
            regions, others = (rows["region"].to_numpy()[numbers] for numbers in (first, second))
            if not (regions[:, None] != others[None]).any():
                continue
            alike = _correlations(*(_inner(images, seen, places, numbers, step) for numbers in (first, second)))
            alike[regions[:, None] == others[None]] = 0
            if (alike > ALIKE).any():
                copies, originals = np.nonzero(alike > ALIKE)
                names |= {*map(str, regions[copies]), *map(str, others[originals])}
                parts |= set(pair)
                most = max(most, float(alike.max()))
    if names:
        yield finding("pixels", names, parts, value=most)


Block = tuple[NDArray[np.float32], NDArray[np.bool_]]


def _inner(
    images: NDArray[np.float32],
    seen: NDArray[np.bool_],
    places: NDArray[np.int64],
    numbers: NDArray[np.int64],
    step: int,
) -> Block:
    """Images and visible pixels of some chips inside their boxes of one size, every `step`-th of a row and column."""
    cuts = [(n, np.s_[..., row : row + h : step, col : col + w : step]) for n, (row, col, h, w) in enumerate(places)]
    chosen = [cuts[number] for number in numbers]
    return np.stack([images[n][cut] for n, cut in chosen]), np.stack([seen[n][cut] for n, cut in chosen])


def _correlations(first: Block, second: Block) -> NDArray[np.float64]:
    """(N, M): median over channels of the correlation over the pixels that both chips show; 0 where there are few."""
    (images, seen), (other_images, other_seen) = first, second
    by_channel = []
    for channel in range(images.shape[1]):
        values, weights = _flat(images[:, channel], seen)
        other_values, other_weights = _flat(other_images[:, channel], other_seen)
        count = weights @ other_weights.T
        mean, other_mean = (
            sums / np.maximum(count, 1) for sums in (values @ other_weights.T, weights @ other_values.T)
        )
        product = values @ other_values.T / np.maximum(count, 1) - mean * other_mean
        variance = (values**2) @ other_weights.T / np.maximum(count, 1) - mean**2
        other_variance = weights @ (other_values**2).T / np.maximum(count, 1) - other_mean**2
        scale = np.sqrt(np.maximum(variance * other_variance, 0))
        by_channel.append(np.where((count >= 16) & (scale > 1e-9), product / np.maximum(scale, 1e-9), 0))
    return np.median(by_channel, axis=0)


def _flat(plane: NDArray[np.float32], seen: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Values at mean 0 and deviation 1, 0 where not visible, and 1 where visible: (N, pixels) both."""
    visible = seen & np.isfinite(plane)
    values = plane[visible].astype(float)
    middle, spread = (values.mean(), values.std() or 1.0) if values.size else (0.0, 1.0)
    scaled = np.where(visible, (plane - middle) / spread, 0.0)
    return scaled.reshape(len(plane), -1).astype(float), visible.reshape(len(plane), -1).astype(float)


def _labels(
    images: NDArray[np.float32],
    seen: NDArray[np.bool_],
    targets: NDArray[np.generic],
    known: NDArray[np.bool_],
    channels: Sequence[str],
) -> dict[str, float]:
    """Channels that rise or fall with the label on the pixels of training, with the correlation of values or ranks."""
    labelled = seen & (known if known.ndim == 3 else known[:, None, None])
    answers = np.broadcast_to(targets if targets.ndim == 3 else targets[:, None, None], seen.shape)
    names = {}
    for number, name in enumerate(channels):
        usable = labelled & np.isfinite(images[:, number])
        step = max(1, int(usable.sum()) // VALUES)
        pairs = pd.DataFrame({"channel": images[:, number][usable][::step], "label": answers[usable][::step]})
        if (pairs.nunique() > 1).all():
            both = [abs(table["channel"].corr(table["label"])) for table in (pairs, pairs.rank())]
            if max(both) > ALIKE:
                names[name] = float(max(both))
    return names


def _size(classes: NDArray[np.generic], known: NDArray[np.bool_], rows: pd.DataFrame) -> Iterator[Finding]:
    """Whether the training chip of the nearest height and width has the label of a test chip."""
    train, test = ((rows["part"] == part).to_numpy() & known for part in ("train", "test"))
    sizes = rows[["height", "width"]].to_numpy(float)
    if not train.any() or not test.any() or len(np.unique(sizes, axis=0)) == 1:
        return
    nearest = np.abs(sizes[test][:, None] - sizes[train][None]).sum(axis=2).argmin(axis=1)
    numbers, counts = np.unique(classes[train], return_counts=True)
    accuracy = float((classes[train][nearest] == classes[test]).mean())
    majority = float((numbers[counts.argmax()] == classes[test]).mean())
    if accuracy - majority > GAIN:
        yield finding("size", [], ["test"], value=accuracy, bar=majority)


def _position(degrees: NDArray[np.generic], known: NDArray[np.bool_], rows: pd.DataFrame) -> Iterator[Finding]:
    """Whether the mean degree of training by relative position in the box gives the degrees of test."""
    if boxes.has_surroundings(rows):
        return  # windows stand anywhere around the box
    train, test = ((rows["part"] == part).to_numpy() for part in ("train", "test"))
    chip, row, column = np.nonzero(known)
    sides = rows[["height", "width"]].to_numpy()[chip]
    bins = np.minimum(np.stack([row, column], 1) * BINS // sides, BINS - 1) @ [BINS, 1]
    values = degrees[known].astype(float)
    learned, tested = train[chip], test[chip]
    if not learned.any() or not tested.any() or values[tested].std() == 0:
        return
    mean = values[learned].mean()
    count = np.bincount(bins[learned], minlength=BINS * BINS)
    by_bin = np.bincount(bins[learned], values[learned], minlength=BINS * BINS)
    predicted = np.where(count > 0, by_bin / np.maximum(count, 1), mean)[bins[tested]]
    scores = [1 - float(np.mean((guess - values[tested]) ** 2)) / values[tested].var() for guess in (predicted, mean)]
    if scores[0] - scores[1] > GAIN:
        yield finding("position", [], ["test"], value=float(scores[0]), bar=float(scores[1]))
