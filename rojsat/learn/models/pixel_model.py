"""What an estimator on pixels is, and the features that it reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rojsat.learn.models import pixel_context


@dataclass(frozen=True)
class PixelModel:
    """A scikit-learn estimator and what it reads.

    Attributes:
        estimator: a regressor of the degree, or a classifier with `predict_proba`.
        window: side of the square around a pixel whose channels are its features, pixels; odd. Stands have none: 1.
        windows: sides of larger squares around a pixel, of which mean, deviation, minimum and maximum of every channel
            are features too, pixels; odd. Stands have none.
        deviations: whether the features of a stand hold the deviation of each channel beside its mean.
        pixels: at most so many known pixels of the training part are drawn to fit it.
        quantiles: regressors of the other quantiles, by quantile, where `estimator` is that of the median.
    """

    estimator: Any
    window: int = 1
    windows: Sequence[int] = ()
    deviations: bool = True
    pixels: int = 200_000
    quantiles: Mapping[float, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.window not in (1, 3):
            raise ValueError(f"model.options.window={self.window}: 1, single pixels, or 3, with their neighbours")
        pixel_context.check(self.windows)

    def features(self, images: NDArray[np.float32], chosen: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Features of the chosen pixels.

        Args:
            images: (N, C, H, W) standardised, 0 where not seen.
            chosen: (N, H, W).

        Returns:
            (P, F): rows in the order of `chosen`; first those of `patches`, then those of `pixel_context.statistics`.
        """
        rows = []
        for image, pixels in zip(images, chosen, strict=True):  # the context of one is in memory
            if pixels.any():
                needed = _around(pixels, max([self.window, *self.windows]) // 2)
                part, inside = image[None][..., *needed], pixels[needed]
                own = patches(part, self.window)[0][inside]
                squares = [pixel_context.statistics(part, self.windows)[0][:, inside].T] if self.windows else []
                rows.append(np.concatenate([own, *squares], axis=1))
        count = images.shape[1] * (self.window**2 + len(pixel_context.STATISTICS) * len(self.windows))
        return np.concatenate(rows) if rows else np.empty((0, count), np.float32)


def _around(chosen: NDArray[np.bool_], reach: int) -> tuple[slice, slice]:
    """Rows and columns that hold the chosen pixels (H, W) and all that is within `reach` of one."""
    spans = (np.flatnonzero(chosen.any(axis=axis)) for axis in (1, 0))
    rows, columns = (slice(max(0, span[0] - reach), span[-1] + reach + 1) for span in spans)
    return rows, columns


def patches(images: NDArray[np.float32], window: int) -> NDArray[np.float32]:
    """The channels of the square around every pixel.

    Args:
        images: (N, C, H, W) standardised, 0 where not seen.
        window: side of the square, pixels; odd.

    Returns:
        (N, H, W, window² C): pixels of the square row by row, the C channels of each; 0 beyond the image.
    """
    around = window // 2
    padded = np.pad(images, ((0, 0), (0, 0), (around, around), (around, around)))
    height, width = images.shape[2:]
    shifted = [
        padded[:, :, row : row + height, column : column + width] for row in range(window) for column in range(window)
    ]
    return np.concatenate(shifted, axis=1).transpose(0, 2, 3, 1)


def learning_rate(estimator: Any) -> float:
    """The learning rate of an estimator that has one, else NaN."""
    return float(estimator.get_params().get("learning_rate", np.nan))
