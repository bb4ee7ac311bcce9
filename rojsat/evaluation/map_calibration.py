"""How far a model errs on regions that it is not trained on: what intervals on a map follow from. JSON-ready."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from rojsat.evaluation import conformal, region_intervals
from rojsat.evaluation.region_intervals import Calibration
from rojsat.evaluation.report_files import Predictions


def of(predictions: Predictions, level: float = conformal.LEVEL) -> dict[str, Any]:
    """Calibrate on the regions of a part.

    Args:
        predictions: degrees (N, H, W) of a part that the model is not trained on.
        level: share that intervals shall cover.

    Returns:
        `level`; `pixels`, the content of a `Calibration` of the degree of a pixel, or None with too few regions; and
        `regions`, the mean error of every region, target less prediction over its known pixels.
    """
    regions = [region for region, known in zip(_regions(predictions), predictions.known, strict=True) if known.any()]
    if not regions:
        return {"level": level, "pixels": None, "regions": []}
    pixels = conformal.pooled({"part": predictions})
    calibration = region_intervals.calibrate(pixels, level)
    errors = np.bincount(pixels.region, pixels.target - pixels.prediction) / np.bincount(pixels.region)
    return {
        "level": level,
        "pixels": None if calibration is None else asdict(calibration),
        "regions": [float(f"{error:.6g}") for error in errors],
    }


def of_pixels(content: Mapping[str, Any]) -> Calibration | None:
    """The calibration of pixels that `of` keeps; None of too few regions."""
    kept = content["pixels"]
    if kept is None:
        return None
    tuples = {name: tuple(kept[name]) for name in ("edges", "below", "above")}
    return Calibration(kept["level"], kept["regions"], **tuples)


def half_width(errors: Sequence[float], level: float) -> float | None:
    """How far the mean degree of a further region lies from the predicted mean at most, with probability `level`.

    Split conformal prediction (Vovk et al. 2005): of n exchangeable regions, the ⌈(n + 1) · level⌉-th smallest absolute
    error. None where so few regions promise nothing.
    """
    rank = math.ceil((len(errors) + 1) * level - 1e-9)
    return None if rank > len(errors) or not errors else sorted(map(abs, errors))[rank - 1]


def least_regions(level: float) -> int:
    """The least regions that `half_width` promises something with."""
    return math.ceil(level / (1 - level) - 1e-9)


def _regions(predictions: Predictions) -> list[str]:
    return [str(region) for region in predictions.rows["region"]]
