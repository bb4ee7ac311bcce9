"""Losses. Each function of `__all__` is one; its name in an experiment is its name here.

A loss takes a network's output, the target and where the target is known, and gives a scalar over the known pixels or
chips: a mean, or (`soft_iou`, Lovász) one of a ratio of sums; 0 if none is known. Unknown ones are selected out, never
multiplied by 0, so that not even their NaN reaches loss or gradient.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from rojsat.learn.likelihoods import negative_binomial, ordinal, poisson

__all__ = [
    "cross_entropy",
    "lovasz_cross_entropy",
    "lovasz_hinge",
    "lovasz_softmax",
    "masked_mse",
    "negative_binomial",
    "ordinal",
    "pinball",
    "poisson",
    "soft_iou",
]

OUTPUTS = {
    "cross_entropy": (2, None),
    "lovasz_cross_entropy": (2, None),
    "lovasz_hinge": (2, 2),
    "lovasz_softmax": (2, None),
    "masked_mse": (1, 1),
    "negative_binomial": (1, 1),
    "ordinal": (1, 1),
    "pinball": (1, 1),
    "poisson": (1, 1),
    "soft_iou": (1, 1),
}
"""Fewest and most outputs of a network (`model.outputs`) that a loss takes; None: any number. Those of `OF_HEADS` take
the one degree that the planes of their head stand for."""

OF_HEADS = {
    "negative_binomial": "negative_binomial",
    "ordinal": "ordinal",
    "pinball": "quantiles",
    "poisson": "poisson",
}
"""Losses that fit the planes of one head (`rojsat.learn.models.heads`) and of no other, with that head."""

FROM_HEAD = ("dispersion", "edges", "limit", "quantiles")
"""Keywords of theirs that are no options: the head and the scale of the degree decide them."""

OF_PIXELS = (
    "lovasz_cross_entropy",
    "lovasz_hinge",
    "lovasz_softmax",
    "masked_mse",
    "negative_binomial",
    "ordinal",
    "pinball",
    "poisson",
    "soft_iou",
)
"""Losses that need planes of pixels, and take no labels of complete chips."""

IGNORED = -100
"""The class that cross entropy skips; no class has this number."""


SMALLEST_UNION = 1e-6
"""The smallest union that is divided by, pixels."""


def cross_entropy(output: Tensor, target: Tensor, known: Tensor) -> Tensor:
    """Mean cross entropy over the known pixels or chips.

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


def lovasz_softmax(output: Tensor, target: Tensor, known: Tensor) -> Tensor:
    """Lovász-softmax: a convex surrogate of one minus the IoU of each class that is there (Berman et al. 2018).

    One IoU of all known pixels of the batch, not one a chip: most chips have few pixels of a class.

    Args:
        output: scores, (N, K, H, W), K > 1.
        target: degree, (N, H, W): above 0 is class 1, else 0.
        known: bool, (N, H, W).

    Returns:
        Scalar in [0, 1].

    Raises:
        ValueError: for a single output, or labels of complete chips.
    """
    scores, labels = _known_scores("lovasz_softmax", output, target, known)
    return _lovasz("multiclass", scores.T[None, :, None], labels[None, None])


def lovasz_hinge(output: Tensor, target: Tensor, known: Tensor) -> Tensor:
    """Lovász hinge: the same of class 1 alone, of errors as a support vector machine counts them (Yu, Blaschko 2015).

    The margin of a pixel is how far the score of its own class lies above the other; up to 1 it costs.

    Args:
        output: scores, (N, 2, H, W).
        target: degree, (N, H, W): above 0 is class 1, else 0.
        known: bool, (N, H, W).

    Returns:
        Scalar, 0 or more.

    Raises:
        ValueError: for another number of outputs than two, or labels of complete chips.
    """
    scores, labels = _known_scores("lovasz_hinge", output, target, known)
    if output.shape[1] != 2:
        raise ValueError(f"lovasz_hinge needs 2 outputs (model.outputs=2), not {output.shape[1]}")
    return _lovasz("binary", (scores[:, 1] - scores[:, 0])[None, None], labels[None, None])


def lovasz_cross_entropy(output: Tensor, target: Tensor, known: Tensor, *, weight: float = 1.0) -> Tensor:
    """Cross entropy plus `weight` times Lovász-softmax, whose arguments and errors it has.

    The first keeps probabilities honest and the gradient of every pixel alive, the second is near the metric.
    """
    return cross_entropy(output, target, known) + weight * lovasz_softmax(output, target, known)


