"""An estimator on pixels in a process without rojsat. Knows only its own files."""

import warnings
from typing import Any

import joblib
import numpy as np
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

YEAR, SEASONS = 365.25, (59, 151, 243, 334)
"""Days of a year; those, from 0, on which spring, summer, autumn and winter begin."""


class Pixels(PythonModel):
    """A scikit-learn estimator of standardised channels."""

    def load_context(self, context: Any) -> None:
        """Read the estimator."""
        self.settings: dict[str, Any] = context.model_config
        self.estimator = joblib.load(context.artifacts["model"])

    def predict(self, context, model_input: np.ndarray, params=None):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, ARG002
        """Predict. The hint keeps MLflow from asking for one; a truer one it would take for the schema.

        Args:
            context: of MLflow.
            model_input: an array (N, H, W) float32 a channel, by its name, in its own unit; NaN where unknown.
            params: none.

        Returns:
            (N, H, W) float32, NaN where no channel is known.
        """
        images = np.stack([model_input[name] for name in self.settings["channels"]], axis=-1).astype(np.float32)
        known, window = np.isfinite(images), self.settings["window"]
        mean, std = (np.array(self.settings[key], np.float32) for key in ("mean", "std"))
        standard = np.clip((np.where(known, images, mean) - mean) / std, -self.settings["clip"], self.settings["clip"])
        standard = np.moveaxis(_over_time(np.moveaxis(standard, -1, 1), self.settings["channels"]), 1, -1)
        around, (height, width) = window // 2, images.shape[1:3]
        padded = np.pad(standard, ((0, 0), (around, around), (around, around), (0, 0)))
        places = [(row, column) for row in range(window) for column in range(window)]
        shifted = [padded[:, row : row + height, column : column + width] for row, column in places]
        context = [plane for side in self.settings["windows"] for plane in _square_statistics(standard, side)]
        features = np.concatenate([*shifted, *context], axis=-1)
        features = features.reshape(-1, features.shape[-1])
        classifies = hasattr(self.estimator, "predict_proba")
        values = self.estimator.predict_proba(features)[:, 1] if classifies else self.estimator.predict(features)
        return np.where(known.any(axis=-1), values.reshape(images.shape[:-1]), np.nan).astype(np.float32)


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


def _square_statistics(images: np.ndarray, side: int) -> list[np.ndarray]:
    """Mean, deviation, minimum and maximum of squares around every pixel, (N, H, W, C) each.

    Of what is not 0 in all channels, as pixels without data are; 0 where a square has nothing else.
    """
    visible = (images != 0).any(axis=-1, keepdims=True)
    count = _squares(visible.astype(np.float64), side, 0).sum(axis=(-1, -2))
    values, parts = np.where(visible, images, 0).astype(np.float64), np.maximum(count, 1)
    mean = _squares(values, side, 0).sum(axis=(-1, -2)) / parts
    variance = _squares(values**2, side, 0).sum(axis=(-1, -2)) / parts - mean**2
    ends = (np.where(visible, images, end) for end in (np.inf, -np.inf))
    minimum, maximum = (_squares(plane, side, end) for plane, end in zip(ends, (np.inf, -np.inf), strict=True))
    lowest, highest = minimum.min(axis=(-1, -2)), maximum.max(axis=(-1, -2))
    statistics = [mean, np.sqrt(np.maximum(variance, 0)), *(np.where(count > 0, end, 0) for end in (lowest, highest))]
    return [plane.astype(np.float32) for plane in statistics]


def _squares(planes: np.ndarray, side: int, outside: float) -> np.ndarray:
    """A view of the square around every pixel, (N, H, W, C, side, side)."""
    around = (side // 2, side // 2)
    padded = np.pad(planes, ((0, 0), around, around, (0, 0)), constant_values=outside)
    return np.lib.stride_tricks.sliding_window_view(padded, (side, side), (1, 2))


set_model(Pixels())
