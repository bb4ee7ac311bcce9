"""Perturbations: the same samples with one thing taken out of what a model sees. Samples that come in stay as they are.

What is drawn follows from a seed and the number of the sample, so a perturbed part is the same for every model.
"""

from collections.abc import Sequence
from copy import copy
from typing import Any

import numpy as np
import torch
from torch import Tensor, from_numpy

from rojsat.chips import boxes
from rojsat.learn.data.samples import Samples

ROOM = 32
"""Pixels that `moved` adds to the height and width: one cell of the coarsest stage of a ResNet (stride 32)."""

ORIGIN = ("row", "col")
"""Axes of a sample's offset; a table with `box_row` and `box_col` says where the region's own box begins, pixels."""


def shuffled(samples: Samples, *, seed: int = 0) -> Samples:
    """Every chip with its seen pixels in random order, all channels of a pixel together.

    The spectra of a chip and its frame (which pixels are seen) stay; where in the frame a spectrum stands is lost.
    """
    images = samples.images.clone()
    for number, seen in enumerate(samples.seen):
        order = np.random.default_rng((seed, number)).permutation(int(seen.sum()))
        images[number][:, seen] = images[number][:, seen][:, order]
    return _changed(samples, images=images)


def in_boxes(samples: Samples) -> Samples:
    """In the frame `window`, the same images of which nothing but the boxes of regions counts as seen.

    Surroundings are there to be looked at from the box, not to be predicted. In the frame `box` samples as they are.
    """
    if samples.window is None or samples.targets.ndim == 1:
        return samples
    return _changed(samples, seen=samples.seen & boxes.mask(samples.rows, *samples.seen.shape[1:]))


def known_alone(samples: Samples) -> Samples:
    """The same images, of which no pixel counts as seen but the known ones: nothing else need be predicted."""
    return samples if samples.targets.ndim == 1 else _changed(samples, seen=samples.known.numpy())


def constant(samples: Samples) -> Samples:
    """Every channel 0, its mean over the training part, in all pixels: no chip differs from another by its image."""
    return _changed(samples, images=torch.zeros_like(samples.images))


def moved(samples: Samples, *, seed: int = 0, room: int = ROOM) -> Samples:
    """Every chip somewhere else: image, target, known and seen shifted alike in a larger canvas of unseen pixels.

    Args:
        samples: (N, C, H, W).
        seed: of the offsets, drawn for each chip from 0 to `room` pixels down and to the right.
        room: pixels that the canvas is higher and wider than the chips.

    Returns:
        (N, C, H + room, W + room); classes of chips and the table stay, but for `box_row` and `box_col`.
    """
    offsets = np.random.default_rng(seed).integers(0, room + 1, (len(samples), 2))
    targets, known = samples.targets, samples.known
    if targets.ndim == 3:
        targets, known = _shifted(targets, offsets, room, -1), _shifted(known, offsets, room, 0)
    boxes = {
        f"box_{axis}": samples.rows[f"box_{axis}"] + offsets[:, number]
        for number, axis in enumerate(ORIGIN)
        if f"box_{axis}" in samples.rows
    }
    extents = [
        (row + offsets[number, 0], col + offsets[number, 1], *size)
        for number, (row, col, *size) in enumerate(samples.extents)
    ]
    return _changed(
        samples,
        extents=extents,
        images=_shifted(samples.images, offsets, room, 0),
        targets=targets,
        known=known,
        seen=_shifted(from_numpy(samples.seen), offsets, room, 0).numpy(),
        rows=samples.rows.assign(**boxes),
    )


def permuted(samples: Samples, channels: Sequence[int], *, seed: int = 0) -> Samples:
    """Some channels with their values permuted over the seen pixels of all samples, these channels of a pixel together.

    The permutation of Breiman (2001, Random Forests, section 10) for a group of variables (Fisher, Rudin and Dominici
    2019), with the pixel as the case: between chips and within them, the group says nothing any more, while all other
    channels and the frame stay. Complete chips are not exchanged: they differ in size, and a part may hold one region.

    Args:
        samples: (N, C, H, W).
        channels: positions of the group, in 0..C-1.
        seed: of the permutation.
    """
    images, group = samples.images.clone(), torch.as_tensor(list(channels))
    number, row, column = (from_numpy(axis) for axis in np.nonzero(samples.seen))
    at = (number[:, None], group[None], row[:, None], column[:, None])
    images[at] = images[at][np.random.default_rng(seed).permutation(len(number))]
    return _changed(samples, images=images)


def _shifted(planes: Tensor, offsets: np.ndarray, room: int, fill: float) -> Tensor:
    """(N, ..., H, W) to (N, ..., H + room, W + room), each sample at its offset (row, column), `fill` around it."""
    height, width = planes.shape[-2:]
    canvas = torch.full((*planes.shape[:-2], height + room, width + room), fill, dtype=planes.dtype)
    for number, (down, right) in enumerate(offsets):
        canvas[number, ..., down : down + height, right : right + width] = planes[number]
    return canvas


def _changed(samples: Samples, **attributes: Any) -> Samples:
    """The same kind of samples with other attributes."""
    changed = copy(samples)
    for name, value in attributes.items():
        setattr(changed, name, value)
    return changed
