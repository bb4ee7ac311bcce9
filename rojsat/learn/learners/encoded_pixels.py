"""Estimators on pixels that read the features of a frozen encoder, beside the channels or instead of them."""

import time
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import torch

from rojsat.learn.data import perturbations
from rojsat.learn.data.preparation import Prepared
from rojsat.learn.data.sample_arrays import Statistics
from rojsat.learn.data.samples import Samples
from rojsat.learn.learners import pixels
from rojsat.learn.learners.learner import Exported, Learner
from rojsat.learn.learners.pixels import PixelLearner
from rojsat.learn.models import pixel_context, presto_features
from rojsat.learn.models.presto_features import PrestoFeatures
from rojsat.learn.training import Epoch

CHANNELS = "channels"
"""The channels themselves."""

FEATURES = ("channels", "presto", "presto_random")
"""What an estimator on pixels can read: channels, features of Presto, or those of its random twin, which has the same
architecture and random weights."""

BATCH = 32
"""Samples whose features are in memory together in prediction."""


@dataclass(frozen=True)
class EncodedPixelLearner:
    """An estimator on pixels behind frozen encoders.

    Attributes:
        learner: the estimator; to it features are channels.
        encoders: each from standardised images (N, C, H, W), seen (N, H, W) and the table of the samples to features
            (N, F, H, W).
        with_channels: whether the estimator reads the channels too, before the features.
    """

    learner: PixelLearner
    encoders: Sequence[Callable[[torch.Tensor, np.ndarray, pd.DataFrame], torch.Tensor]]
    with_channels: bool

    predicts_untrained: ClassVar[bool] = False

    @property
    def uses_context(self) -> bool:
        """As the estimator: each encoder sees single pixels."""
        return self.learner.uses_context

    @property
    def epochs(self) -> int:
        """As the estimator."""
        return self.learner.epochs

    def fit(self, train: Samples, val: Samples, folder: Path) -> Iterator[Epoch]:
        """Fit the estimator to the features of the pixels that it draws; the encoders stay as they are."""
        start, asked = time.perf_counter(), copy(train)
        asked.seen = pixels.fitted_pixels(train, self.learner.model, self.learner.seed)
        for epoch in self.learner.fit(self.encoded(asked), self.encoded(perturbations.known_alone(val)), folder):
            yield replace(epoch, seconds=time.perf_counter() - start)
            start = time.perf_counter()

    def predict(self, samples: Samples) -> np.ndarray:
        """Degree, or probability of non-zero, of every seen pixel, (N, H, W) float32; NaN elsewhere."""
        return np.concatenate([self.learner.predict(self.encoded(part)) for part in _parts(samples)])

    def predict_quantiles(self, samples: Samples) -> np.ndarray | None:
        """Lowest quantile, median and highest quantile, (3, N, H, W) float32; None without quantiles."""
        quantiles = [self.learner.predict_quantiles(self.encoded(part)) for part in _parts(samples)]
        planes = [plane for plane in quantiles if plane is not None]
        return np.concatenate(planes, axis=1) if planes else None

    def export(self, path: Path, statistics: Statistics, example: np.ndarray) -> Exported:  # noqa: ARG002 - none is written
        """Refused: an encoder asks for place and month, which the input of a registered model has not."""
        raise ValueError("a model that reads inputs.features of an encoder is not exported")

    def encoded(self, samples: Samples) -> Samples:
        """The samples with features for channels: of pixels that count as seen, or of all that neighbours may see.

        What an estimator sees around a pixel are features of every visible pixel, as it is of channels. Those of some
        alone would say which these are, and with `perturbations.known_alone` what is known of labels.
        """
        sees_neighbours = self.learner.model.window > 1 or self.uses_context
        seen = pixel_context.visible(samples.images.numpy()) if sees_neighbours else samples.seen
        features = [encode(samples.images, seen, samples.rows) for encode in self.encoders]
        encoded = copy(samples)
        encoded.images = torch.cat([samples.images, *features] if self.with_channels else features, 1)
        return encoded


def encoded(learner: Learner, features: Sequence[str], data: Prepared, device: torch.device, seed: int) -> Learner:
    """The learner behind the encoders that `features` names; the learner itself where it reads channels alone.

    Args:
        learner: an estimator on pixels, where features are asked for.
        features: some of `FEATURES`.
        data: its samples.
        device: of the encoders.
        seed: of random weights.

    Raises:
        ValueError: for another learner, and channels or dates that an encoder does not take.
    """
    if list(features) == [CHANNELS]:
        return learner
    if not isinstance(learner, PixelLearner):
        raise ValueError(f"inputs.features={list(features)} is for estimators on pixels, task segmentation")
    weights = {"presto": None, "presto_random": seed}
    source = data.source
    encoders = [
        PrestoFeatures(
            presto_features.encoder(seed=weights[name]), source.channels, source.dates, data.statistics, device
        )
        for name in features
        if name != CHANNELS
    ]
    return EncodedPixelLearner(learner, encoders, CHANNELS in features)


def _parts(samples: Samples) -> Iterator[Samples]:
    """The samples, `BATCH` at a time."""
    for start in range(0, len(samples), BATCH):
        chosen, part = slice(start, start + BATCH), copy(samples)
        for name in ("images", "targets", "known", "seen"):
            setattr(part, name, getattr(samples, name)[chosen])
        part.rows = samples.rows.iloc[chosen].reset_index(drop=True)
        yield part
