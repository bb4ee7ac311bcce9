"""Estimators on pixels as learners: the same samples, the same metrics, no context but what is asked for; one epoch."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import joblib
import numpy as np
from sklearn.base import is_classifier

from rojsat.evaluation.metrics import Accumulator
from rojsat.learn import inference
from rojsat.learn.data import summaries
from rojsat.learn.data.sample_arrays import CLIP, Statistics
from rojsat.learn.data.samples import Samples
from rojsat.learn.learners.learner import Exported
from rojsat.learn.models.pixel_model import PixelModel, learning_rate
from rojsat.learn.training import Epoch

BATCH = 32
"""Samples whose features are in memory together."""


@dataclass(frozen=True)
class PixelLearner:
    """A scikit-learn estimator of the degree of a pixel from its channels, or from those of the pixels around it too.

    Attributes:
        model: a classifier of zero and non-zero, or a regressor of the degree; fitted in place.
        metrics: makes an empty accumulator.
        seed: of the pixels that are drawn.
        epochs: 1.
        uses_context: whether squares around a pixel are among its features.
    """

    model: PixelModel
    metrics: Callable[[], Accumulator]
    seed: int = 0
    uses_context: bool = field(default=False, init=False)

    epochs: ClassVar[int] = 1
    predicts_untrained: ClassVar[bool] = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "uses_context", bool(self.model.windows))

    def fit(self, train: Samples, val: Samples, folder: Path) -> Iterator[Epoch]:  # noqa: ARG002 - no checkpoints
        """Fit the estimator to known pixels of `train`, and evaluate it on `val`.

        Yields:
            The only `Epoch`.

        Raises:
            ValueError: if no pixel is known.
        """
        start, estimator = time.perf_counter(), self.model.estimator
        train, val = summaries.of(train), summaries.of(val)
        features, target = known_pixels(train, self.model, self.seed)
        estimator.fit(features, target > 0 if is_classifier(estimator) else target)
        for quantile in self.model.quantiles.values():
            quantile.fit(features, target)
        values = inference.compute(self.predict(val), val, self.metrics())
        metrics = {f"val/{name}": value for name, value in values.items()}
        yield Epoch(1, metrics, time.perf_counter() - start, learning_rate=learning_rate(estimator), best=True)

    def predict(self, samples: Samples) -> np.ndarray:
        """Degree, or probability of non-zero, of every seen pixel, (N, H, W) float32; NaN elsewhere."""
        return self._predict(self.model.estimator, samples)

    def predict_quantiles(self, samples: Samples) -> np.ndarray | None:
        """Lowest quantile, median and highest quantile, (3, N, H, W) float32; None without quantiles.

        Each is fitted for itself: where the lowest or the highest crosses the median, the median takes its place.
        """
        if not (quantiles := self.model.quantiles):
            return None
        lowest, highest = (self._predict(quantiles[choose(quantiles)], samples) for choose in (min, max))
        median = self.predict(samples)
        return np.stack([np.minimum(lowest, median), median, np.maximum(highest, median)])

    def _predict(self, estimator: Any, samples: Samples) -> np.ndarray:
        """What an estimator predicts of every seen pixel, (N, H, W) float32; NaN elsewhere."""
        samples = summaries.of(samples)
        predictions = np.full(samples.seen.shape, np.nan, np.float32)
        for start in range(0, len(samples), BATCH):
            seen = samples.seen[start : start + BATCH]
            rows = self.model.features(samples.images[start : start + BATCH].numpy(), seen)
            if len(rows):
                values = estimator.predict_proba(rows)[:, 1] if is_classifier(estimator) else estimator.predict(rows)
                predictions[start : start + BATCH][seen] = values
        return predictions

    def export(self, path: Path, statistics: Statistics, example: np.ndarray) -> Exported:
        """Write the estimator (of quantiles that of the median); the standardisation of its input stands beside it."""
        joblib.dump(self.model.estimator, path)
        settings = {"mean": statistics.mean.tolist(), "std": statistics.std.tolist(), "clip": CLIP}
        settings |= {"window": self.model.window, "windows": list(self.model.windows)}
        return Exported("pixels", (-1, example.shape[1], -1, -1), settings)


def known_pixels(samples: Samples, model: PixelModel, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features (P, F) and degree (P,) of at most `model.pixels` known pixels, drawn without replacement.

    Raises:
        ValueError: if no pixel is known.
    """
    known = samples.known.numpy()
    drawn = _drawn(known, model.pixels, seed)
    chosen = fitted_pixels(samples, model, seed)
    features = np.concatenate(
        [
            model.features(samples.images[start : start + BATCH].numpy(), chosen[start : start + BATCH])
            for start in range(0, len(samples), BATCH)
        ]
    )
    feature_row = np.cumsum(chosen[known]) - 1  # of each known pixel that is drawn
    return features[feature_row[drawn]], samples.targets.numpy()[known][drawn]


def fitted_pixels(samples: Samples, model: PixelModel, seed: int) -> np.ndarray:
    """The pixels (N, H, W) that `known_pixels` takes.

    Raises:
        ValueError: if no pixel is known.
    """
    known = samples.known.numpy()
    is_drawn = np.zeros(int(known.sum()), bool)
    is_drawn[_drawn(known, model.pixels, seed)] = True
    chosen = np.zeros(known.shape, bool)
    chosen[known] = is_drawn
    return chosen


def _drawn(known: np.ndarray, most: int, seed: int) -> np.ndarray:
    """At most so many of the known pixels, by their number among these, in random order."""
    if not (count := int(known.sum())):
        raise ValueError("no pixel of the training part is known; look at its masks")
    return np.random.default_rng(seed).permutation(count)[:most]
