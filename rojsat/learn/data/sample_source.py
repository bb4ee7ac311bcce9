"""What samples are read from: chips of a store, their channels, dates and frame. Knows no experiment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rojsat.chips import degree_scale, splits
from rojsat.chips.degree_scale import DegreeScale
from rojsat.chips.reader import Chips
from rojsat.config import all_dates, lookup
from rojsat.learn.data import sample_arrays, series
from rojsat.learn.data.sample_arrays import SampleArrays


@dataclass(frozen=True)
class Source:
    """What samples are read from.

    Attributes:
        chips: the chip store.
        role: of the chips that are split into train, val and test.
        channels: names of one date, expanded.
        dates: None: each chip is a sample. Else ISO dates, whose channels are stacked, or [all], see `series`, or
            [before, after] or [difference] of a change.
        task: "segmentation" or "classification".
        window: None: the frame `box`. Else height and width of windows, pixels: the frame `window`.
        inside: whether such windows are moved back into what is seen of a chip, see `windows.framed`.
    """

    chips: Chips
    role: str
    channels: tuple[str, ...]
    dates: Sequence[str] | None
    task: str
    window: int | None = None
    inside: bool = False

    @property
    def inputs(self) -> list[str]:
        """The C names of a model's input: channels, with their date where several dates are stacked."""
        if self.blocks:
            return series.names(self.channels, self.blocks)
        return [f"{name} {date}" for date in self.dates for name in self.channels] if self.dates else [*self.channels]

    @property
    def blocks(self) -> int | None:
        """Blocks of images that are series, T; None where they are none."""
        return series.blocks(self.chips.index) if all_dates.is_asked(self.dates) else None

    @property
    def by_date(self) -> list[range]:
        """Where the channels of each date are in a model's input: in 0..C-1."""
        step = len(self.inputs) // (self.blocks or len(self.dates or [None]))
        return [range(start, start + len(self.channels)) for start in range(0, len(self.inputs), step)]

    def positions(self, name: str) -> list[int]:
        """Where the channels of `name`, a channel or a group, are in a model's input: in 0..C-1, of every date."""
        members = self.chips.expand(self.role, [name])
        return [date[self.channels.index(member)] for date in self.by_date for member in members]

    @property
    def layout(self) -> dict[str, int]:
        """What a network must know of its input beside the number of planes, by keyword of its `build`."""
        return {"dates": self.blocks} if self.blocks else {}

    def audited(self, arrays: SampleArrays) -> tuple[np.ndarray, Sequence[str]]:
        """Images and names of their channels as an audit compares them: of series the mean of the dates."""
        images, names = arrays.images, self.inputs
        return (series.mean(images, self.blocks), self.channels) if self.blocks else (images, names)

    def read(self, role: str) -> SampleArrays:
        """All samples of a role.

        Raises:
            rojsat.config.lookup.UnknownNameError: if the store has no such role.
        """
        return self.of(self.rows(role))

    def of(self, rows: pd.DataFrame) -> SampleArrays:
        """The samples of some rows of the chips' table; their targets are heat where masks hold heat.

        Raises:
            ValueError: if they have fewer surroundings than windows need.
        """
        how: dict[str, Any] = {"dates": self.dates, "task": self.task, "window": self.window, "inside": self.inside}
        return sample_arrays.read(self.chips, rows, self.channels, **how, heat=self.chips.heat is not None)

    def scale(self, split: pd.DataFrame) -> DegreeScale | None:
        """How heat becomes a degree, from the training regions of a split; None where masks hold degrees.

        Raises:
            ValueError: if the heat of these regions scales nothing.
        """
        if self.task != "segmentation" or self.chips.heat is None:
            return None
        regions = sorted(split.loc[split["part"] == "train", "region"].astype(str).unique())
        masks = {region: self.chips.region_mask(region) for region in regions}
        return degree_scale.of_training(
            self.chips.heat, {region: mask for region, mask in masks.items() if mask is not None}
        )

    def threshold_regions(self, scale: DegreeScale | None) -> Sequence[str]:
        """Regions that the threshold of the degree was computed from: those of its scale, else all of the role.

        None where labels are not from GPS points, and so have no threshold.
        """
        if scale is not None:
            return scale.regions
        if self.task != "segmentation" or self.chips.recipe.get("labels", {}).get("source") != "gps":
            return []
        return sorted(self.rows(self.role)["region"].astype(str).unique())

    def rows(self, role: str) -> pd.DataFrame:
        """The table of the chips of a role that have all channels."""
        if role not in self.chips.roles:
            raise lookup.unknown("part or role of chips", role, [*splits.PARTS, *self.chips.roles])
        return self.chips.rows(role, self.channels)
