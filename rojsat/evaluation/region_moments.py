"""Sums over the known pixels or samples of each region, enough for all metrics of any draw of regions.

The metrics of a draw are those of the sum of its rows, as if `rojsat.evaluation.metrics` had been given all its pixels:
exactly so, but for `spearman`, which ranks bins of degrees, see `PREDICTION_BINS`. numpy and pandas only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.chips import stand_parts
from rojsat.evaluation.metrics import check_finite, kappa
from rojsat.evaluation.report_files import Predictions

TARGET_BINS, PREDICTION_BINS = 16, 48
"""Bins of the joint counts that `spearman` ranks, of equal width in [0, 1]; targets of 0 have a bin of their own.

Predictions outside [0, 1] count as its ends. The error is below 0.01 where the standard deviation of the predictions is
0.1 or more, and below 0.02 at 0.03; predictions that differ by less than 1/48 are mostly ties.
"""

JOINT = tuple(f"joint_{target}_{degree}" for target in range(TARGET_BINS) for degree in range(PREDICTION_BINS))
"""Columns of the joint counts, row by row."""

OVERLAP = ("hits", "false_positives", "false_negatives", "true_negatives")
"""Columns: pixels by predicted and actual need."""

ERRORS = ("error", "absolute_error", "squared_error")
"""Columns: summed prediction less target, its absolute value and its square; only of predicted degrees."""


def of_predictions(predictions: Predictions, threshold: float = 0.5, *, degree: bool = True) -> pd.DataFrame:
    """Sum up the predictions of every region.

    Args:
        predictions: of one part; a region may have many samples. Regions that are parts of one stand count as one.
        threshold: degree or probability above which a predicted pixel counts as need, [0, 1].
        degree: whether the predictions of pixels are degrees; a probability has no error.

    Returns:
        One row a region that has a known pixel or sample, index `region` (text), float64 columns. Segmentation:
        `count`, `target`, `squared_target`, `ERRORS`, `OVERLAP`, `JOINT`. Classification:
        `confusion_<true>_<predicted>` by number of the class.

    Raises:
        ValueError: if nothing is known, or a prediction of what is known is NaN or infinite.
    """
    stands = stand_parts.together(predictions.rows)["region"].astype(str).to_numpy()
    regions = predictions.rows.reset_index(drop=True).groupby(stands).indices
    classes = predictions.prediction.shape[1] if predictions.prediction.ndim == 2 else 0
    table: dict[str, dict[str, float]] = {}
    for region, samples in sorted(regions.items()):
        known = predictions.known[samples]
        if known.any():
            prediction = check_finite(predictions.prediction[samples][known])
            target = predictions.target[samples][known]
            table[str(region)] = (
                _confusion(prediction, target, classes)
                if classes
                else _pixels(prediction.astype(np.float64), target.astype(np.float64), threshold, degree=degree)
            )
    if not table:
        raise ValueError("no region has a known pixel or sample: there is nothing to evaluate")
    return pd.DataFrame.from_dict(table, orient="index").rename_axis("region")


def _confusion(prediction: NDArray[np.float32], target: NDArray[np.int64], classes: int) -> dict[str, float]:
    """Counts of samples, scores (P, K) and class numbers (P,), by true and predicted class."""
    codes = target.astype(np.int64) * classes + prediction.argmax(axis=1)
    counts = np.bincount(codes, minlength=classes**2).astype(float)
    names = (f"confusion_{true}_{predicted}" for true in range(classes) for predicted in range(classes))
    return dict(zip(names, counts.tolist(), strict=True))


def _pixels(
    prediction: NDArray[np.float64], target: NDArray[np.float64], threshold: float, *, degree: bool
) -> dict[str, float]:
    """Sums of pixels, both (P,)."""
    sums = {"count": float(target.size), "target": float(target.sum()), "squared_target": float(target @ target)}
    if degree:
        error = prediction - target
        sums |= dict(zip(ERRORS, (float(error.sum()), float(np.abs(error).sum()), float(error @ error)), strict=True))
    predicted, actual = prediction > threshold, target > 0
    hits, all_predicted, all_actual = (float(np.sum(mask)) for mask in (predicted & actual, predicted, actual))
    rest = target.size - all_predicted - all_actual + hits
    sums |= dict(zip(OVERLAP, (hits, all_predicted - hits, all_actual - hits, rest), strict=True))
    rows = np.ceil(target * (TARGET_BINS - 1)).clip(0, TARGET_BINS - 1).astype(np.int64)
    columns = (prediction * PREDICTION_BINS).clip(0, PREDICTION_BINS - 1).astype(np.int64)
    joint = np.bincount(rows * PREDICTION_BINS + columns, minlength=len(JOINT))
    return sums | dict(zip(JOINT, joint.astype(float).tolist(), strict=True))


@dataclass(frozen=True)
class Draws:
    """Draws of the regions of some moments.

    Attributes:
        moments: R rows, see `of_predictions`.
        weights: (D, R) how often each draw has each region; any numbers from 0.
    """

    moments: pd.DataFrame
    weights: NDArray[np.float64]

    def __call__(self, column: str) -> NDArray[np.float64]:
        """(D,) sums of a column."""
        return self.weights @ self.moments[column].to_numpy(np.float64)

    @property
    def classes(self) -> int:
        """K of a classification, 0 of a segmentation."""
        return int(sum(name.startswith("confusion_") for name in self.moments.columns) ** 0.5)

    @cached_property
    def confusion(self) -> NDArray[np.float64]:
        """(D, K, K) counts, row = true class."""
        names = [f"confusion_{true}_{predicted}" for true in range(self.classes) for predicted in range(self.classes)]
        counts = self.weights @ self.moments[names].to_numpy(np.float64)
        return counts.reshape(-1, self.classes, self.classes)

    @cached_property
    def joint(self) -> NDArray[np.float64]:
        """(D, TARGET_BINS, PREDICTION_BINS) counts."""
        counts = self.weights @ self.moments[list(JOINT)].to_numpy(np.float64)
        return counts.reshape(-1, TARGET_BINS, PREDICTION_BINS)


def _share(part: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    """`part / total`, NaN where `total` is 0."""
    return np.divide(part, total, out=np.full(np.shape(part), np.nan), where=total != 0)


def _r2(draws: Draws) -> NDArray[np.float64]:
    spread = draws("squared_target") - draws("target") ** 2 / draws("count")
    spread = np.where(spread > 1e-12 * draws("count"), spread, 0)  # what rounding leaves of a constant target
    return 1 - _share(draws("squared_error"), spread)


def _spearman(draws: Draws) -> NDArray[np.float64]:
    """Pearson's correlation of mean ranks; all in one bin are ties."""
    joint = draws.joint / draws.joint.sum(axis=(1, 2), keepdims=True)
    by_target, by_prediction = joint.sum(axis=2), joint.sum(axis=1)
    first, second = (marginal.cumsum(axis=1) - marginal / 2 - 0.5 for marginal in (by_target, by_prediction))
    together = np.einsum("dtp,dt,dp->d", joint, first, second, optimize=True)
    apart = (by_target * first**2).sum(axis=1) * (by_prediction * second**2).sum(axis=1)
    return _share(together, np.sqrt(np.where(apart > 1e-15, apart, 0)))


