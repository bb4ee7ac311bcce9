"""Intervals of predictions on regions left out: how often they cover the truth, how wide they are, what they promise.

From finished evaluations over folds; knows neither files nor networks. How an interval is made: `region_intervals`,
and of predicted quantiles `quantile_intervals`.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rojsat.evaluation import quantile_intervals, region_intervals, region_sets
from rojsat.evaluation.region_intervals import RegionPixels, bands
from rojsat.evaluation.report_files import Predictions

LEVEL = 0.9
"""Share of the pixels that the intervals in tables shall cover."""

NEAR = (0.85, 0.95)
"""Coverage of a region that counts as met."""

LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Levels of the reliability curve."""

MakeBands = Callable[[RegionPixels, float], tuple[NDArray[np.float64], NDArray[np.float64]]]
"""Pixels and a level to lower and upper ends (P,), not clipped: `region_intervals.bands` and the like."""

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
        Of predicted quantiles also `quantiles`: the same of intervals from them, whose width depends on the pixel,
        `uncalibrated` (coverage and width of the quantiles as they are), and `by_width`, for each third of the pixels
        by predicted width `coverage` and `width` of these intervals, of those above, whose width follows from the
        predicted degree alone (`coverage_by_degree`, `width_by_degree`), and `…_uncalibrated`.
        Of classes: see `region_sets.summarise`.

    Raises:
        ValueError: if folds predict unlike things, or no pixel or chip is known.
    """
    if all(fold.prediction.ndim == 2 for fold in predictions_by_fold.values()):
        return region_sets.summarise(predictions_by_fold, LEVEL)
    pixels = pooled(predictions_by_fold)
    content = {
        "level": LEVEL,
        "regions": len(pixels.names),
        "possible": region_intervals.is_possible(len(pixels.names), LEVEL),
        **_evaluated(pixels, bands),
        "without_image": _without_image(pixels),
    }
    content["text"] = text(content)
    if pixels.lower is not None:
        lower, upper = quantile_intervals.ends(pixels)
        content["quantiles"] = _evaluated(pixels, quantile_intervals.bands, upper - lower) | {
            "uncalibrated": _means(_by_region(pixels, lower, upper)),
            "by_width": _by_width(pixels),
        }
        content["text"] += f" {quantile_text(content)}"
    return content


def _evaluated(pixels: RegionPixels, make_bands: MakeBands, width: NDArray[np.float64] | None = None) -> dict[str, Any]:
    """Coverage, width and curves of one kind of intervals; `width` (P,) tells sure pixels, None: that of the bands."""
    low, high = make_bands(pixels, LEVEL)
    by_region = _by_region(pixels, low, high)
    return {
        **_means(by_region),
        "within": sum(NEAR[0] <= values["coverage"] <= NEAR[1] for values in by_region.values()),
        "by_region": by_region,
        "reliability": reliability(pixels, make_bands),
        "risk_coverage": risk_coverage(pixels, high - low if width is None else width),
    }


def _by_width(pixels: RegionPixels) -> list[dict[str, Any]]:
    """Coverage and width, calibrated and not, in each third of the pixels by predicted width."""
    numbers, weights = quantile_intervals.parts(pixels), pixels.weights()
    kinds = {
        "": quantile_intervals.bands(pixels, LEVEL),
        "_by_degree": bands(pixels, LEVEL),
        "_uncalibrated": quantile_intervals.ends(pixels),
    }
    rows = []
    for number, part in enumerate(quantile_intervals.PARTS):
        row: dict[str, Any] = {"part": part}
        inside = numbers == number
        for kind, (low, high) in kinds.items():
            covered, width = _covered_and_width(pixels, low, high)
            row[f"coverage{kind}"] = float(np.average(covered[inside], weights=weights[inside]))
            row[f"width{kind}"] = float(np.average(width[inside], weights=weights[inside]))
        rows.append(row)
    return rows


def pooled(predictions_by_fold: Mapping[str, Predictions]) -> RegionPixels:
    """The known pixels of all folds together, predictions clipped to [0, 1]; with quantiles if all folds have them.

    Raises:
        ValueError: for classes instead of degrees, or if no pixel is known.
    """
    regions, predicted, targets, quantiles = [], [], [], []
    for name, fold in predictions_by_fold.items():
        if fold.prediction.ndim != 3:
            raise ValueError(f"intervals are of degrees (N, H, W); fold {name} predicts {fold.prediction.ndim} axes")
        known = fold.known.astype(bool)
        regions.append(np.repeat(fold.rows["region"].astype(str).to_numpy(), known.sum(axis=(1, 2))))
        predicted.append(np.clip(fold.prediction[known], 0, 1).astype(np.float64))
        targets.append(fold.target[known].astype(np.float64))
        if fold.lower is not None and fold.upper is not None:
            quantiles.append(np.stack([fold.lower[known], fold.upper[known]]).astype(np.float64))
    if not sum(map(len, regions)):
        raise ValueError("no pixel of any fold is known, so there is no error to calibrate an interval on")
    names, numbers = np.unique(np.concatenate(regions).astype(str), return_inverse=True)
    ends = np.concatenate(quantiles, axis=1) if len(quantiles) == len(targets) else (None, None)
    return RegionPixels(tuple(map(str, names)), numbers, np.concatenate(predicted), np.concatenate(targets), *ends)


def _by_region(
    pixels: RegionPixels, low: NDArray[np.float64], high: NDArray[np.float64]
) -> dict[str, dict[str, float]]:
    """Coverage and mean width of the intervals of each region, clipped to [0, 1], and how many pixels it has."""
    count = np.bincount(pixels.region)
    covered_and_width = _covered_and_width(pixels, low, high)
    coverage, width = (np.bincount(pixels.region, values) / count for values in covered_and_width)
    return {
        name: {"coverage": float(coverage[number]), "width": float(width[number]), "count": int(count[number])}
        for number, name in enumerate(pixels.names)
    }


def _covered_and_width(
    pixels: RegionPixels, low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """(P,) whether the interval, clipped to [0, 1], covers the target, and how wide it is."""
    low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
    return (low <= pixels.target) & (pixels.target <= high), high - low


def _means(by_region: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Coverage and width, every region weighing the same."""
    return {name: float(np.mean([values[name] for values in by_region.values()])) for name in ("coverage", "width")}


