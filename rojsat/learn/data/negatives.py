"""Negatives: chips of regions that need no clearing at all, as samples of degree 0 for training."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from rojsat.chips import audit, boxes
from rojsat.chips.roles import CLEAR, CONTROL, NEED
from rojsat.learn.data import sample_arrays
from rojsat.learn.data.sample_arrays import SampleArrays, Store

NEAR = audit.DISTANCE
"""Ground metres to the chips of validation and test and to control areas that a chip of training keeps."""


def read(
    chips: Store,
    rows: pd.DataFrame,
    channels: Sequence[str],
    split: pd.DataFrame,
    *,
    dates: Sequence[str] | None,
    window: int | None = None,
    inside: bool = False,
) -> SampleArrays:
    """Read chips labelled clear as samples whose degree is 0.

    The study's stores have no outline of a stand, so all seen pixels of its box count as clear, but not those in the
    box of a region that may hold need: these are unknown, and so are surroundings.

    Args:
        chips: the chip store.
        rows: chips of one role, a part of the store's index.
        channels: names, expanded.
        split: the table of the chips that are split already, with the column `part`; those of validation and test
            keep their distance, and so do the store's control areas, on which the model is tested as well.
        dates: as in `sample_arrays.read`.
        window: likewise.
        inside: likewise.

    Raises:
        ValueError: if no chip remains.
    """
    held_out = pd.concat([split[split["part"] != "train"], chips.index[chips.index["role"] == CONTROL]])
    clear = rows[rows["label"] == CLEAR]
    near = {region for region, region_rows in clear.groupby("region") if _is_near(region_rows, held_out)}
    far = clear[~clear["region"].isin(near)].reset_index(drop=True)
    if not len(far):
        raise ValueError(
            f"inputs.negatives: no chip labelled {CLEAR} is {NEAR:.0f} m away from validation, test and control areas; "
            f"{len(near)} regions are too near"
        )
    how: dict[str, Any] = {"window": window, "inside": inside}
    samples = sample_arrays.read(chips, far, channels, dates=dates, task="segmentation", **how)
    index = chips.index
    doubtful = boxes.own(index[index["label"].isna() | (index["label"] == NEED)])
    free = np.stack([_free(row, doubtful, samples.seen.shape[1:]) for _, row in samples.rows.iterrows()])
    degrees = np.zeros_like(samples.targets)
    return SampleArrays(samples.images, samples.seen, degrees, samples.seen & free, samples.rows)


def _is_near(rows: pd.DataFrame, held_out: pd.DataFrame) -> bool:
    """Whether chips come nearer than `NEAR` to others."""
    gap = audit.distance(boxes.own(rows), held_out)
    return gap is not None and gap < NEAR


def _free(row: pd.Series, others: pd.DataFrame, shape: tuple[int, ...]) -> np.ndarray:
    """(H, W) bool: the pixels of a chip in its own box and in none of the other chips."""
    free, step = np.zeros(shape, bool), abs(row["transform"][0])
    free[boxes.inside(row)] = True
    columns = ["easting", "northing", "height", "width", "region"]
    for easting, northing, height, width, _ in (
        others.loc[others["crs"] == row["crs"], columns].drop_duplicates().itertuples(index=False)
    ):
        left, top = (easting - row["easting"]) / step, (row["northing"] - northing) / step  # pixels
        bottom, right = np.maximum(0, np.ceil([top + height, left + width])).astype(int)
        free[max(0, int(np.floor(top))) : bottom, max(0, int(np.floor(left))) : right] = False
    return free
