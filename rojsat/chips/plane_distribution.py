"""What the pixels that a model is trained on look like: percentiles of stored planes and of their ratios. numpy only.

A band is reflectance, a plane of the true colour image lies in [0, 1]; see `rojsat.chips.channels`.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.chips import boxes
from rojsat.chips.reader import Chips

LEVELS = (0.1, 1, 5, 25, 50, 75, 95, 99, 99.9)
"""Percentiles of a plane that are kept."""

CHIPS, PIXELS = 200, 500
"""Chips that are looked at, and pixels of each: enough for a percentile of 0.1 of 100 000 pixels."""

DARKEST = 1e-3
"""Reflectance that ratios of darker pixels are taken with: below it a ratio is noise."""

DIGITS = 6
"""Significant digits that are kept."""


def sample(chips: Chips, rows: pd.DataFrame, planes: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    """Seen pixels in the boxes of the regions of some chips, at even distances.

    Args:
        chips: the store.
        rows: of its index.
        planes: single stored planes, `B08`, `toa.B01`, `tci.r`.

    Returns:
        (P,) values of each plane, NaN where one is unknown.
    """
    parts = []
    for number in np.unique(np.linspace(0, len(rows) - 1, min(CHIPS, len(rows))).astype(int)):
        chip = str(rows["chip"].iloc[number])
        images = chips.channels(chip, planes)  # (B, H, W)
        own = boxes.mask(rows.iloc[[number]], *images.shape[1:])[0]
        parts.append(even(images[:, chips.seen(chip) & own], PIXELS))
    pixels = np.concatenate(parts, axis=1) if parts else np.zeros((len(planes), 0), np.float32)
    return dict(zip(planes, pixels, strict=True))


def even(pixels: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Up to `count` of the columns of (B, P), at even distances."""
    if pixels.shape[1] <= count:
        return pixels
    return pixels[:, np.linspace(0, pixels.shape[1] - 1, count).astype(int)]


def describe(pixels: Mapping[str, NDArray[np.float32]]) -> dict[str, Any]:
    """Percentiles of pixels, JSON-ready.

    Args:
        pixels: (P,) values by plane, NaN where unknown.

    Returns:
        `pixels`, their number; `levels`; `planes`, the percentiles of each; `ratios`, for each pair the median of the
        logarithm of their ratio over pixels and half of what 68 % of the pixels lie within, as
        `[first, second, median, spread]`.

    Raises:
        ValueError: if no pixel of a plane is known.
    """
    known = {name: values[np.isfinite(values)] for name, values in pixels.items()}
    empty = [name for name, values in known.items() if not values.size]
    if empty:
        raise ValueError(f"no pixel of {', '.join(empty)} is seen in the training part")
    pairs = {(first, second): log_ratio(pixels[first], pixels[second]) for first, second in combinations(pixels, 2)}
    return {
        "pixels": max(map(len, pixels.values())),
        "levels": list(LEVELS),
        "planes": {name: [_rounded(value) for value in np.percentile(known[name], LEVELS)] for name in pixels},
        "ratios": [[*pair, *map(_rounded, moments)] for pair, moments in pairs.items()],
    }


def log_ratio(first: NDArray[np.float32], second: NDArray[np.float32]) -> tuple[float, float]:
    """Median, and half of what 68 % of the pixels lie within, of ln(first / second) over pixels."""
    known = np.isfinite(first) & np.isfinite(second)
    logarithms = [np.log(np.maximum(values[known].astype(np.float64), DARKEST)) for values in (first, second)]
    low, median, high = np.percentile(logarithms[0] - logarithms[1], (16, 50, 84)) if known.any() else (0.0, 0.0, 0.0)
    return float(median), float(high - low) / 2


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