def _f1_macro(draws: Draws) -> NDArray[np.float64]:
    hits = np.diagonal(draws.confusion, axis1=1, axis2=2)
    total = draws.confusion.sum(axis=1) + draws.confusion.sum(axis=2)
    return np.nan_to_num(_share(2 * hits, total)).mean(axis=1)


_SEGMENTATION: Mapping[str, Callable[[Draws], NDArray[np.float64]]] = {
    "mse": lambda draws: draws("squared_error") / draws("count"),
    "rmse": lambda draws: np.sqrt(draws("squared_error") / draws("count")),
    "mae": lambda draws: draws("absolute_error") / draws("count"),
    "bias": lambda draws: draws("error") / draws("count"),
    "r2": _r2,
    "spearman": _spearman,
    "iou": lambda draws: _share(draws("hits"), draws("hits") + draws("false_positives") + draws("false_negatives")),
    "f1": lambda draws: _share(
        2 * draws("hits"), 2 * draws("hits") + draws("false_positives") + draws("false_negatives")
    ),
    "precision": lambda draws: _share(draws("hits"), draws("hits") + draws("false_positives")),
    "recall": lambda draws: _share(draws("hits"), draws("hits") + draws("false_negatives")),
    "false_positive_rate": lambda draws: _share(
        draws("false_positives"), draws("false_positives") + draws("true_negatives")
    ),
    "prevalence": lambda draws: (draws("hits") + draws("false_negatives")) / draws("count"),
}

