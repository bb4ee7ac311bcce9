"""Where does need lie in a frame? The mean degree of training by relative position."""

from collections.abc import Callable
from functools import partial

import numpy as np

from rojsat.learn.models.frame_table import Frames, FrameTable


def build(outputs: int, *, task: str = "segmentation", bins: int = 12) -> Callable[[Frames], FrameTable]:  # noqa: ARG001
    """What fits the map.

    Args:
        outputs: of the experiment; a map of degrees and one of shares of non-zero are fitted alike.
        task: of the experiment.
        bins: rows and columns that a frame is divided into.

    Raises:
        ValueError: for classification, or without a bin.
    """
    if task != "segmentation":
        raise ValueError(f"position predicts pixels, and {task} has one label a chip; choose constant or box_size")
    if bins < 1:
        raise ValueError(f"model.options.bins={bins}: a frame has at least one bin")
    return partial(fit, bins=bins)


def fit(frames: Frames, *, bins: int) -> FrameTable:
    """Mean degree of the known pixels of every bin; of a bin without any, that of all."""
    numbers, degrees = frames.bins(bins)
    pixels = np.bincount(numbers, minlength=bins**2)
    total = np.bincount(numbers, weights=degrees, minlength=bins**2)
    means = np.where(pixels > 0, total / np.maximum(pixels, 1), frames.mean())
    return FrameTable(np.ones((1, 2), np.int64), means.reshape(1, bins, bins))
