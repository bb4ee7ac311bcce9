"""Losses that go with one head each, see `rojsat.learn.models.heads`; `rojsat.learn.losses` says what a loss is."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.distributions import NegativeBinomial
from torch.nn import functional

from rojsat.learn.models import heads


def ordinal(output: Tensor, target: Tensor, known: Tensor, *, edges: Sequence[float] = heads.EDGES) -> Tensor:
    """Mean binary cross entropy of how much of each bin lies below the degree, over the known pixels and the bins.

    Args:
        output: scores of the bins, (N, K, H, W).
        target: degree in [0, 1], (N, H, W).
        known: bool, (N, H, W).
        edges: between the bins, K - 1: `model.head.options.edges`.

    Returns:
        Scalar, 0 or more.

    Raises:
        ValueError: for another number of planes than bins, or labels of complete chips.
    """
    _check_planes("ordinal", output, len(edges) + 1)
    mask = known.unsqueeze(1)
    logits = heads.falling(torch.where(mask, output, 0.0).float())
    low, width = (output.new_tensor(row)[:, None, None] for row in ([0.0, *edges], heads.widths(edges)))
    shares = ((torch.where(mask, target.unsqueeze(1), 0.0) - low) / width).clamp(0, 1)  # (N, K, H, W)
    cost = functional.binary_cross_entropy_with_logits(logits, shares.float(), reduction="none")
    return torch.where(mask, cost, 0.0).sum() / (known.sum().clamp(min=1) * output.shape[1])


def poisson(output: Tensor, target: Tensor, known: Tensor, *, limit: float = 1.0) -> Tensor:
    """Mean negative logarithm of the quasi-Poisson likelihood over the known pixels, without the term of the data.

    Args:
        output: score of the heat, (N, 1, H, W), see `heads.log_heat`.
        target: heat of 0 or more in units of that of degree 1, not cut, (N, H, W).
        known: bool, (N, H, W).
        limit: heat of degree 1 in its own unit, as points a pixel.

    Returns:
        Scalar; below 0 for much heat.

    Raises:
        ValueError: for another number of planes than one, or labels of complete chips.
    """
    _check_planes("poisson", output, 1)
    log_mean = heads.log_heat(torch.where(known, output[:, 0], 0.0).float()) + math.log(limit)
    heat = torch.where(known, target, 0.0) * limit
    return _mean(functional.poisson_nll_loss(log_mean, heat, log_input=True, reduction="none"), known)


def negative_binomial(
    output: Tensor, target: Tensor, known: Tensor, *, dispersion: float | None = None, limit: float = 1.0
) -> Tensor:
    """Mean negative logarithm of the negative binomial likelihood over the known pixels (variance m + dispersion m²).

    Its factorials are gamma functions, so heat need not be whole numbers, as in `heads.poisson`.

    Args:
        output: scores of the heat and, without `dispersion`, of its dispersion: (N, 1 or 2, H, W).
        target: heat of 0 or more in units of that of degree 1, not cut, (N, H, W).
        known: bool, (N, H, W).
        dispersion: one number for all pixels; None: softplus of the second plane, beginning at 1.
        limit: heat of degree 1 in its own unit: the mean alone scales with it, the variance does not.

    Returns:
        Scalar.

    Raises:
        ValueError: for another number of planes, or labels of complete chips.
    """
    _check_planes("negative_binomial", output, 2 if dispersion is None else 1)
    scores = torch.where(known.unsqueeze(1), output, 0.0).float()
    log_mean = heads.log_heat(scores[:, 0]) + math.log(limit)
    if dispersion is None:
        spread = functional.softplus(scores[:, 1] + math.log(math.expm1(1.0))).clamp(*heads.DISPERSION)
    else:
        spread = torch.full_like(log_mean, dispersion)
    heat = torch.where(known, target, 0.0) * limit
    density = NegativeBinomial(1 / spread, logits=log_mean + spread.log(), validate_args=False)
    return _mean(-density.log_prob(heat), known)


def _mean(cost: Tensor, known: Tensor) -> Tensor:
    """The mean of (N, H, W) over the known pixels."""
    return torch.where(known, cost, 0.0).sum() / known.sum().clamp(min=1)


def _check_planes(name: str, output: Tensor, planes: int) -> None:
    """Refuse another number of planes than the head has."""
    if output.ndim != 4 or output.shape[1] != planes:
        raise ValueError(
            f"loss.name={name} needs the {planes} planes of model.head.name={name}, not shape {tuple(output.shape)}"
        )
