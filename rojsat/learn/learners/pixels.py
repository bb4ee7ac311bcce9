"""Estimators on single pixels as learners: the same samples, the same metrics, no context; one epoch is all."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import joblib
import numpy as np
from sklearn.base import is_classifier

from rojsat.evaluation.metrics import Accumulator
from rojsat.learn import inference
from rojsat.learn.data.sample_arrays import CLIP, Statistics
from rojsat.learn.data.samples import Samples
from rojsat.learn.learners.learner import Exported
from rojsat.learn.training import Epoch


@dataclass(frozen=True)
class PixelLearner:
    """A scikit-learn estimator of the degree of a pixel from its channels.

    Attributes:
        estimator: a classifier of zero and non-zero, or a regressor of the degree; fitted in place.
        metrics: makes an empty accumulator.
        seed: of the pixels that are drawn.
        pixels: at most so many known pixels of the training part are drawn.
        epochs: 1.
    """

    estimator: Any
    metrics: Callable[[], Accumulator]
    seed: int = 0
    pixels: int = 200_000

    epochs: ClassVar[int] = 1
    uses_context: ClassVar[bool] = False
    predicts_untrained: ClassVar[bool] = False

    def fit(self, train: Samples, val: Samples, folder: Path) -> Iterator[Epoch]:  # noqa: ARG002 - no checkpoints
        """Fit the estimator to known pixels of `train`, and evaluate it on `val`.

        Yields:
            The only `Epoch`.

        Raises:
            ValueError: if no pixel is known.
        """
        start = time.perf_counter()
        features, target = known_pixels(train, pixels=self.pixels, seed=self.seed)
        self.estimator.fit(features, target > 0 if is_classifier(self.estimator) else target)
        values = inference.compute(self.predict(val), val, self.metrics())
        metrics = {f"val/{name}": value for name, value in values.items()}
        rate = float(self.estimator.learning_rate)
        yield Epoch(1, metrics, time.perf_counter() - start, learning_rate=rate, best=True)

    def predict(self, samples: Samples) -> np.ndarray:
        """Degree, or probability of non-zero, of every pixel, (N, H, W) float32."""
        count, channels, height, width = samples.images.shape
        features = samples.images.numpy().transpose(0, 2, 3, 1).reshape(-1, channels)
        if is_classifier(self.estimator):
            values = self.estimator.predict_proba(features)[:, 1]
        else:
            values = self.estimator.predict(features)
        return np.asarray(values, np.float32).reshape(count, height, width)

    def export(self, path: Path, statistics: Statistics, example: np.ndarray) -> Exported:
        """Write the estimator; the standardisation of its input stands beside the file."""
        joblib.dump(self.estimator, path)
        standardisation = {"mean": statistics.mean.tolist(), "std": statistics.std.tolist(), "clip": CLIP}
        return Exported("pixels", (-1, example.shape[1], -1, -1), standardisation)


def known_pixels(samples: Samples, *, pixels: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Standardised channels (P, C) and degree (P,) of at most `pixels` known pixels, drawn without replacement.

    Raises:
        ValueError: if no pixel is known.
    """
    known = samples.known.numpy()
    features = samples.images.numpy().transpose(0, 2, 3, 1)[known]
    target = samples.targets.numpy()[known]
    if not len(target):
        raise ValueError("no pixel of the training part is known; look at its masks")
    drawn = np.random.default_rng(seed).permutation(len(target))[:pixels]
    return features[drawn], target[drawn]
