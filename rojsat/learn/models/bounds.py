"""Bounds of a degree: an output of a network that cannot leave [0, 1]."""

from torch import nn


def last(outputs: int, bounded: bool) -> nn.Module:
    """The last layer of a segmenter, without weights: the sigmoid of its scores if `bounded`, else the scores.

    The study's output is linear, and its loss alone keeps it near [0, 1]: early in training it can be far outside.

    Args:
        outputs: K, planes of scores.
        bounded: whether the one plane is a degree in [0, 1].

    Raises:
        ValueError: if several planes are to be bounded: scores of classes become probabilities by themselves.
    """
    if bounded and outputs != 1:
        raise ValueError(f"model.options.bounded=true bounds one plane of degrees (model.outputs=1), not {outputs}")
    return nn.Sigmoid() if bounded else nn.Identity()