_CLASSIFICATION: Mapping[str, Callable[[Draws], NDArray[np.float64]]] = {
    "accuracy": lambda draws: np.trace(draws.confusion, axis1=1, axis2=2) / draws.confusion.sum(axis=(1, 2)),
    "f1_macro": _f1_macro,
    "kappa": lambda draws: kappa(draws.confusion),
    "prevalence": lambda draws: draws.confusion[:, -1].sum(axis=1) / draws.confusion.sum(axis=(1, 2)),
}


def names(moments: pd.DataFrame) -> tuple[str, ...]:
    """The metrics that some moments are enough for."""
    if "count" not in moments.columns:
        return tuple(_CLASSIFICATION)
    without_error = {"mse", "rmse", "mae", "bias", "r2"} if "error" not in moments.columns else set()
    return tuple(name for name in _SEGMENTATION if name not in without_error)


def counts(moments: pd.DataFrame) -> NDArray[np.float64]:
    """(R,) known pixels or samples of every region."""
    if "count" in moments.columns:
        return moments["count"].to_numpy(np.float64)
    return Draws(moments, np.eye(len(moments))).confusion.sum(axis=(1, 2))


def of_draws(moments: pd.DataFrame, weights: NDArray[np.float64], metric: str) -> NDArray[np.float64]:
    """(D,) values of a metric, one a draw, NaN where it is not defined; `weights` as in `Draws`.

    Raises:
        ValueError: a metric that the moments are not enough for.
    """
    if metric not in names(moments):
        raise ValueError(f"no {metric} of these moments; it is one of: {', '.join(names(moments))}")
    functions = _SEGMENTATION if "count" in moments.columns else _CLASSIFICATION
    return functions[metric](Draws(moments, weights))


def metrics(moments: pd.DataFrame) -> dict[str, float]:
    """All metrics of all rows together; NaN where one is not defined.

    `bias` is the mean of prediction less target; `prevalence` the share of pixels with a target above 0, or of samples
    of the last class, need. The others are those of `rojsat.evaluation.metrics`.
    """
    every = np.ones((1, len(moments)))
    return {metric: float(of_draws(moments, every, metric)[0]) for metric in names(moments)}


def write(path: Path, moments_by_seed: Mapping[int, pd.DataFrame]) -> None:
    """Write the moments of every seed as CSV, columns `seed`, `region` and the sums; all digits are kept."""
    table = pd.concat(dict(moments_by_seed), names=["seed", "region"])
    is_count = [name for name in table.columns if (table[name] % 1 == 0).all()]
    table = table.astype(dict.fromkeys(is_count, np.int64))
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(table.to_csv())
    partial.replace(path)


def read(path: Path) -> dict[int, pd.DataFrame]:
    """Read what `write` wrote: the moments by seed.

    Raises:
        FileNotFoundError: if there is no such file.
    """
    table = pd.read_csv(path, dtype={"region": str})
    sums = table.drop(columns="seed").set_index("region").astype(np.float64)
    return {int(seed): sums[(table["seed"] == seed).to_numpy()] for seed in table["seed"].unique()}


def added(moments: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The moments of several parts together, such as the folds of one seed; a region that is in several is added up."""
    return pd.concat(moments).groupby(level="region").sum()
