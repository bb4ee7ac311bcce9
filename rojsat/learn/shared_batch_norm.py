"""Batch normalisation by mean and variance of the batches of all processes that share a training, on any device.

`torch.nn.SyncBatchNorm` does so on GPUs alone. The mean is taken before the variance, for the sake of float32.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.nn.functional import all_reduce
from torch.nn.modules.batchnorm import _BatchNorm

PLAIN = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
"""Layers that are replaced."""


def check(network: nn.Module) -> None:
    """Refuse a network with layers that normalise and do something else in one.

    Raises:
        ValueError: naming the layer.
    """
    for name, layer in network.named_modules():
        if isinstance(layer, _BatchNorm) and type(layer) not in (*PLAIN, SharedBatchNorm):
            kind = type(layer).__name__
            raise ValueError(f"train.sync_bn=true knows no {kind} ({name}); set it to false, or take another network")


def convert(network: nn.Module) -> None:
    """Let every layer of batch normalisation share its moments; weights, statistics and their names stay.

    Args:
        network: in place.

    Raises:
        ValueError: as `check`.
    """
    check(network)
    for parent in list(network.modules()):
        for name, layer in parent.named_children():
            if type(layer) in PLAIN:
                setattr(parent, name, SharedBatchNorm.of(layer))


class SharedBatchNorm(_BatchNorm):
    """A layer of batch normalisation; in training all processes must call it at once, with as many values each."""

    @classmethod
    def of(cls, layer: Any) -> "SharedBatchNorm":
        """The same layer, with the very tensors."""
        shared = cls(layer.num_features, layer.eps, layer.momentum, layer.affine, layer.track_running_stats)
        shared._parameters, shared._buffers, shared.training = layer._parameters, layer._buffers, layer.training
        return shared

    def _check_input_dim(self, input: Tensor) -> None:  # noqa: ARG002 - torch's name; any will do
        return

    def forward(self, input: Tensor) -> Tensor:
        """Normalise (N, C, ...); without training, by the running statistics."""
        if not self.training:
            return super().forward(input)
        values = input.float()
        axes = [axis for axis in range(values.ndim) if axis != 1]
        count = values.numel() // values.shape[1] * torch.distributed.get_world_size()
        mean = all_reduce(values.sum(axes, keepdim=True)) / count
        centred = values - mean
        variance = all_reduce(centred.square().sum(axes, keepdim=True)) / count
        self._follow(mean.detach().flatten(), variance.detach().flatten() * count / max(count - 1, 1))
        normalised = centred * torch.rsqrt(variance + self.eps)
        if self.affine:
            shape = mean.shape
            normalised = normalised * self.weight.view(shape) + self.bias.view(shape)
        return normalised.to(input.dtype)

    def _follow(self, mean: Tensor, variance: Tensor) -> None:
        """Move the running statistics on, as torch does: the variance is that without bias."""
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked.add_(1)
        step = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), step)
        self.running_var.lerp_(variance.to(self.running_var.dtype), step)
