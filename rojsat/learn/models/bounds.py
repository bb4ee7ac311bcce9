"""The last layer of a segmenter: scores as they are, a degree that cannot leave [0, 1], or quantiles of it."""

from collections.abc import Sequence

from torch import nn

from rojsat.learn.models.quantiles import Ordered, check


def planes(outputs: int, quantiles: Sequence[float]) -> int:
    """How many planes of scores come before the last layer: one a quantile, or one an output.

    Raises:
        ValueError: for quantiles that are not possible, see `quantiles.check`.
    """
    if not quantiles:
        return outputs
    check(quantiles, outputs)
    return len(quantiles)


def last(outputs: int, bounded: bool, quantiles: Sequence[float] = ()) -> nn.Module:
    """The last layer of a segmenter, without weights: the sigmoid of its scores if `bounded`, else the scores.

    The study's output is linear, and its loss alone keeps it near [0, 1]: early in training it can be far outside.

    Args:
        outputs: K, planes of scores.
        bounded: whether the one plane, or each quantile of it, is a degree in [0, 1].
        quantiles: none, or those that the planes are put in order for, before the sigmoid, see `quantiles.Ordered`.

    Raises:
        ValueError: if several planes are to be bounded: scores of classes become probabilities by themselves.
    """
    if bounded and outputs != 1:
        raise ValueError(f"model.options.bounded=true bounds one plane of degrees (model.outputs=1), not {outputs}")
    bound = nn.Sigmoid() if bounded else nn.Identity()
    return nn.Sequential(Ordered(quantiles), bound) if quantiles else bound
