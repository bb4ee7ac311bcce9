"""Heads: what the planes of scores of a segmenter mean. Each function of `__all__` is one, named by `model.head`.

A head says how many planes a segmenter gives, which loss is fitted to them and what degree in [0, 1] they stand for. So
every segmenter takes every head: its last layer stays as it is, or gets the keywords of `bounds.last`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from rojsat.learn.models.quantiles import START, check, median

__all__ = ["bounded", "linear", "negative_binomial", "ordinal", "poisson", "quantiles"]

EDGES = (0.1, 0.25, 0.5)
"""Inner edges of the bins of `ordinal`: the first is the threshold of non-zero need (`metrics.threshold`), and each bin
is wider than the one below, because most degrees are small (of objects_27: 71, 5, 10 and 13 % of the pixels)."""

DISPERSION = (1e-3, 1e3)
"""Least and greatest dispersion of counts: below, they are Poisson's in float32; above, all is 0 or huge."""

_SHIFT = math.log(math.expm1(START))
"""Added to scores before the softplus that makes them a degree, which so begins at `START`."""


@dataclass(frozen=True)
class Head:
    """What the planes of a segmenter mean.

    Attributes:
        outputs: that the segmenter is built with: the planes that it gives, or the one degree of `options`.
        options: of the segmenter, which make its last layer.
        loss: that alone fits the head; None: any loss of as many planes.
        loss_options: what the loss must know of the head.
        degree: from planes (N, P, H, W) to the predicted degree (N, H, W); None: as `inference.activate` has it.
        quantiles: of the degree that the planes are; none of another head.
        of_heat: whether the loss takes heat, not cut at degree 1.
    """

    outputs: int
    options: Mapping[str, Any] = field(default_factory=dict)
    loss: str | None = None
    loss_options: Mapping[str, Any] = field(default_factory=dict)
    degree: Callable[[Tensor], Tensor] | None = None
    quantiles: tuple[float, ...] = ()
    of_heat: bool = False


def linear(outputs: int) -> Head:
    """Scores as they stand: one of them is the degree (Svensson 2020), several are scores of classes.

    Args:
        outputs: of `model.outputs`.
    """
    return Head(outputs)


def bounded(outputs: int) -> Head:
    """The sigmoid of one score, a degree that cannot leave [0, 1].

    Args:
        outputs: of `model.outputs`.

    Raises:
        ValueError: for more outputs than one, as all heads but `linear`.
    """
    _check_degree("bounded", outputs)
    return Head(1, options={"bounded": True})


def quantiles(outputs: int, *, quantiles: Sequence[float] = (0.05, 0.5, 0.95), bounded: bool = True) -> Head:
    """Quantiles that do not cross, of which the median is the prediction; see `rojsat.learn.models.quantiles`.

    Args:
        outputs: of `model.outputs`.
        quantiles: Q, rising, the median among them.
        bounded: whether each is a degree in [0, 1], by a sigmoid. If not, the median of ground not trained on can be a
            degree of 4: the absolute error pulls it back by no more than it does near 1.

    Raises:
        ValueError: for quantiles that are not possible.
    """
    check(quantiles, outputs)
    levels = tuple(map(float, quantiles))
    return Head(
        1,
        options={"quantiles": list(levels), **({"bounded": True} if bounded else {})},
        loss="pinball",
        loss_options={"quantiles": levels},
        degree=partial(median, quantiles=levels),
        quantiles=levels,
    )


def ordinal(outputs: int, *, edges: Sequence[float] = EDGES) -> Head:
    """Bins of the degree in their order: for each, how much of it lies below the degree.

    A degree y fills the bin from a to b by t = min(max((y - a) / (b - a), 0), 1), and the sum of the bins' widths times
    t is y. A plane gives the logit of t of a bin, so the prediction is the expected degree, without a choice of what a
    bin stands for. With 0 or 1 for t it were ordinal regression by binary tasks (Niu et al. 2016, Ordinal Regression
    with Multiple Output CNN). Logits fall from bin to bin by softplus steps, so no upper bin is fuller than a lower
    one: the consistency that Cao, Mirjalili and Raschka (2020, CORAL) reach by shared weights.

    Args:
        outputs: of `model.outputs`.
        edges: between K bins, K - 1 degrees, rising in (0, 1).

    Raises:
        ValueError: for edges that do not rise between 0 and 1, or none.
    """
    _check_degree("ordinal", outputs)
    inner = tuple(map(float, edges))
    if not inner or not all(low < high for low, high in zip((0.0, *inner), (*inner, 1.0), strict=True)):
        raise ValueError(
            f"model.head.options.edges={list(edges)}: they rise and lie between 0 and 1, as in {list(EDGES)}"
        )
    degree = partial(expected, edges=inner)
    return Head(len(inner) + 1, loss="ordinal", loss_options={"edges": inner}, degree=degree)


