"""Metrics, accumulated over all batches. Only known pixels and labels enter; knows neither torch nor files."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from rojsat.chips import roles


class Accumulator(Protocol):
    """Collects predictions batch by batch, then evaluates them all at once."""

    def update(self, prediction: np.ndarray, target: np.ndarray, known: np.ndarray) -> None:
        """Take one batch."""
        ...

    def compute(self) -> dict[str, float]:
        """The metrics of all batches so far; NaN where one is not defined."""
        ...


class NonFiniteError(ValueError):
    """A loss or predictions are NaN or infinite: no metric can be made of them."""


def check_finite(prediction: np.ndarray) -> np.ndarray:
    """Refuse predictions of known pixels or samples that are no numbers; NaN is neither need nor clear.

    Args:
        prediction: of any shape.

    Returns:
        `prediction`.

    Raises:
        NonFiniteError: with their share.
    """
    if (share := float(np.mean(~np.isfinite(prediction))) if prediction.size else 0.0) > 0:
        raise NonFiniteError(f"{share:.3g} of the predictions are NaN or infinite; no metric can be made of them")
    return prediction


def _ratio(part: float, total: float) -> float:
    return float(part) / float(total) if total else float("nan")


class Segmentation:
    """How well a plane of degrees or probabilities meets the mask.

    Zero and non-zero are told apart by `prediction > threshold` and `target > 0` (Svensson 2020, future work).

    Args:
        threshold: degree or probability above which a predicted pixel counts as non-zero, [0, 1].
        degree: whether predictions are degrees. A probability of need is none: it ranks pixels, but has no error.
    """

    def __init__(self, threshold: float = 0.5, *, degree: bool = True) -> None:
        self.threshold = threshold
        self.degree = degree
        self._predictions: list[np.ndarray] = []
        self._targets: list[np.ndarray] = []

    def update(self, prediction: np.ndarray, target: np.ndarray, known: np.ndarray) -> None:
        """Take one batch: prediction and target (N, H, W) in [0, 1], known (N, H, W) bool.

        Raises:
            NonFiniteError: where a prediction of a known pixel is NaN or infinite.
        """
        self._predictions.append(check_finite(prediction[known]).astype(np.float64))
        self._targets.append(target[known].astype(np.float64))

    def compute(self) -> dict[str, float]:
        """mse, rmse, mae, r2 of a degree; spearman; iou, f1, precision, recall, false_positive_rate of non-zero.

        `false_positive_rate` is the share of the pixels without need that are predicted non-zero; `prevalence` that of
        the pixels with need, the IoU of predicting need everywhere.
        """
        prediction = np.concatenate([np.empty(0), *self._predictions])
        target = np.concatenate([np.empty(0), *self._targets])
        errors = degrees(prediction, target) if self.degree else {}
        rank = {"spearman": spearman(prediction, target)}
        prevalence = {"prevalence": _ratio(int(np.sum(target > 0)), target.size)}
        return errors | rank | overlap(prediction > self.threshold, target > 0) | prevalence


def degrees(prediction: np.ndarray, target: np.ndarray) -> dict[str, float]:
    """Errors of predicted degrees, both (P,): mse, rmse, mae, r2; NaN where not defined."""
    if not target.size:
        return dict.fromkeys(("mse", "rmse", "mae", "r2"), float("nan"))
    mse = float(np.mean((prediction - target) ** 2))
    return {
        "mse": mse,
        "rmse": float(np.sqrt(mse)),
        "mae": float(np.mean(np.abs(prediction - target))),
        "r2": 1 - _ratio(mse, float(np.var(target))),
    }


def spearman(first: np.ndarray, second: np.ndarray) -> float:
    """Rank correlation of two series (P,), ties at their mean rank; NaN if one is constant or both are empty."""
    if not first.size:
        return float("nan")
    ranks = [pd.Series(values).rank().to_numpy() for values in (first, second)]
    first_rank, second_rank = (rank - rank.mean() for rank in ranks)
    return _ratio(
        float(first_rank @ second_rank), float(np.sqrt((first_rank @ first_rank) * (second_rank @ second_rank)))
    )


def overlap(predicted: np.ndarray, actual: np.ndarray) -> dict[str, float]:
    """Agreement of two sets of pixels, bool (P,): iou, f1, precision, recall, false_positive_rate."""
    hits = int(np.sum(predicted & actual))
    false_positives, false_negatives = int(np.sum(predicted & ~actual)), int(np.sum(~predicted & actual))
    return {
        "iou": _ratio(hits, hits + false_positives + false_negatives),
        "f1": _ratio(2 * hits, 2 * hits + false_positives + false_negatives),
        "precision": _ratio(hits, hits + false_positives),
        "recall": _ratio(hits, hits + false_negatives),
        "false_positive_rate": _ratio(false_positives, int(np.sum(~actual))),
    }


def controls(
    prediction: np.ndarray, seen: np.ndarray, labels: Sequence[str | None], threshold: float, need: str = roles.NEED
) -> dict[str, Any]:
    """Predictions of chips that have no mask, only one label.

    Args:
        prediction: (N, H, W) degree or probability.
        seen: (N, H, W) bool; only these pixels count.
        labels: of the N chips; a chip without a label does not count.
        threshold: above which a pixel counts as predicted non-zero.
        need: the label of chips in need.

    Returns:
        By label `false_positive_rate`, the share of its seen pixels that are predicted non-zero, and their `mean`;
        beside them `false_positive_rate` of all chips without need. NaN where no pixel is seen.

    Raises:
        NonFiniteError: where a prediction of a seen pixel is NaN or infinite.
    """
    chip_labels = np.asarray(labels, dtype=object)
    values = {
        label: check_finite(prediction[chip_labels == label][seen[chip_labels == label]])
        for label in sorted({label for label in labels if label is not None})
    }
    without_need = np.concatenate([np.empty(0), *(pixels for label, pixels in values.items() if label != need)])
    return {
        "false_positive_rate": _ratio(int(np.sum(without_need > threshold)), without_need.size),
        **{
            label: {
                "false_positive_rate": _ratio(int(np.sum(pixels > threshold)), pixels.size),
                "mean": _ratio(float(pixels.sum(dtype=np.float64)), pixels.size),
            }
            for label, pixels in values.items()
        },
    }


class Classification:
    """How well scores of classes meet the labels.

    Args:
        classes: their names, in the order of the scores.
    """

    def __init__(self, classes: Sequence[str] = roles.CLASSES) -> None:
        self.classes = tuple(classes)
        self._confusion = np.zeros((len(self.classes), len(self.classes)), dtype=np.int64)

    def update(self, prediction: np.ndarray, target: np.ndarray, known: np.ndarray) -> None:
        """Take one batch: scores (N, K), labels (N,) in 0..K-1, known (N,) bool.

        Raises:
            NonFiniteError: where a score of a known sample is NaN or infinite.
        """
        chosen = check_finite(prediction[known]).argmax(axis=1)
        np.add.at(self._confusion, (target[known].astype(np.int64), chosen), 1)

    def confusion(self) -> np.ndarray:
        """Counts (K, K): row = true class, column = predicted class."""
        return self._confusion.copy()

    def compute(self) -> dict[str, float]:
        """accuracy; kappa; precision, recall, f1, support a class (`f1_need`); their macro, weighted means; prevalence.

        `prevalence` is the share of the last class, need. As in scikit-learn's classification report, what is not
        defined counts as 0 in the means.
        """
        counts = self._confusion
        support, hits = counts.sum(axis=1), np.diag(counts)
        scores = {
            "precision": _shares(hits, counts.sum(axis=0)),
            "recall": _shares(hits, support),
            "f1": _shares(2 * hits, counts.sum(axis=0) + support),
        }
        result = {"accuracy": _ratio(int(hits.sum()), int(support.sum())), "kappa": float(kappa(counts))}
        for name, values in scores.items():
            result |= {f"{name}_{label}": float(value) for label, value in zip(self.classes, values, strict=True)}
            result[f"{name}_macro"] = float(values.mean())
            result[f"{name}_weighted"] = _ratio(float(values @ support), float(support.sum()))
        result |= {f"support_{c}": float(n) for c, n in zip(self.classes, support, strict=True)}
        return result | {"prevalence": _ratio(int(support[-1]), int(support.sum()))}


def kappa(counts: np.ndarray) -> np.ndarray:
    """Cohen's kappa (1960): agreement beyond that of chance with the same shares, over that which is possible.

    Args:
        counts: (..., K, K) row = true class, column = predicted class.

    Returns:
        (...) at most 1; 0 of a constant prediction; NaN of nothing, or where both are one and the same class alone.
    """
    total = counts.sum(axis=(-2, -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        agreed = np.trace(counts, axis1=-2, axis2=-1) / total
        by_chance = (counts.sum(axis=-1) * counts.sum(axis=-2)).sum(axis=-1) / total**2
        return np.asarray(np.where(by_chance < 1, (agreed - by_chance) / (1 - by_chance), np.nan))


def confusion(prediction: np.ndarray, target: np.ndarray, known: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    """Counts (K, K) of one batch, see `Classification`: row = true class, column = predicted class."""
    accumulator = Classification(classes)
    accumulator.update(prediction, target, known)
    return accumulator.confusion()


def _shares(part: np.ndarray, total: np.ndarray) -> np.ndarray:
    """`part / total`, 0 where `total` is 0."""
    return np.where(total > 0, part / np.maximum(total, 1), 0.0)
