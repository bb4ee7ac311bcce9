"""Sets of classes, calibrated on regions: those of a stand on all other stands.

The least ambiguous sets (Sadinle, Lei and Wasserman 2019): all classes whose probability is at least a threshold, here
the hierarchical conformal quantile of `region_intervals`, every region weighing the same however many chips it has.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rojsat.evaluation import region_intervals
from rojsat.evaluation.report_files import Predictions


def summarise(predictions_by_fold: Mapping[str, Predictions], level: float) -> dict[str, Any]:
    """Evaluate sets of classes over all folds; JSON-ready.

    Args:
        predictions_by_fold: of the test part of every fold, classes (N, K), by any name.
        level: share of the chips whose set shall hold the true class, in (0, 1).

    Returns:
        `level`, `regions`, `possible` (whether so many regions can promise the level), `coverage`, `size` (classes of a
        set) and `single` (share of the chips with one class), each a mean over regions, `by_region` (coverage, size,
        single, count), `without_image` (coverage, size and single with the shares of the classes as the prediction),
        and `text` (what the numbers show).

    Raises:
        ValueError: if no chip is known.
    """
    names, regions, probabilities, labels = _pooled(predictions_by_fold)
    by_region = _by_region(names, regions, sets(regions, probabilities, labels, level), labels)
    shares = np.bincount(labels, minlength=probabilities.shape[1]) / len(labels)
    constant = np.broadcast_to(shares, probabilities.shape)
    without = _by_region(names, regions, sets(regions, constant, labels, level), labels)
    content = {
        "level": level,
        "regions": len(names),
        "possible": region_intervals.is_possible(len(names), level),
        **_means(by_region),
        "by_region": by_region,
        "without_image": _means(without),
    }
    return content | {"text": text(content)}


def sets(
    regions: NDArray[np.intp], probabilities: NDArray[np.float64], labels: NDArray[np.int64], level: float
) -> NDArray[np.bool_]:
    """(N, K) whether a class is in the set of a chip.

    Args:
        regions: (N,) which region a chip is of, in 0..R-1; each has at least one.
        probabilities: (N, K) of the classes.
        labels: (N,) the true class.
        level: share of the chips whose set shall hold it.

    Returns:
        All classes where `region_intervals.is_possible` is false.
    """
    count = int(regions.max()) + 1
    if not region_intervals.is_possible(count, level):
        return np.ones(probabilities.shape, bool)
    strangeness = 1 - probabilities[np.arange(len(labels)), labels]
    limits = region_intervals.thresholds(strangeness, regions, level)
    return 1 - probabilities <= limits[regions][:, None]


def _pooled(
    predictions_by_fold: Mapping[str, Predictions],
) -> tuple[tuple[str, ...], NDArray[np.intp], NDArray[np.float64], NDArray[np.int64]]:
    """Regions, and of all known chips the region, probabilities and label."""
    folds = predictions_by_fold.values()
    known = [fold.known.astype(bool) for fold in folds]
    if not sum(int(chips.sum()) for chips in known):
        raise ValueError("no chip of any fold is known, so there is no error to calibrate a set of classes on")
    pairs = list(zip(folds, known, strict=True))
    names, regions = np.unique(
        np.concatenate([fold.rows["region"].astype(str).to_numpy()[chips] for fold, chips in pairs]).astype(str),
        return_inverse=True,
    )
    probabilities = np.concatenate([fold.prediction[chips] for fold, chips in pairs]).astype(np.float64)
    labels = np.concatenate([fold.target[chips] for fold, chips in pairs]).astype(np.int64)
    return tuple(map(str, names)), regions, probabilities, labels


def _by_region(
    names: tuple[str, ...], regions: NDArray[np.intp], chosen: NDArray[np.bool_], labels: NDArray[np.int64]
) -> dict[str, dict[str, float]]:
    """Coverage, mean size and share of single classes of the sets of each region, and how many chips it has."""
    sizes, count = chosen.sum(axis=1), np.bincount(regions)
    values = {"coverage": chosen[np.arange(len(labels)), labels], "size": sizes, "single": sizes == 1}
    means = {name: np.bincount(regions, value) / count for name, value in values.items()}
    return {
        region: {name: float(mean[number]) for name, mean in means.items()} | {"count": int(count[number])}
        for number, region in enumerate(names)
    }


def _means(by_region: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Coverage, size and share of single classes, every region weighing the same."""
    return {
        name: float(np.mean([values[name] for values in by_region.values()])) for name in ("coverage", "size", "single")
    }


def text(content: Mapping[str, Any]) -> str:
    """What the numbers of `summarise` show, in words, also where there are too few regions to promise anything."""
    regions, level = content["regions"], content["level"]
    if not content["possible"]:
        return region_intervals.too_few(regions, level, "The set holds all classes")
    return (
        f"Sets of {level:.0%}, each calibrated on the other {regions - 1} regions, hold the true class of "
        f"{content['coverage']:.1%} of the chips of a region left out, mean over regions. {content['single']:.0%} "
        f"of them are one class alone, {content['without_image']['single']:.0%} without an image."
    )
