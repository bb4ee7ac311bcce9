"""A trained network as one file that needs no rojsat: raw channels in, degrees or probabilities out."""

import contextlib
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.export import Dim

from rojsat.learn.data.sample_arrays import CLIP, Statistics
from rojsat.learn.inference import Activation, activate

LARGEST = 33
"""Height and width that every network takes, pixels: 32 halved five times is one pixel."""


class StandardisingNetwork(nn.Module):
    """A network together with the standardisation of its input and the activation of its output.

    Args:
        network: standardised channels (N, C, H, W) to scores.
        statistics: of the channels in the training part.
        activate: from scores to what is given.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, statistics: Statistics, activate: Activation = activate) -> None:
        super().__init__()
        self.network, self.activate = network, activate
        self.register_buffer("mean", torch.from_numpy(statistics.mean)[:, None, None])
        self.register_buffer("std", torch.from_numpy(statistics.std)[:, None, None])

    def forward(self, channels: Tensor) -> Tensor:
        """(N, C, H, W), NaN where unknown, to (N, H, W), NaN where no channel is known, or to (N, K)."""
        known = torch.isfinite(channels)
        standard = (torch.where(known, channels, self.mean) - self.mean) / self.std
        output = self.activate(self.network(standard.clamp(-CLIP, CLIP)))
        return output if output.ndim == 2 else torch.where(known.any(dim=1), output, torch.nan)


def save(
    network: nn.Module, statistics: Statistics, example: np.ndarray, path: Path, *, activate: Activation = activate
) -> tuple[tuple[int, ...], int]:
    """Write the network with `torch.export`.

    Args:
        network: in evaluation mode, on the CPU.
        statistics: of its channels.
        example: (N, C, H, W) float32, N at least 2: a single one would fix the batch size.
        path: of the file, `.pt2`.
        activate: from the network's scores to the file's output.

    Returns:
        The shape of its input, -1 where any size will do; and the smallest height and width that it takes, pixels.
    """
    free = {0: Dim.AUTO, 2: Dim.AUTO, 3: Dim.AUTO}
    with torch.no_grad():
        complete = StandardisingNetwork(network, statistics, activate).eval()
        program = torch.export.export(complete, (torch.from_numpy(example),), dynamic_shapes=(free,))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # torch's, on tensors that share storage
        torch.export.save(program, path)
    (node,) = [node for node in program.graph.nodes if node.name == program.graph_signature.user_inputs[0]]
    return tuple(size if isinstance(size, int) else -1 for size in node.meta["val"].shape), _smallest(program, example)


def _smallest(program: torch.export.ExportedProgram, example: np.ndarray) -> int:
    """The smallest height and width that an export takes: it refuses those at which a stage would have one pixel."""
    module = program.module()
    for side in range(1, LARGEST):
        with contextlib.suppress(AssertionError, RuntimeError, ValueError), torch.no_grad():
            module(torch.zeros(2, example.shape[1], side, side))
            return side
    return LARGEST
