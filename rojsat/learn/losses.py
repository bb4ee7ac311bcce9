"""Losses. Each function of `__all__` is one; its name in an experiment is its name here.

A loss takes a network's output, the target and what is known of it, and gives a scalar: the mean over what is
known, 0 if nothing is. What is not known is chosen away (`where`), never multiplied away, so that not even a
NaN there reaches loss or gradient.
"""

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["cross_entropy", "masked_mse"]

IGNORED = -100
"""The class that cross entropy skips; no class of ours."""


def cross_entropy(output: Tensor, target: Tensor, known: Tensor) -> Tensor:
    """Mean cross entropy over what is known.

    Args:
        output: scores, (N, K) of chips or (N, K, H, W) of pixels, K > 1.
        target: class of the chip, (N,) in 0..K-1; or degree of the pixel, (N, H, W): above 0 is class 1, else 0.
        known: bool, shape of `target`.

    Returns:
        Scalar.

    Raises:
        ValueError: for a single output, which has nothing to choose between.
    """
    if output.shape[1] < 2:
        raise ValueError("cross_entropy needs at least 2 outputs (model.outputs=2), not 1; or take masked_mse")
    label = target > 0 if output.ndim == 4 else target
    label = torch.where(known, label.long(), IGNORED)
    score = torch.where(known.unsqueeze(1), output, 0.0)
    total = functional.cross_entropy(score, label, ignore_index=IGNORED, reduction="sum")
    return total / known.sum().clamp(min=1)


def masked_mse(output: Tensor, target: Tensor, known: Tensor) -> Tensor:
    """Mean squared error over the known pixels (Svensson 2020: sum over them, divided by their number).

    Args:
        output: degree, (N, 1, H, W).
        target: degree in [0, 1], (N, H, W).
        known: bool, (N, H, W).

    Returns:
        Scalar.

    Raises:
        ValueError: for another number of outputs than one, or labels of whole chips.
    """
    if output.ndim != 4 or output.shape[1] != 1:
        raise ValueError(f"masked_mse needs one plane of degrees (model.outputs=1), not shape {tuple(output.shape)}")
    difference = torch.where(known, output[:, 0], 0.0) - torch.where(known, target, 0.0)
    return difference.square().sum() / known.sum().clamp(min=1)
