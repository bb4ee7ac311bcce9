"""Predictors without an image as learners: the same samples, the same metrics, but images are never read."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from sklearn.exceptions import NotFittedError

from rojsat.evaluation.metrics import Accumulator
from rojsat.learn import inference
from rojsat.learn.data.sample_arrays import Statistics
from rojsat.learn.data.samples import Samples
from rojsat.learn.learners.learner import Exported
from rojsat.learn.models.frame_table import Frames, FrameTable
from rojsat.learn.training import Epoch


@dataclass
class FrameLearner:
    """A table of predictions by the size of a frame and the place in it.

    Attributes:
        fit_table: from the frames of the training part to the table.
        metrics: makes an empty accumulator.
        outputs: of segmentation 1 for a degree, 2 for the probability of non-zero; else the number of classes.
        table: None before it is fitted.
    """

    fit_table: Callable[[Frames], FrameTable]
    metrics: Callable[[], Accumulator]
    outputs: int
    table: FrameTable | None = None

    epochs: ClassVar[int] = 1
    uses_context: ClassVar[bool] = False
    predicts_untrained: ClassVar[bool] = False

    def fit(self, train: Samples, val: Samples, folder: Path) -> Iterator[Epoch]:  # noqa: ARG002 - no checkpoints
        """Fit the table to what is known of `train`, and evaluate it on `val`.

        Yields:
            The only `Epoch`, without a learning rate.

        Raises:
            ValueError: if nothing is known.
        """
        start = time.perf_counter()
        self.table = self.fit_table(frames(train, self.outputs))
        values = inference.compute(self.predict(val), val, self.metrics())
        metrics = {f"val/{name}": value for name, value in values.items()}
        yield Epoch(1, metrics, time.perf_counter() - start, learning_rate=float("nan"), best=True)

    def predict(self, samples: Samples) -> np.ndarray:
        """Degree, or share of non-zero, of every pixel, (N, H, W), or shares of the classes, (N, K); float32.

        Raises:
            sklearn.exceptions.NotFittedError: before `fit`.
        """
        if self.table is None:
            raise NotFittedError("this predictor without an image is not fitted; call fit first")
        return self.table.predict(sizes(samples), *samples.seen.shape[1:])

    def predict_quantiles(self, samples: Samples) -> None:
        """None: there are none."""

    def export(self, path: Path, statistics: Statistics, example: np.ndarray) -> Exported:  # noqa: ARG002 - no image
        """Write the table; elsewhere the array that it is given is the frame."""
        assert self.table is not None
        with path.open("wb") as file:
            np.savez(file, sizes=self.table.sizes, values=self.table.values)
        return Exported("frame", (-1, example.shape[1], -1, -1), {})


def sizes(samples: Samples) -> np.ndarray:
    """(N, 2) int: height and width of the frame of every sample, pixels.

    Of samples with one label those of the region's box in the frame `window` too: there its outline can be a channel.
    """
    is_outlined = samples.window is not None and samples.targets.ndim == 1
    columns = ["box_height", "box_width"] if is_outlined else ["height", "width"]
    return samples.rows[columns].to_numpy(np.int64)


def frames(samples: Samples, outputs: int) -> Frames:
    """What is left of samples without their images.

    Args:
        samples: degrees, or classes.
        outputs: see `FrameLearner`.

    Raises:
        ValueError: if nothing is known.
    """
    targets, known = samples.targets.numpy(), samples.known.numpy()
    if not known.any():
        raise ValueError("no pixel or label of the training part is known; look at its masks or labels")
    if targets.ndim == 1:
        return Frames(sizes(samples), np.eye(outputs)[np.where(known, targets, 0)], known)
    degrees = targets if outputs == 1 else targets > 0
    return Frames(sizes(samples), degrees.astype(np.float64), known, is_drawn=samples.window is not None)
