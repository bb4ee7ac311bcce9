"""How well a network fills in covered pixels: the loss of pre-training, and its metric."""

import numpy as np
import torch
from torch import Tensor

from rojsat.evaluation.metrics import check_finite


def squared_error(output: Tensor, target: Tensor, known: Tensor) -> Tensor:
    """Mean squared error over covered pixels and channels.

    Args:
        output: standardised channels as filled in, (N, C, H, W).
        target: as they are, (N, C, H, W).
        known: which pixels are covered, (N, H, W) bool.

    Returns:
        Scalar; 0 where none is covered.
    """
    error = torch.where(known[:, None], output - target, 0.0).square().mean(1)
    return error.sum() / known.sum().clamp(min=1)


class Filling:
    """Share of the variance of covered pixels that is explained, R² over all channels: the mean of a channel has 0."""

    def __init__(self) -> None:
        self.errors: list[np.ndarray] = []
        self.targets: list[np.ndarray] = []

    def update(self, prediction: np.ndarray, target: np.ndarray, known: np.ndarray) -> None:
        """Take one batch: (N, C, H, W), (N, C, H, W) and (N, H, W) bool."""
        predicted, true = (np.moveaxis(planes, 1, -1)[known] for planes in (prediction, target))  # (P, C)
        self.errors.append(check_finite(predicted).astype(np.float64) - true)
        self.targets.append(true.astype(np.float64))

    def compute(self) -> dict[str, float]:
        """`r2`, at most 1; NaN where nothing varies."""
        if not self.errors:
            return {"r2": float("nan")}
        errors, targets = np.concatenate(self.errors), np.concatenate(self.targets)
        variance = float(((targets - targets.mean(0)) ** 2).sum()) if len(targets) else 0.0
        return {"r2": 1 - float((errors**2).sum()) / variance if variance else float("nan")}
