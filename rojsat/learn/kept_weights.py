"""Which weights a training keeps: those of the best epoch, of the last one, or an average of many.

An average is a second network beside the one that is trained (`torch.optim.swa_utils.AveragedModel`). From the moment
that there is one, validation evaluates it: the metrics of an epoch are those of the weights that would be kept if it
were the last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from rojsat.config import lookup
from rojsat.learn import batch_statistics
from rojsat.learn.data.samples import Samples

KEPT = ("best", "last", "ema", "average")
"""best: the epoch with the best validation metric; last: the last epoch; ema: the exponential moving average over all
steps; average: the mean of the last epochs (Izmailov et al. 2018, Averaging Weights Leads to Wider Optima)."""


@dataclass(frozen=True)
class Keep:
    """What a training keeps.

    Attributes:
        weights: of `KEPT`.
        ema_decay: of the moving average a step, in [0, 1); in the first steps lower, see `decay`.
        averaged_epochs: last epochs in the mean.
    """

    weights: str = "best"
    ema_decay: float = 0.999
    averaged_epochs: int = 5

    def check(self, epochs: int, *, is_validated: bool = True) -> None:
        """Refuse what cannot be kept of a training of that many epochs, with or without validation.

        Raises:
            rojsat.config.lookup.UnknownNameError: for weights that are none of `KEPT`.
            ValueError: for a decay out of its range, a mean of more epochs than there are, or the best of epochs that
                nothing validates.
        """
        if self.weights == "best" and not is_validated:
            raise ValueError("train.keep=best needs a validation part to choose by; last, ema and average do not")
        if self.weights not in KEPT:
            raise lookup.unknown("train.keep", self.weights, KEPT)
        if not 0 <= self.ema_decay < 1:
            raise ValueError(f"train.ema_decay is at least 0 and below 1, not {self.ema_decay}")
        if self.averaged_epochs < 1 or (self.weights == "average" and self.averaged_epochs > epochs):
            raise ValueError(
                f"train.averaged_epochs is at least 1 and, with train.keep=average, at most the {epochs} of "
                f"train.epochs, not {self.averaged_epochs}"
            )

    def averaged(self, model: nn.Module) -> AveragedModel | None:
        """The network that holds the average, empty; None where none is kept."""
        if self.weights == "ema":
            return AveragedModel(model, multi_avg_fn=self._move, use_buffers=True)
        return AveragedModel(model) if self.weights == "average" else None

    def after_step(self, average: AveragedModel | None, model: nn.Module) -> None:
        """Move the moving average on; its statistics of batch normalisation move like its weights."""
        if average is not None and self.weights == "ema":
            average.update_parameters(model)

    def after_epoch(
        self, average: AveragedModel | None, model: nn.Module, train: Samples, *, left: int, batch_size: int, seed: int
    ) -> nn.Module:
        """The network that validation evaluates, with the epoch that has ended.

        Args:
            average: as `averaged` gave it.
            model: as trained.
            train: the training part, on which a mean's statistics of batch normalisation are estimated again.
            left: epochs that are still to come.
            batch_size: samples a batch of that estimate.
            seed: of its batches.
        """
        if average is None:
            return model
        if self.weights == "average":
            if left >= self.averaged_epochs:
                return model
            average.update_parameters(model)
            if any(isinstance(layer, _BatchNorm) for layer in average.modules()):
                device = next(average.parameters()).device
                batch_statistics.estimate(average.module, train, batch_size=batch_size, device=device, seed=seed)
        return average.module

    def is_kept(self, history: Sequence[Mapping[str, Any]], record: Mapping[str, Any], metric: str, mode: str) -> bool:
        """Whether an epoch's weights would be kept if it were the last.

        With `best` it has to beat all epochs before it; the first always does, and NaN, of a metric that is not
        defined, never does after it. With all others the last one is kept, whatever validation says.

        Args:
            history: records of the epochs before.
            record: of the epoch.
            metric: its name in the records' `metrics`.
            mode: "min" or "max" of it.
        """
        sign = 1 if mode == "max" else -1

        def score(entry: Mapping[str, Any]) -> float:
            value = sign * float(entry["metrics"][metric])
            return value if value == value else -float("inf")

        return self.weights != "best" or not history or score(record) > max(score(entry) for entry in history)

    def _move(
        self,
        averaged: tuple[Tensor, ...] | list[Tensor],
        current: tuple[Tensor, ...] | list[Tensor],
        steps: Tensor | int,
    ) -> None:
        """Move the average, of `steps` steps, towards the current weights."""
        get_ema_multi_avg_fn(decay(self.ema_decay, int(steps)))(averaged, current, steps)


def decay(most: float, steps: int) -> float:
    """Decay of the moving average after some steps: that of a training that lasts is `most`.

    min(most, (1 + n) / (10 + n)), as in TensorFlow's ExponentialMovingAverage: the average is of about the last ninth
    of the steps, until the decay is reached. With 0.999 from the start the weights of the first step would be a third
    of the average after 1,000 steps.
    """
    return min(most, (1 + steps) / (10 + steps))
