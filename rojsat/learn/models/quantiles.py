"""Quantiles of a degree instead of one degree: which are possible, and a last layer whose quantiles never cross."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

MEDIAN = 0.5
"""The quantile that is the prediction."""

START = 0.25
"""Step between neighbouring quantiles where a network's score of it is 0: their distance before training, degree."""


def check(quantiles: Sequence[float], outputs: int) -> None:
    """Refuse quantiles of which no median and no interval can be made.

    Args:
        quantiles: of `model.options.quantiles`.
        outputs: of `model.outputs`.

    Raises:
        ValueError: unless they rise, lie between 0 and 1, and have the median with at least one on each side; or if
            there is more than one output.
    """
    inside = all(0 < quantile < 1 for quantile in quantiles)
    rising = list(quantiles) == sorted(set(quantiles))
    if not (inside and rising and MEDIAN in quantiles[1:-1]):
        raise ValueError(
            f"model.options.quantiles={list(quantiles)}: they rise, lie between 0 and 1, and have {MEDIAN} (the "
            "prediction) with at least one on each side, as in [0.05, 0.5, 0.95]; or leave the option out"
        )
    if outputs != 1:
        raise ValueError(f"model.options.quantiles are of a degree (model.outputs=1), not of {outputs} outputs")


def median(planes: Tensor, quantiles: Sequence[float]) -> Tensor:
    """(N, H, W), the prediction: the plane of (N, Q, H, W) that is the median."""
    return planes[:, list(quantiles).index(MEDIAN)]


class Ordered(nn.Module):
    """From scores to quantiles: the median as it stands, each other one a softplus step further away from it.

    The quantiles of one output cannot cross (Gasthaus et al. 2019, Probabilistic Forecasting with Spline Quantile
    Function RNNs, make them of positive steps likewise). It has no weights.

    Args:
        quantiles: Q, rising, one of them `MEDIAN`.
    """

    def __init__(self, quantiles: Sequence[float]) -> None:
        super().__init__()
        self.middle = list(quantiles).index(MEDIAN)
        self.shift = math.log(math.expm1(START))  # softplus of it is START

    def forward(self, scores: Tensor) -> Tensor:
        """(N, Q, H, W) to (N, Q, H, W), which rise along Q."""
        middle = scores[:, self.middle : self.middle + 1]
        steps = functional.softplus(scores + self.shift)
        below = steps[:, : self.middle].flip(1).cumsum(1).flip(1)
        return torch.cat([middle - below, middle, middle + steps[:, self.middle + 1 :].cumsum(1)], dim=1)
