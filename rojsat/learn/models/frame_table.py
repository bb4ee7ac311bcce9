"""Predictions that depend on the frame of a sample alone: its height and width, and the place of a pixel in it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Frames:
    """Samples without their images.

    Attributes:
        sizes: (N, 2) int, height and width of the frame, pixels; it lies at the top and left of the sample.
        targets: (N, H, W) float degrees, or (N, K) float with 1 for the class; any value where not known.
        known: (N, H, W) or (N,) bool.
    """

    sizes: NDArray[np.int64]
    targets: NDArray[np.float64]
    known: NDArray[np.bool_]

    def mean(self) -> NDArray[np.float64]:
        """Mean degree of the known pixels, (), or the share of each class, (K,)."""
        mean: NDArray[np.float64] = self.targets[self.known].mean(axis=0)
        return mean

    def bins(self, count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Of all known pixels the number of their bin, row by row, and their degree; `count` bins a side."""
        numbers, shape = [], self.targets.shape[1:]
        for size, known in zip(self.sizes, self.known, strict=True):
            rows, columns = (bin_numbers(*pair, count) for pair in zip(shape, size, strict=True))
            numbers.append((rows[:, None] * count + columns)[known])
        return np.concatenate(numbers), self.targets[self.known]


@dataclass(frozen=True)
class FrameTable:
    """A prediction for every size of a frame; another size gets that of the nearest, by height plus width.

    Attributes:
        sizes: (S, 2) int, height and width, pixels; of equally near ones the first counts.
        values: (S, B, B) float degrees by relative position, B bins a side, or (S, K) float shares of classes.
    """

    sizes: NDArray[np.int64]
    values: NDArray[np.float64]

    def predict(self, sizes: NDArray[np.int64], height: int, width: int) -> NDArray[np.float32]:
        """Predict.

        Args:
            sizes: (N, 2) int, height and width of the frames.
            height: of what is predicted, pixels; beyond the frame the last bin counts.
            width: likewise.

        Returns:
            (N, height, width) or (N, K) float32.
        """
        apart = np.abs(sizes[:, None] - self.sizes[None]).sum(axis=2)  # (N, S)
        values = self.values[apart.argmin(axis=1)].astype(np.float32)
        if values.ndim == 2:
            return values
        predictions = np.empty((len(sizes), height, width), np.float32)
        for number, size in enumerate(sizes):
            rows, columns = (bin_numbers(*pair, values.shape[1]) for pair in zip((height, width), size, strict=True))
            predictions[number] = values[number][np.ix_(rows, columns)]
        return predictions


def uniform(value: NDArray[np.float64]) -> FrameTable:
    """The same for every frame: a degree, (), or shares of classes, (K,)."""
    return FrameTable(np.ones((1, 2), np.int64), value.reshape(1, 1, 1) if value.ndim == 0 else value[None])


def bin_numbers(length: int, extent: int, count: int) -> NDArray[np.int64]:
    """(length,): the bin, of `count`, of every pixel along a side of which `extent` pixels are the frame's."""
    return np.minimum(np.arange(length) * count // extent, count - 1)
