"""Optimizers. Each function of `__all__` is one: parameters and learning rate in, optimizer out."""

from collections.abc import Iterable

from torch import optim
from torch.nn import Parameter

__all__ = ["adam", "adamw", "sgd"]


def adam(
    parameters: Iterable[Parameter], lr: float, *, weight_decay: float = 0.0, betas: tuple[float, float] = (0.9, 0.999)
) -> optim.Optimizer:
    """Adam (Kingma and Ba 2015)."""
    return optim.Adam(parameters, lr=lr, weight_decay=weight_decay, betas=(betas[0], betas[1]))


def adamw(
    parameters: Iterable[Parameter], lr: float, *, weight_decay: float = 0.01, betas: tuple[float, float] = (0.9, 0.999)
) -> optim.Optimizer:
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019)."""
    return optim.AdamW(parameters, lr=lr, weight_decay=weight_decay, betas=(betas[0], betas[1]))


def sgd(
    parameters: Iterable[Parameter], lr: float, *, momentum: float = 0.9, weight_decay: float = 0.0
) -> optim.Optimizer:
    """Stochastic gradient descent with momentum; the default 0.9 is the study's."""
    return optim.SGD(parameters, lr=lr, momentum=momentum, weight_decay=weight_decay)
