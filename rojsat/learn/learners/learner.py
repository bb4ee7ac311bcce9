"""What every learner can do: fit, predict, export. Knows neither the experiment nor a kind of model."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np

from rojsat.learn.data.sample_arrays import Statistics
from rojsat.learn.data.samples import Samples
from rojsat.learn.training import Epoch


@dataclass(frozen=True)
class Exported:
    """A trained model in a file.

    Attributes:
        kind: `rojsat/serving/mlflow_<kind>.py` loads the file.
        shape: of its input, (N, C, H, W); -1 where any size will do.
        settings: what must be known beside the file; JSON-ready.
    """

    kind: str
    shape: tuple[int, ...]
    settings: dict[str, Any]


class Learner(Protocol):
    """A model that learns from samples.

    Attributes:
        uses_context: whether a prediction depends on pixels beyond the next, so that the edge of an image matters.
        predicts_untrained: whether it predicts before the first epoch.
        epochs: how many `Epoch`s `fit` yields.
    """

    predicts_untrained: ClassVar[bool]

    @property
    def uses_context(self) -> bool:
        """Whether a prediction depends on pixels beyond the next."""
        ...

    @property
    def epochs(self) -> int:
        """How many `Epoch`s `fit` yields."""
        ...

    def fit(self, train: Samples, val: Samples, folder: Path) -> Iterator[Epoch]:
        """Learn from `train`; in the end the model is that of the best epoch on `val`.

        Args:
            train: samples to train on.
            val: samples that choose the best epoch.
            folder: of checkpoints; a learner that has them goes on from the last finished epoch.
        """
        ...

    def predict(self, samples: Samples) -> np.ndarray:
        """Degrees or probabilities, (N, H, W), or those of the classes, (N, K); float32."""
        ...

    def predict_quantiles(self, samples: Samples) -> np.ndarray | None:
        """Lowest quantile, median (what `predict` gives) and highest quantile of the degrees, (3, N, H, W) float32.

        None for a learner without quantiles.
        """
        ...

    def export(self, path: Path, statistics: Statistics, example: np.ndarray) -> Exported:
        """Write the trained model as one file that takes channels in their own units.

        Args:
            path: of the file.
            statistics: of the channels in the training part.
            example: (N, C, H, W) float32 in the channels' own units, N at least 2.
        """
        ...
