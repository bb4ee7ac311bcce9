"""Batches of an epoch: none too small for batch normalisation, whose mean and variance are those of the batch.

Two chips that are nearly alike have next to no variance in deep layers, and dividing by it blows the weights up.
"""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

SMALLEST = 0.25
"""A last batch with a smaller share of the batch size than this is not trained on as it is."""

Key = TypeVar("Key")


def count(samples: int, batch_size: int) -> int:
    """Batches that so many samples are divided into."""
    return len(divide(range(samples), batch_size))


def divide(keys: Sequence[Key], batch_size: int) -> list[list[Key]]:
    """Batches of `batch_size`, in order; the last one has what is left.

    One sample that is left is left out. Where fewer are left than a quarter of `batch_size`, all batches of the epoch
    are of nearly equal size instead: 18 samples are 9 and 9, not 16 and 2.

    Args:
        keys: of the samples, in the order of the epoch.
        batch_size: samples of a batch at most.
    """
    left = len(keys) % batch_size
    if left == 1 and batch_size > 1:
        keys = keys[:-1]
    elif 1 < left < SMALLEST * batch_size and len(keys) > batch_size:
        parts = np.array_split(np.arange(len(keys)), -(-len(keys) // batch_size))
        return [[keys[number] for number in part] for part in parts]
    return [list(keys[start : start + batch_size]) for start in range(0, len(keys), batch_size)]
