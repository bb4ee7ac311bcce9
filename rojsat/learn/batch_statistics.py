"""Statistics of batch normalisation, estimated again when training is over.

In training they follow the weights as a moving average. After few steps, or at a high learning rate, they are far from
what the weights of the best epoch give, and evaluation, which uses them, is far from training.
"""

from collections.abc import Iterator
from copy import copy

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.swa_utils import update_bn

from rojsat.learn import machine
from rojsat.learn.data.samples import EpochSampler, Samples


def check(network: nn.Module) -> None:
    """Refuse a network whose statistics cannot be estimated.

    Raises:
        ValueError: for a network without batch normalisation.
    """
    if not any(isinstance(layer, _BatchNorm) for layer in network.modules()):
        raise ValueError("train.update_bn=true needs a network with batch normalisation; set it to false")


def estimate(
    network: nn.Module, train: Samples, *, batch_size: int, device: torch.device | str = "cpu", seed: int = 0
) -> None:
    """Estimate mean and variance of every layer of batch normalisation again; no weight changes.

    `torch.optim.swa_utils.update_bn` (Izmailov et al. 2018, Averaging Weights Leads to Wider Optima, section 3.2) over
    the training part without augmentation (in the frame `window` over windows, drawn as in an epoch before the first):
    the average over batches of their mean and variance. Batches are
    drawn at random from a seed, so that each holds many regions, and differ by at most one sample, so that each counts
    alike. Dropout draws from the same seed; the random generators are left as they were.

    Args:
        network: in place; its mode stays.
        train: the training part.
        batch_size: samples a batch at least, if there are as many.
        device: where it is done.
        seed: of the batches and of dropout.
    """
    before = machine.random_states()
    machine.seed_all(seed)
    update_bn(batches(train, batch_size, seed), network.to(device), device=torch.device(device))
    machine.restore(before)


def batches(train: Samples, batch_size: int, seed: int) -> Iterator[Tensor]:
    """Images of all samples, or windows of an epoch, in random order, evenly in batches of `batch_size` or more.

    Of samples that are streamed a portion, see `Samples.portion`.
    """
    plain = copy(train.portion())
    plain.augmentation = None
    numbers = np.array([number for _, number in EpochSampler(plain.draws, seed=seed, epoch=0)])
    for part in np.array_split(numbers, max(1, len(numbers) // batch_size)):
        yield torch.stack([plain[0, int(number)][0] for number in part])
