"""Estimators of stands as learners: each by mean and deviation of its channels; one epoch is all."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import joblib
import numpy as np

from rojsat.chips import boxes
from rojsat.evaluation.metrics import Accumulator
from rojsat.learn import inference
from rojsat.learn.data import summaries
from rojsat.learn.data.sample_arrays import CLIP, Statistics
from rojsat.learn.data.samples import Samples
from rojsat.learn.learners.learner import Exported
from rojsat.learn.models.pixel_model import PixelModel, learning_rate
from rojsat.learn.training import Epoch


@dataclass(frozen=True)
class StandLearner:
    """A scikit-learn classifier of stands.

    Attributes:
        model: fitted in place; its window is 1, and it has no windows.
        metrics: makes an empty accumulator.
        outputs: number of classes.
    """

    model: PixelModel
    metrics: Callable[[], Accumulator]
    outputs: int

    epochs: ClassVar[int] = 1
    uses_context: ClassVar[bool] = False
    predicts_untrained: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.model.window != 1 or self.model.windows:
            name, value = ("windows", self.model.windows) if self.model.windows else ("window", self.model.window)
            raise ValueError(f"model.options.{name}={value} is for pixels; a stand has mean and deviation")

    def fit(self, train: Samples, val: Samples, folder: Path) -> Iterator[Epoch]:  # noqa: ARG002 - no checkpoints
        """Fit the classifier to the labelled stands of `train`, and evaluate it on `val`.

        Yields:
            The only `Epoch`.

        Raises:
            ValueError: unless stands of all classes are known.
        """
        start, known = time.perf_counter(), train.known.numpy()
        labels = train.targets.numpy()[known]
        if (count := len(np.unique(labels))) < self.outputs:
            raise ValueError(
                f"the training part has labelled stands of {count} classes, {self.outputs} are to be told apart"
            )
        self.model.estimator.fit(self.features(train)[known], labels)
        values = inference.compute(self.predict(val), val, self.metrics())
        metrics = {f"val/{name}": value for name, value in values.items()}
        rate = learning_rate(self.model.estimator)
        yield Epoch(1, metrics, time.perf_counter() - start, learning_rate=rate, best=True)

    def predict(self, samples: Samples) -> np.ndarray:
        """Probabilities of the classes, (N, K) float32."""
        return np.asarray(self.model.estimator.predict_proba(self.features(samples)), np.float32)

    def predict_quantiles(self, samples: Samples) -> None:
        """None: there are none."""

    def export(self, path: Path, statistics: Statistics, example: np.ndarray) -> Exported:
        """Write the classifier; the standardisation of its input stands beside the file."""
        joblib.dump(self.model.estimator, path)
        settings = {"mean": statistics.mean.tolist(), "std": statistics.std.tolist(), "clip": CLIP}
        return Exported("stands", (-1, example.shape[1], -1, -1), settings | {"deviations": self.model.deviations})

    def features(self, samples: Samples) -> np.ndarray:
        """(N, C) means, or (N, 2 C) with the deviations behind them, of the seen pixels; 0 where none is seen.

        In the frame `window` of those in the box of the stand. The C of a series are its `summaries`.
        """
        samples = summaries.of(samples)
        seen, images = samples.seen[:, None].copy(), samples.images.numpy().astype(np.float64)
        if samples.window is not None:
            is_inside = np.zeros_like(seen)
            for number, row in enumerate(samples.rows.to_dict("records")):
                is_inside[number, 0][boxes.inside(row)] = True
            seen &= is_inside
        count = np.maximum(seen.sum(axis=(2, 3)), 1)  # (N, 1)
        means = np.where(seen, images, 0).sum(axis=(2, 3)) / count
        if not self.model.deviations:
            return means
        squares = np.where(seen, (images - means[:, :, None, None]) ** 2, 0).sum(axis=(2, 3)) / count
        return np.concatenate([means, np.sqrt(squares)], axis=1)
