"""A network in a process without rojsat: named channels in, degrees or probabilities out. Knows only its own files."""

from typing import Any

import numpy as np
import torch
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel


class Network(PythonModel):
    """An exported network that standardises its input itself."""

    def load_context(self, context: Any) -> None:
        """Read the network."""
        self.channels: list[str] = context.model_config["channels"]
        self.network = torch.export.load(context.artifacts["model"]).module()

    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201, ARG002
        """Predict. Without type hints: MLflow takes them for the schema.

        Args:
            context: of MLflow.
            model_input: an array (N, H, W) float32 a channel, by its name, in its own unit; NaN where unknown.
            params: none.

        Returns:
            (N, H, W) float32, NaN where no channel is known; of a classifier (N, K).
        """
        images = np.stack([model_input[name] for name in self.channels], axis=1).astype(np.float32)
        with torch.no_grad():
            return np.asarray(self.network(torch.from_numpy(images)).numpy())


set_model(Network())
