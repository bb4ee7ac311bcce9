"""Mean and deviation of channels, of more samples than memory holds: read once, the same memory however many.

The values of a channel are counted in `BINS` bins, whose edges are float32 numbers without their last 16 bits, 1/128 of
a value apart. All values of the bins that hold the percentiles between which a value counts (`sample_arrays.OUTLIERS`)
count: mean and deviation are within 2e-3 deviations of those of `sample_arrays.channel_statistics` (a test), whose
percentiles are exact.
"""

import numpy as np
from numpy.typing import NDArray

from rojsat.learn.data import series
from rojsat.learn.data.sample_arrays import OUTLIERS, SampleArrays, Statistics

BINS = 2**16

SIGN = np.uint32(2**31)
"""The bit of a float32 that is set below zero."""


class ChannelMoments:
    """Adds up channels, samples by samples.

    Args:
        channels: of an image; of a series those of one date, without `series.PLANES`.
        blocks: dates of a series; None: images are none.
    """

    def __init__(self, channels: int, blocks: int | None = None) -> None:
        self._blocks = blocks
        self._counts = np.zeros((channels, BINS), np.int64)
        self._sums, self._squares = np.zeros((2, channels, BINS))  # of what is above the pivot
        self._pivots = np.full(channels, np.nan)

    def add(self, samples: SampleArrays) -> None:
        """Add the seen pixels of some samples, as read."""
        images, seen = samples.images[:, None], samples.seen[:, None]
        if self._blocks is not None:
            images, seen = series.measured(samples.images, self._blocks)
        for channel in range(len(self._counts)):
            values = images[:, :, channel][seen]
            self._add(channel, values[np.isfinite(values)])

    def statistics(self) -> Statistics:
        """Mean and deviation; a flat channel has deviation 1, one without a value mean 0 too."""
        moments = [self._moments(channel) for channel in range(len(self._counts))]
        if self._blocks is not None:
            moments = [*moments, *[(0.0, 1.0)] * len(series.PLANES)] * self._blocks
        mean, std = zip(*moments, strict=True)
        return Statistics(np.array(mean, np.float32), np.array(std, np.float32))

    def _add(self, channel: int, values: NDArray[np.float32]) -> None:
        if not values.size:
            return
        if np.isnan(self._pivots[channel]):
            self._pivots[channel] = values[0]
        bits = values.view(np.uint32)
        ordered = np.where(bits & SIGN, ~bits, bits | SIGN) >> 16  # as the values are ordered
        above = values - self._pivots[channel]
        self._counts[channel] += np.bincount(ordered, minlength=BINS)
        self._sums[channel] += np.bincount(ordered, above, BINS)
        self._squares[channel] += np.bincount(ordered, above**2, BINS)

    def _moments(self, channel: int) -> tuple[float, float]:
        below = np.cumsum(self._counts[channel])
        if not below[-1]:
            return 0.0, 1.0
        ranks = np.array(OUTLIERS) / 100 * (below[-1] - 1)
        first, last = np.searchsorted(below, ranks, side="right")
        chosen = slice(first, last + 1)
        count = self._counts[channel, chosen].sum()
        mean = self._sums[channel, chosen].sum() / count
        variance = max(0.0, self._squares[channel, chosen].sum() / count - mean**2)
        return float(self._pivots[channel] + mean), float(np.sqrt(variance)) or 1.0