def masked_mse(output: Tensor, target: Tensor, known: Tensor) -> Tensor:
    """Mean squared error over the known pixels (Svensson 2020: sum over them, divided by their number).

    Args:
        output: degree, (N, 1, H, W).
        target: degree in [0, 1], (N, H, W).
        known: bool, (N, H, W).

    Returns:
        Scalar.

    Raises:
        ValueError: for another number of outputs than one, or labels of complete chips.
    """
    _check_plane("masked_mse", output)
    difference = torch.where(known, output[:, 0], 0.0) - torch.where(known, target, 0.0)
    return difference.square().sum() / known.sum().clamp(min=1)


def pinball(output: Tensor, target: Tensor, known: Tensor, *, quantiles: Sequence[float] = (0.05, 0.5, 0.95)) -> Tensor:
    """Mean pinball loss of quantiles over the known pixels and the quantiles (Koenker and Bassett 1978).

    An error of the target above the quantile q costs q times as much as it is large, one below it 1 - q times. Its mean
    is least where a share q of the targets lies below.

    Args:
        output: quantiles of the degree, (N, Q, H, W).
        target: degree in [0, 1], (N, H, W).
        known: bool, (N, H, W).
        quantiles: Q in (0, 1), those of the network: `model.head.options.quantiles`.

    Returns:
        Scalar.

    Raises:
        ValueError: for another number of planes than quantiles, or labels of complete chips.
    """
    if output.ndim != 4 or output.shape[1] != len(quantiles):
        raise ValueError(
            f"pinball needs a plane of each of the quantiles {list(quantiles)}, not shape {tuple(output.shape)}; "
            "model.head.name=quantiles of a segmenter gives them, and loss.name=masked_mse does without"
        )
    mask = known.unsqueeze(1)
    above = torch.where(mask, target.unsqueeze(1), 0.0) - torch.where(mask, output, 0.0)  # (N, Q, H, W)
    share = output.new_tensor(list(quantiles))[:, None, None]
    cost = torch.maximum(share * above, (share - 1) * above)
    return cost.sum() / (known.sum().clamp(min=1) * len(quantiles))


def soft_iou(output: Tensor, target: Tensor, known: Tensor) -> Tensor:
    """One minus the intersection over union of continuous degrees, over the known pixels of the batch.

    Intersection and union are the sums of the smaller and of the greater of the two degrees of each pixel (Ruzicka
    1958; of soft labels: Wang, Ning and Blaschko 2023, Jaccard Metric Losses). For degrees of 0 and 1 alone it is the
    IoU of sets that van Beers et al. (2019) train with.

    The output is linear and has no bounds. Degrees are clipped to [0, 1] in the ratio, and the mean distance of the
    output from [0, 1] over the known pixels is added: without it, outputs outside would have no gradient.

    Args:
        output: degree, (N, 1, H, W).
        target: degree in [0, 1], (N, H, W).
        known: bool, (N, H, W).

    Returns:
        Scalar: in [0, 1] for degrees in [0, 1]; 0 where both are 0 everywhere.

    Raises:
        ValueError: for another number of outputs than one, or labels of complete chips.
    """
    _check_plane("soft_iou", output)
    linear, truth = torch.where(known, output[:, 0], 0.0), torch.where(known, target, 0.0)
    degree = linear.clamp(0, 1)
    union = torch.maximum(degree, truth).sum().clamp(min=SMALLEST_UNION)
    beyond = (linear - degree.detach()).abs()
    return (degree - truth).abs().sum() / union + beyond.sum() / known.sum().clamp(min=1)


def _check_plane(name: str, output: Tensor) -> None:
    """Refuse any output but one plane of degrees."""
    if output.ndim != 4 or output.shape[1] != 1:
        raise ValueError(f"{name} needs one plane of degrees (model.outputs=1), not shape {tuple(output.shape)}")


def _known_scores(name: str, output: Tensor, target: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Scores (P, K) and classes (P,) of the known pixels: a softmax of unknown scores would pass their NaN back."""
    if output.ndim != 4 or output.shape[1] < 2:
        raise ValueError(f"{name} needs scores of pixels (model.outputs=2), not shape {tuple(output.shape)}")
    return output.movedim(1, -1)[known].float(), (target[known] > 0).long()


def _lovasz(mode: str, scores: Tensor, labels: Tensor) -> Tensor:
    """The loss of segmentation_models_pytorch over (1, K, 1, P) scores, or (1, 1, P) margins; 0 of no pixel."""
    from segmentation_models_pytorch.losses import (
        LovaszLoss,
    )  # here: a second of imports that other losses can do without

    if not labels.numel():
        return scores.sum()
    value: Tensor = LovaszLoss(mode, per_image=False)(scores, labels)
    return value
