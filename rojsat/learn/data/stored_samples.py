"""Samples as they lie in the chip store: which chips each is made of, how large they are, and some of them read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.chips.reader import CHUNK, NoChipsError
from rojsat.learn.data import date_groups, series
from rojsat.learn.data.sample_arrays import SampleArrays
from rojsat.learn.data.sample_frame import SampleFrame
from rojsat.learn.data.sample_source import Source

LABEL_BYTES = 6
"""Of a pixel: a degree (4), whether it is known and whether it is seen."""


@dataclass(frozen=True)
class StoredSamples:
    """N samples of the role of a source that are not read yet, in the order of `Source.read`.

    Attributes:
        source: what they are read from.
        rows: the table of the samples, as `SampleArrays` has it.
        shape: height and width of the samples.
    """

    source: Source
    rows: pd.DataFrame
    shape: tuple[int, ...]
    _chip_rows: pd.DataFrame
    _groups: Sequence[Sequence[int]]

    @classmethod
    def of(cls, source: Source) -> "StoredSamples":
        """All samples of a source's role.

        Raises:
            NoChipsError: if there is none.
            ValueError: if the chips have fewer surroundings than windows need.
        """
        chip_rows = source.rows(source.role)
        groups = list(date_groups.groups(chip_rows, source.dates))
        if not groups:
            raise NoChipsError(date_groups.nothing(chip_rows, source.dates))
        row_of = {chip: row for row, chip in enumerate(chip_rows["chip"])}
        group_rows = [[row_of[chip] for chip in group] for group in groups]
        last = chip_rows.set_index("chip").loc[[group[-1] for group in groups]].reset_index()
        frame = SampleFrame.of(last, source.chips.size(source.role), source.window, source.inside)
        rows = frame.rows.assign(**{series.BLOCKS: source.blocks}) if source.blocks else frame.rows
        return cls(source, rows, frame.shape, chip_rows, group_rows)

    def __len__(self) -> int:
        return len(self._groups)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(C, H, W) of a sample."""
        height, width = self.shape
        return len(self.source.inputs), height, width

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample in memory: float32 channels and labels."""
        channels, height, width = self.image_shape
        return (4 * channels + LABEL_BYTES) * height * width

    @property
    def positions(self) -> NDArray[np.int64]:
        """(N,) where the last chip of each sample lies in the store."""
        return self.rows["position"].to_numpy(np.int64)

    @property
    def chunks(self) -> NDArray[np.int64]:
        """(N,) the chunk of the store that holds the last chip of each sample."""
        return self.positions // CHUNK

    def read(self, numbers: NDArray[np.int64]) -> SampleArrays:
        """Read some samples, in the order of `numbers`; several threads can do so at once."""
        groups = [self._groups[number] for number in numbers]
        chips = self._chip_rows.iloc[[row for group in groups for row in group]].reset_index(drop=True)
        arrays = replace(self.source, chips=self.source.chips.apart()).of(chips).resized(*self.shape)
        row_of = {chip: row for row, chip in enumerate(arrays.rows["chip"])}
        order = [row_of[chip] for chip in self.rows["chip"].iloc[numbers]]
        rows = self.rows.iloc[numbers].reset_index(drop=True)
        if order == [*range(len(arrays.rows))]:  # as they lie in the store: no copy
            return replace(arrays, rows=rows)
        return SampleArrays(
            images=arrays.images[order],
            seen=arrays.seen[order],
            targets=arrays.targets[order],
            known=arrays.known[order],
            rows=rows,
        )
