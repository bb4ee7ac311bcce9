"""A network in a process without rojsat: named channels in, degrees or probabilities out. Knows only its own files."""

from typing import Any

import numpy as np
import torch
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

SMALLEST = 33
"""Height and width that every network takes, pixels, where a model does not say what its `smallest` is."""


class Network(PythonModel):
    """An exported network that standardises its input itself."""

    def load_context(self, context: Any) -> None:
        """Read the network."""
        self.channels: list[str] = context.model_config["channels"]
        self.smallest = int(context.model_config.get("smallest", SMALLEST))
        self.network = torch.export.load(context.artifacts["model"]).module()

    def predict(self, context, model_input: np.ndarray, params=None):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, ARG002
        """Predict. The hint keeps MLflow from asking for one; a truer one it would take for the schema.

        Args:
            context: of MLflow.
            model_input: an array (N, H, W) float32 a channel, by its name, in its own unit; NaN where unknown. A side
                below `smallest` is padded with unknown pixels, at the right and the bottom as in training.
            params: none.

        Returns:
            (N, H, W) float32, NaN where no channel is known; of a classifier (N, K).
        """
        images = np.stack([model_input[name] for name in self.channels], axis=1).astype(np.float32)
        height, width = images.shape[2:]
        padding = [(0, 0), (0, 0), (0, max(0, self.smallest - height)), (0, max(0, self.smallest - width))]
        images = np.pad(images, padding, constant_values=np.nan)
        with torch.no_grad():
            predictions = np.asarray(self.network(torch.from_numpy(images)).numpy())
        return predictions if predictions.ndim == 2 else predictions[:, :height, :width]


set_model(Network())
