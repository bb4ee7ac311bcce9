"""Predicts from the years since harvest alone: what a register knows of a stand before any image of it is read."""

from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeRegressor

from rojsat.chips import harvest_years
from rojsat.learn.data.sample_source import Source
from rojsat.learn.data.samples import Samples
from rojsat.learn.models.frame_table import Frames

NAME = harvest_years.CHANNEL
"""Of the predictor."""

LEAVES = 8
"""Classes of age at most, bounded where training tells them best apart."""

SMALLEST = 0.02
"""Share of what is known in training that a class of age must have."""

UNKNOWN = -1.0
"""Years where no harvest is known: a class of age of its own, below all others."""


def is_possible(source: Source) -> bool:
    """Whether the chips know years since harvest."""
    return harvest_years.CHANNEL in source.chips.index


def predict(source: Source, train: Frames, train_rows: pd.DataFrame, samples: Samples) -> np.ndarray:
    """Predict the mean of the training samples of the same class of age, in full years.

    Args:
        source: of all samples.
        train: of the training part, without its images.
        train_rows: the table of its chips.
        samples: to predict; of several dates the years at the last one count.

    Returns:
        (N, H, W) degrees, or (N, K) shares of the classes; float32.

    Raises:
        ValueError: if nothing of the training part is known.
    """
    years = _years(source, train_rows, train.known.shape[1:])[train.known]
    ages, place, count = np.unique(years, return_inverse=True, return_counts=True)
    targets = train.targets[train.known].reshape(len(years), -1)  # (P, 1 or K)
    sums = np.stack([np.bincount(place, column, len(ages)) for column in targets.T], axis=1)
    tree = DecisionTreeRegressor(max_leaf_nodes=LEAVES, min_weight_fraction_leaf=SMALLEST, random_state=0)
    tree.fit(ages[:, None], sums / count[:, None], sample_weight=count)
    asked, place = np.unique(_years(source, samples.rows, samples.targets.shape[1:]), return_inverse=True)
    means = tree.predict(asked[:, None]).reshape(len(asked), -1)[place.ravel()].astype(np.float32)
    return means if samples.targets.ndim == 1 else means.reshape(samples.targets.shape)


def _years(source: Source, rows: pd.DataFrame, shape: tuple[int, ...]) -> np.ndarray:
    """Full years of each pixel, (N, H, W) of a `shape` (H, W), or of each region, (N,), of none; `UNKNOWN` likewise."""
    chips = source.chips.index.set_index("chip", drop=False).loc[rows["chip"]].reset_index(drop=True)
    if shape:
        single = replace(source, channels=(harvest_years.CHANNEL,), dates=None)
        years = single.of(chips).resized(*shape).images[:, 0]
    else:
        years = chips[harvest_years.CHANNEL].to_numpy(float)
    return np.where(np.isnan(years), UNKNOWN, np.floor(years))
