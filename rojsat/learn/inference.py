"""Evaluation: from samples to predictions to metrics over all samples."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from rojsat.evaluation.metrics import Accumulator
from rojsat.learn.data import tiles
from rojsat.learn.data.samples import Samples
from rojsat.learn.models.heads import Head

Loss = Callable[..., Tensor]
"""Output, target, known to a scalar: the mean over the known pixels or chips."""

Activation = Callable[[Tensor], Tensor]
"""From the output of a network to its predictions."""


@dataclass(frozen=True)
class Evaluation:
    """Predictions of a part, and what they are evaluated with.

    Attributes:
        metrics: by name, without prefix.
        predictions: degree or probability of class 1 (N, H, W), or probabilities of the classes (N, K); float32. In the
            frame `window` NaN where no tile is that holds a seen pixel.
        targets: (N, H, W) float32 or (N,) int64, -1 where not known.
        known: bool, shape of `targets`.
        seen: (N, H, W) bool.
        rows: the table of the chips, one row a sample.
        lower: lowest predicted quantile of the degree, like `predictions`; None without quantiles.
        upper: the highest, likewise.
    """

    metrics: dict[str, float]
    predictions: np.ndarray
    targets: np.ndarray
    known: np.ndarray
    seen: np.ndarray
    rows: pd.DataFrame
    lower: np.ndarray | None = None
    upper: np.ndarray | None = None


def activate(output: Tensor) -> Tensor:
    """From scores to predictions.

    (N, 1, H, W) is a degree as it stands; (N, 2, H, W) gives the probability of class 1; (N, K) those of all classes.
    """
    if output.ndim == 2:
        return output.softmax(dim=1)
    return output[:, 0] if output.shape[1] == 1 else output.softmax(dim=1)[:, 1]


def activation(head: Head) -> Activation:
    """From the output of a network with a head to its degree, or `activate` where the head has no way of its own."""
    return head.degree or activate


@torch.no_grad()
def infer(
    model: nn.Module,
    samples: Samples,
    *,
    batch_size: int,
    device: torch.device | str = "cpu",
    loss: Loss | None = None,
    activate_scores: Activation = activate,
    known_alone: bool = False,
) -> tuple[np.ndarray, float]:
    """Predict all samples in order: in the frame `window` by overlapping tiles, whose scores are merged.

    Args:
        model: standardised channels (N, C, H, W) to scores.
        samples: N of them.
        batch_size: samples together.
        device: of the model.
        loss: also taken of the merged scores.
        activate_scores: from merged scores to predictions.
        known_alone: in the frame `window`, leave out tiles without a known pixel; predictions of known pixels and the
            loss stay the same. Nothing else of a prediction may follow from targets or from where they are known.

    Returns:
        Predictions as in `Evaluation`, or those of another `activate_scores`, and the mean loss over all known pixels
        or chips (NaN without `loss` or if none is known).
    """
    model.eval()

    def scores(images: Tensor) -> Tensor:
        output: Tensor = model(images.to(device))
        return output.float()

    predictions, total, count = [], 0.0, 0
    for start in range(0, len(samples), batch_size):
        output = tiles.output(samples, scores, start, batch_size, known_alone=known_alone)
        predictions.append(activate_scores(output).cpu().numpy())
        if loss is not None:
            _, target, known = (tensor.to(output.device) for tensor in samples.batch(start, batch_size))
            number = int(known.sum())
            total, count = total + float(loss(output, target, known)) * number, count + number
    return np.concatenate(predictions), total / count if count and loss is not None else float("nan")


def compute(predictions: np.ndarray, samples: Samples, metrics: Accumulator) -> dict[str, float]:
    """Metrics of predictions over all samples, by name."""
    metrics.update(predictions, samples.targets.numpy(), samples.known.numpy())
    return metrics.compute()


def evaluate(predictions: np.ndarray, samples: Samples, metrics: Accumulator) -> Evaluation:
    """Put predictions, their metrics and what they are evaluated with side by side."""
    targets, known = samples.targets.numpy(), samples.known.numpy()
    values = compute(predictions, samples, metrics)
    return Evaluation(values, predictions, targets, known, samples.seen, samples.rows)


def by_region(evaluation: Evaluation, metrics: Callable[[], Accumulator]) -> dict[str, dict[str, float]]:
    """The metrics of each region of a part alone."""
    regions = evaluation.rows["region"].astype(str).to_numpy()
    values = {}
    for region in sorted(set(regions)):
        inside, accumulator = regions == region, metrics()
        accumulator.update(evaluation.predictions[inside], evaluation.targets[inside], evaluation.known[inside])
        values[region] = accumulator.compute()
    return values
