"""Evaluation: from samples to predictions to metrics over the whole set."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from rojsat.evaluation.metrics import Accumulator
from rojsat.learn.data.samples import Samples

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Output, target, known to a scalar: the mean over what is known."""


@dataclass(frozen=True)
class Evaluation:
    """What a model says of a part.

    Attributes:
        metrics: by name, without prefix.
        predictions: degree or probability of class 1 (N, H, W), or probabilities of the classes (N, K); float32.
        targets: (N, H, W) float32 or (N,) int64, -1 where not known.
        known: bool, shape of `targets`.
        seen: (N, H, W) bool.
        rows: the table of the chips, one row a sample.
    """

    metrics: dict[str, float]
    predictions: np.ndarray
    targets: np.ndarray
    known: np.ndarray
    seen: np.ndarray
    rows: pd.DataFrame


def activate(output: Tensor) -> Tensor:
    """From scores to what is predicted.

    (N, 1, H, W) is a degree as it stands; (N, 2, H, W) gives the probability of class 1; (N, K) those of all classes.
    """
    if output.ndim == 2:
        return output.softmax(dim=1)
    return output[:, 0] if output.shape[1] == 1 else output.softmax(dim=1)[:, 1]


@torch.no_grad()
def infer(
    model: nn.Module, samples: Samples, *, batch_size: int, device: torch.device | str = "cpu", loss: Loss | None = None
) -> tuple[np.ndarray, float]:
    """Predict all samples in order.

    Returns:
        Predictions as in `Evaluation`, and the mean loss over all that is known (NaN without `loss` or if nothing is).
    """
    model.eval()
    predictions, total, count = [], 0.0, 0
    for start in range(0, len(samples), batch_size):
        image, target, known = (item.to(device) for item in samples.batch(start, batch_size))
        output = model(image).float()
        predictions.append(activate(output).cpu().numpy())
        if loss is not None:
            number = int(known.sum())
            total, count = total + float(loss(output, target, known)) * number, count + number
    return np.concatenate(predictions), total / count if count and loss is not None else float("nan")


def judge(predictions: np.ndarray, samples: Samples, metrics: Accumulator) -> dict[str, float]:
    """Metrics of predictions over all samples."""
    metrics.update(predictions, samples.targets.numpy(), samples.known.numpy())
    return metrics.compute()


def evaluate(
    predictions: np.ndarray, samples: Samples, metrics: Accumulator, *, loss: float | None = None
) -> Evaluation:
    """Put predictions, their metrics (with `loss`, if given) and what they are judged by side by side."""
    found = judge(predictions, samples, metrics) | ({} if loss is None else {"loss": loss})
    targets, known = samples.targets.numpy(), samples.known.numpy()
    return Evaluation(found, predictions, targets, known, samples.seen, samples.rows)


def by_region(found: Evaluation, metrics: Callable[[], Accumulator]) -> dict[str, dict[str, float]]:
    """The metrics of each region of a part alone."""
    regions = found.rows["region"].astype(str).to_numpy()
    judged = {}
    for region in sorted(set(regions)):
        mine, accumulator = regions == region, metrics()
        accumulator.update(found.predictions[mine], found.targets[mine], found.known[mine])
        judged[region] = accumulator.compute()
    return judged