def _without_image(pixels: RegionPixels) -> dict[str, float]:
    """Coverage and width of intervals that hold the degrees of the other regions, whatever is predicted."""
    constant = RegionPixels(pixels.names, pixels.region, np.zeros_like(pixels.target), pixels.target)
    return _means(_by_region(constant, *bands(constant, LEVEL)))


def reliability(pixels: RegionPixels, make_bands: MakeBands = bands) -> list[dict[str, float]]:
    """Mean coverage and width over regions, by level; without the levels that so few regions cannot promise."""
    possible = [level for level in LEVELS if region_intervals.is_possible(len(pixels.names), level)]
    return [{"level": level} | _means(_by_region(pixels, *make_bands(pixels, level))) for level in possible]


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


def quantile_text(content: Mapping[str, Any]) -> str:
    """What the intervals from predicted quantiles show, in words, beside those by the predicted degree alone."""
    quantiles, alone = content["quantiles"], content["quantiles"]["uncalibrated"]
    first = f"The predicted quantiles alone cover {alone['coverage']:.1%} (mean width {alone['width']:.2f})"
    if not content["possible"]:
        return f"{first}, which promises nothing either."
    change = quantiles["width"] / content["width"] - 1
    narrow, *_, wide = quantiles["by_width"]
    return (
        f"{first}. Calibrated on the other regions likewise they cover {quantiles['coverage']:.1%} with a mean width "
        f"of {quantiles['width']:.2f}, {abs(change):.0%} {'wider' if change > 0 else 'narrower'} than by the predicted "
        f"degree alone; in {quantiles['within']} regions between {NEAR[0]:.0%} and {NEAR[1]:.0%}. Of the third of the "
        f"pixels with the narrowest quantiles ({narrow['width']:.2f}) they cover {narrow['coverage']:.1%}, of that "
        f"with the widest ({wide['width']:.2f}) {wide['coverage']:.1%}; intervals by the predicted degree alone "
        f"{narrow['coverage_by_degree']:.1%} and {wide['coverage_by_degree']:.1%}."
    )
