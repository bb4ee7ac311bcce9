"""Networks as learners: trained epoch by epoch with gradients, on the machine that Fabric gives."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn

from rojsat.learn import checkpoints, export, inference
from rojsat.learn.data import pixel_samples
from rojsat.learn.data.sample_arrays import Statistics
from rojsat.learn.data.samples import Samples
from rojsat.learn.inference import Activation
from rojsat.learn.learners.learner import Exported
from rojsat.learn.models import heads, quantiles
from rojsat.learn.models.heads import Head
from rojsat.learn.models.segmenters.pixel_net import Scored
from rojsat.learn.models.turned import Turned
from rojsat.learn.training import Epoch


@dataclass(frozen=True)
class NetworkLearner:
    """A network and how it is trained.

    Attributes:
        network: standardised channels (N, C, H, W) to scores; trained in place.
        loop: `training.fit` with its settings: from network, train, val and `folder` to epochs.
        epochs: of the loop.
        batch_size: samples predicted together.
        device: of the network.
        estimate: what is done to the network that is kept on the training part, when training is over; None: nothing.
        head: what the network's planes mean.
        weights: the sentence that says which weights it starts from; empty: random initialisation.
        flips: of test-time augmentation, over which predictions and the exported network average; see `Turned`.
        pixels: known pixels of a part that it is trained and validated on, see `pixel_samples`; None: on images.
        seed: of the draw of these pixels.
    """

    network: nn.Module
    loop: Callable[..., Iterator[Epoch]]
    epochs: int
    batch_size: int
    device: torch.device
    estimate: Callable[[nn.Module, Samples], None] | None = None
    head: Head = heads.linear(1)  # noqa: RUF009 - frozen
    weights: str = ""
    flips: tuple[str, ...] = ()
    pixels: int | None = None
    seed: int = 0

    uses_context: ClassVar[bool] = True
    predicts_untrained: ClassVar[bool] = True

    def fit(self, train: Samples, val: Samples | None, folder: Path) -> Iterator[Epoch]:
        """Train, or go on from the last finished epoch of `folder`; in the end load the weights to keep."""
        network: Any = self.network
        if self.pixels is not None:
            draw = partial(pixel_samples.draw, features=network.to("cpu").features, most=self.pixels, seed=self.seed)
            train, val, network = draw(train), None if val is None else draw(val), Scored(network)
        yield from self.loop(network, train, val, folder=folder)
        checkpoints.load_best(network, folder)
        if self.estimate is not None:
            self.estimate(network, train)

    def predict(self, samples: Samples) -> np.ndarray:
        """Degrees or probabilities, (N, H, W), or those of the classes, (N, K); float32."""
        return self._infer(samples, inference.activation(self.head))

    def predict_quantiles(self, samples: Samples) -> np.ndarray | None:
        """Lowest quantile, median and highest quantile, (3, N, H, W) float32; None without quantiles."""
        if not (levels := self.head.quantiles):
            return None
        chosen = [0, levels.index(quantiles.MEDIAN), len(levels) - 1]
        return np.moveaxis(self._infer(samples, lambda planes: planes[:, chosen]), 1, 0)

    def _infer(self, samples: Samples, activate: Activation) -> np.ndarray:
        """What `activate` makes of the network's merged scores, all samples in order."""
        self.network.to(self.device)
        network = self._averaged()
        how: dict[str, Any] = {"batch_size": self.batch_size, "device": self.device}
        return inference.infer(network, samples, activate_scores=activate, **how)[0]

    def _averaged(self) -> nn.Module:
        """The network that predicts."""
        return Turned(self.network, self.flips) if self.flips else self.network

    def export(self, path: Path, statistics: Statistics, example: np.ndarray) -> Exported:
        """Write the network with the standardisation of its input; of quantiles the median alone."""
        self.network.to("cpu")
        activate = inference.activation(self.head)
        shape, smallest = export.save(self._averaged().eval(), statistics, example, path, activate=activate)
        self.network.to(self.device)
        return Exported("network", shape, {"smallest": smallest})
