"""Intervals of predictions on regions left out: how often they cover the truth, how wide they are, what they promise.

From finished evaluations over folds; knows neither files nor networks. How an interval is made: `region_intervals`.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rojsat.evaluation import region_intervals, region_sets
from rojsat.evaluation.region_intervals import RegionPixels, bands, intervals
from rojsat.evaluation.report_files import Predictions

LEVEL = 0.9
"""Share of the pixels that the intervals in tables shall cover."""

NEAR = (0.85, 0.95)
"""Coverage of a region that counts as met."""

LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Levels of the reliability curve."""

SHARES = tuple(number / 10 for number in range(1, 11))
"""Shares of the pixels, those with the narrowest intervals first, of the risk-coverage curve."""


def summarise(predictions_by_fold: Mapping[str, Predictions]) -> dict[str, Any]:
    """Evaluate intervals of degrees, or sets of classes, over all folds; JSON-ready.

    Args:
        predictions_by_fold: of the test part of every fold, degrees (N, H, W) or classes (N, K), by any name. A
            region that comes several times, once a seed, counts with all its predictions together.

    Returns:
        `level`, `regions`, `possible` (whether so many regions can promise the level), `coverage` and `width` (means
        over regions), `within` (regions whose coverage is in `NEAR`), `by_region` (coverage, width, count), `text`
        (what the numbers show), `without_image` (coverage and width of intervals around no prediction at all),
        `reliability` (rows of level, coverage, width) and `risk_coverage` (rows of share and rmse).
        Of classes: see `region_sets.summarise`.

    Raises:
        ValueError: if folds predict unlike things, or no pixel or chip is known.
    """
    if all(fold.prediction.ndim == 2 for fold in predictions_by_fold.values()):
        return region_sets.summarise(predictions_by_fold, LEVEL)
    pixels = pooled(predictions_by_fold)
    low, high = bands(pixels, LEVEL)
    by_region = _by_region(pixels, np.clip(low, 0, 1), np.clip(high, 0, 1))
    coverages = [values["coverage"] for values in by_region.values()]
    content = {
        "level": LEVEL,
        "regions": len(pixels.names),
        "possible": region_intervals.is_possible(len(pixels.names), LEVEL),
        **_means(by_region),
        "within": sum(NEAR[0] <= coverage <= NEAR[1] for coverage in coverages),
        "by_region": by_region,
        "without_image": _without_image(pixels),
        "reliability": reliability(pixels),
        "risk_coverage": risk_coverage(pixels, high - low),
    }
    return content | {"text": text(content)}


def pooled(predictions_by_fold: Mapping[str, Predictions]) -> RegionPixels:
    """The known pixels of all folds together, predictions clipped to [0, 1].

    Raises:
        ValueError: for classes instead of degrees, or if no pixel is known.
    """
    regions, predicted, targets = [], [], []
    for name, fold in predictions_by_fold.items():
        if fold.prediction.ndim != 3:
            raise ValueError(f"intervals are of degrees (N, H, W); fold {name} predicts {fold.prediction.ndim} axes")
        known = fold.known.astype(bool)
        regions.append(np.repeat(fold.rows["region"].astype(str).to_numpy(), known.sum(axis=(1, 2))))
        predicted.append(np.clip(fold.prediction[known], 0, 1).astype(np.float64))
        targets.append(fold.target[known].astype(np.float64))
    if not sum(map(len, regions)):
        raise ValueError("no pixel of any fold is known, so there is no error to calibrate an interval on")
    names, numbers = np.unique(np.concatenate(regions).astype(str), return_inverse=True)
    return RegionPixels(tuple(map(str, names)), numbers, np.concatenate(predicted), np.concatenate(targets))


def _by_region(
    pixels: RegionPixels, low: NDArray[np.float64], high: NDArray[np.float64]
) -> dict[str, dict[str, float]]:
    """Coverage and mean width of the intervals of each region, and how many pixels it has."""
    covered = (low <= pixels.target) & (pixels.target <= high)
    count = np.bincount(pixels.region)
    coverage, width = (np.bincount(pixels.region, values) / count for values in (covered, high - low))
    return {
        name: {"coverage": float(coverage[number]), "width": float(width[number]), "count": int(count[number])}
        for number, name in enumerate(pixels.names)
    }


def _means(by_region: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Coverage and width, every region weighing the same."""
    return {name: float(np.mean([values[name] for values in by_region.values()])) for name in ("coverage", "width")}


def _without_image(pixels: RegionPixels) -> dict[str, float]:
    """Coverage and width of intervals that hold the degrees of the other regions, whatever is predicted."""
    constant = RegionPixels(pixels.names, pixels.region, np.zeros_like(pixels.target), pixels.target)
    return _means(_by_region(constant, *intervals(constant, LEVEL)))


def reliability(pixels: RegionPixels) -> list[dict[str, float]]:
    """Mean coverage and width over regions, by level; without the levels that so few regions cannot promise."""
    possible = [level for level in LEVELS if region_intervals.is_possible(len(pixels.names), level)]
    return [{"level": level} | _means(_by_region(pixels, *intervals(pixels, level))) for level in possible]


def risk_coverage(pixels: RegionPixels, width: NDArray[np.float64]) -> list[dict[str, float]]:
    """Error of the pixels with the narrowest bands, by the share of pixels that is kept, regions weighing the same.

    Pixels of one width are kept together, so a share may be larger than the one of `SHARES` that it stands for.

    Args:
        pixels: the known pixels.
        width: (P,) of their bands, not clipped: a prediction at 0 or 1 is no surer for having no room on one side.
    """
    order = np.argsort(width, kind="stable")
    weights = pixels.weights()[order] / len(pixels.names)
    kept, lost = np.cumsum(weights), np.cumsum(weights * (pixels.prediction - pixels.target)[order] ** 2)
    sorted_width = width[order]
    last = np.minimum(np.searchsorted(kept, np.array(SHARES) - 1e-9), len(order) - 1)
    ends = np.unique(np.searchsorted(sorted_width, sorted_width[last], side="right") - 1)
    return [{"share": float(kept[end]), "rmse": float(math.sqrt(lost[end] / kept[end]))} for end in ends]


def text(content: Mapping[str, Any]) -> str:
    """What the numbers of `summarise` show, in words, also where there are too few regions to promise anything."""
    regions, level = content["regions"], content["level"]
    if not content["possible"]:
        return region_intervals.too_few(regions, level, "The interval is all of [0, 1]")
    least = content["without_image"]["width"]
    gain = 1 - content["width"] / least if least else 0.0
    compared = (
        f"{gain:.0%} narrower than without an image"
        if gain > 0
        else "not narrower than without an image, so the prediction adds nothing to them"
    )
    return (
        f"Intervals of {level:.0%}, each calibrated on the other {regions - 1} regions, cover "
        f"{content['coverage']:.1%} of the pixels of a region left out, mean over regions; in {content['within']} of "
        f"{regions} regions between {NEAR[0]:.0%} and {NEAR[1]:.0%}. Their mean width is {content['width']:.2f} of a "
        f"degree from 0 to 1, {compared}."
    )
