"""A classifier of stands by mean and deviation of their channels, in a process without rojsat. Knows only its files."""

import warnings
from typing import Any

import joblib
import numpy as np
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

YEAR, SEASONS = 365.25, (59, 151, 243, 334)
"""Days of a year; those, from 0, on which spring, summer, autumn and winter begin."""


class Stands(PythonModel):
    """A scikit-learn classifier of the moments of standardised channels."""

    def load_context(self, context: Any) -> None:
        """Read the classifier."""
        self.settings: dict[str, Any] = context.model_config
        self.estimator = joblib.load(context.artifacts["model"])

    def predict(self, context, model_input: np.ndarray, params=None):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, ARG002
        """Predict. The hint keeps MLflow from asking for one; a truer one it would take for the schema.

        Args:
            context: of MLflow.
            model_input: an array (N, H, W) float32 a channel, by its name, in its own unit; NaN where unknown.
            params: none.

        Returns:
            (N, K) float32 probabilities of the classes.
        """
        images = np.stack([model_input[name] for name in self.settings["channels"]], axis=1).astype(np.float32)
        known = np.isfinite(images)
        mean, std = (np.array(self.settings[key], np.float32)[:, None, None] for key in ("mean", "std"))
        standard = np.clip((np.where(known, images, mean) - mean) / std, -self.settings["clip"], self.settings["clip"])
        standard = _over_time(standard, self.settings["channels"])
        seen, standard = known.any(axis=1, keepdims=True), standard.astype(np.float64)
        count = np.maximum(seen.sum(axis=(2, 3)), 1)
        means = np.where(seen, standard, 0).sum(axis=(2, 3)) / count
        features = [means]
        if self.settings["deviations"]:
            squares = np.where(seen, (standard - means[:, :, None, None]) ** 2, 0).sum(axis=(2, 3)) / count
            features.append(np.sqrt(squares))
        return self.estimator.predict_proba(np.concatenate(features, axis=1)).astype(np.float32)


def _over_time(standard: np.ndarray, channels: list[str]) -> np.ndarray:
    """Of images (N, T (C + 3), H, W) of all dates, the median over dates and the mean of each season, (N, 5 C, H, W).

    Which the dates are, the names of channels say; images of one date stay as they are.
    """
    number = sum(name.startswith("seen of date ") for name in channels)
    if not number:
        return standard
    dated = standard.reshape(len(standard), number, -1, *standard.shape[2:])
    sine, cosine = dated[:, :, -2], dated[:, :, -1]
    day = np.rint(np.arctan2(sine, cosine) % (2 * np.pi) / (2 * np.pi) * YEAR)
    season = np.searchsorted(SEASONS, day, side="right")[:, :, None] % len(SEASONS)
    seen = np.where(dated[:, :, -3:-2] > 0, dated[:, :, :-3], np.float32("nan"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # numpy's, on pixels that no date sees
        of_seasons = [np.nanmean(np.where(season == own, seen, np.float32("nan")), 1) for own in range(len(SEASONS))]
        features = np.concatenate([np.nanmedian(seen, axis=1), *of_seasons], axis=1)
    return np.nan_to_num(features).astype(np.float32)


set_model(Stands())