def poisson(outputs: int) -> Head:
    """The expected heat of a pixel, whose variance is in proportion to it (quasi-Poisson, Wedderburn 1974).

    Heat is a whole number of points for the measure `counts` without `max_stop` alone; seconds, density and points
    weighted by their break are none. The likelihood needs none: its maximum is the mean for any heat of 0 or more
    (Gourieroux, Monfort and Trognon 1984). The predicted degree is the expected heat, divided and cut by the split's
    scale as the targets are.

    Args:
        outputs: of `model.outputs`.
    """
    _check_degree("poisson", outputs)
    return Head(1, loss="poisson", degree=expected_heat, of_heat=True)


def negative_binomial(outputs: int, *, dispersion: float | None = None) -> Head:
    """The expected heat of a pixel, whose variance also grows with its square: mean + dispersion · mean².

    Args:
        outputs: of `model.outputs`.
        dispersion: one number for all pixels; None: a second plane learns that of each pixel.

    Raises:
        ValueError: for a dispersion out of `DISPERSION`.
    """
    _check_degree("negative_binomial", outputs)
    if dispersion is not None and not DISPERSION[0] <= dispersion <= DISPERSION[1]:
        raise ValueError(
            f"model.head.options.dispersion is null, or {DISPERSION[0]:g} to {DISPERSION[1]:g}, not {dispersion}"
        )
    return Head(
        1 if dispersion is not None else 2,
        loss="negative_binomial",
        loss_options={"dispersion": dispersion},
        degree=expected_heat,
        of_heat=True,
    )


def with_options(head: Head, outputs: int, options: Mapping[str, Any]) -> Head:
    """The head, or that of quantiles where a model's own option `quantiles` asks for it.

    Args:
        head: of `model.head`.
        outputs: of `model.outputs`.
        options: of `model.options`, which may have `bounded` and `quantiles`.

    Raises:
        ValueError: for two heads, or quantiles that are no list of numbers or not possible.
    """
    asked = [name for name in ("bounded", "quantiles") if options.get(name)]
    if not asked or (asked == ["bounded"] and (head == linear(outputs) or head.quantiles)):
        return head
    if head != linear(outputs):
        raise ValueError(f"model.options.{asked[-1]} and model.head are two heads: leave one of them out")
    levels = options["quantiles"]
    if not isinstance(levels, list) or not all(isinstance(level, float | int) for level in levels):
        raise ValueError(f"model.options.quantiles is a list of numbers, as [0.05, 0.5, 0.95], not {levels!r}")
    return quantiles(outputs, quantiles=levels, bounded=bool(options.get("bounded")))


def falling(scores: Tensor) -> Tensor:
    """Logits (N, K, H, W) that fall along K, from scores: the first as it stands, the others a softplus step below."""
    steps = functional.softplus(scores[:, 1:]).cumsum(1)
    return torch.cat([scores[:, :1], scores[:, :1] - steps], dim=1)


def widths(edges: Sequence[float]) -> list[float]:
    """Widths of the K bins between 0, the K - 1 edges and 1."""
    return [high - low for low, high in zip((0.0, *edges), (*edges, 1.0), strict=True)]


def expected(scores: Tensor, *, edges: Sequence[float]) -> Tensor:
    """(N, H, W), the expected degree in [0, 1] of the scores (N, K, H, W) of `ordinal`."""
    shares = falling(scores).sigmoid()
    return (shares * shares.new_tensor(widths(edges))[:, None, None]).sum(1)


def log_heat(scores: Tensor) -> Tensor:
    """Logarithm of the expected heat, in units of that of degree 1, of scores of any size: log(softplus(scores)).

    An exponential would do too, but its heat of a pixel unlike those trained on has no bound worth the name.
    """
    shifted = scores + _SHIFT
    middle = shifted.clamp(min=-15.0)  # below, the logarithm is the score itself to the seventh digit
    return functional.softplus(middle).log() + (shifted - middle)


def expected_heat(scores: Tensor) -> Tensor:
    """(N, H, W), the degree in [0, 1] of the scores (N, 1 or 2, H, W) of counts: their expected heat, cut at 1."""
    return functional.softplus(scores[:, 0] + _SHIFT).clamp(max=1.0)


def _check_degree(name: str, outputs: int) -> None:
    """Refuse several outputs."""
    if outputs != 1:
        raise ValueError(f"model.head.name={name} is of one degree (model.outputs=1), not of {outputs} outputs")
