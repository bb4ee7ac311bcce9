"""Estimators on single pixels: the same samples, the same metrics, no context; one pass is all."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.base import is_classifier

from rojsat.evaluation.metrics import Accumulator
from rojsat.learn.data.samples import Samples
from rojsat.learn.inference import judge
from rojsat.learn.training import Epoch


def fit(
    estimator: Any,
    train: Samples,
    val: Samples,
    *,
    metrics: Callable[[], Accumulator],
    pixels: int = 200_000,
    seed: int = 0,
) -> Iterator[Epoch]:
    """Fit a scikit-learn estimator to known pixels of the training part.

    Args:
        estimator: a classifier of zero and non-zero, or a regressor of the degree; changed in place.
        train: samples to learn from.
        val: samples to judge it by.
        metrics: makes an empty accumulator.
        pixels: at most so many known pixels are drawn.
        seed: of the draw.

    Yields:
        The only `Epoch`.

    Raises:
        ValueError: if no pixel is known.
    """
    start = time.perf_counter()
    features, target = known_pixels(train, pixels=pixels, seed=seed)
    estimator.fit(features, target > 0 if is_classifier(estimator) else target)
    found = {f"val/{name}": value for name, value in judge(predict(estimator, val), val, metrics()).items()}
    yield Epoch(1, found, time.perf_counter() - start, learning_rate=float(estimator.learning_rate), best=True)


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
    chosen = np.random.default_rng(seed).permutation(len(target))[:pixels]
    return features[chosen], target[chosen]


def predict(estimator: Any, samples: Samples) -> np.ndarray:
    """Degree, or probability of non-zero, of every pixel, (N, H, W) float32."""
    count, channels, height, width = samples.images.shape
    features = samples.images.numpy().transpose(0, 2, 3, 1).reshape(-1, channels)
    values = estimator.predict_proba(features)[:, 1] if is_classifier(estimator) else estimator.predict(features)
    return np.asarray(values, np.float32).reshape(count, height, width)
