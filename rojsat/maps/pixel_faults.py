"""Scenes that a model was not made for, by their pixels beside those that it is trained on.

Vegetation is dark where light is seen and bright in the near infrared, everywhere: what moves all bands alike, or
exchanges two, is no other forest. The limits leave room for other forests and seasons; what they let through is
flagged pixel by pixel (`outside`).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rojsat.chips import channels, plane_distribution

LEAST = 200
"""Pixels below which nothing is refused for their values."""

SCALE = 3.0
"""Times that the middle band may be brighter or darker: forests differ by less than half of it."""

NEAR = 20.0
"""Times up to which a missing offset, too, makes the middle band brighter."""

DARK = 0.08
"""Reflectance below which a band counts as dark over vegetation: the visible ones."""

OFFSET = (0.08, 0.13)
"""Reflectance by which dark bands are all brighter where the offset of baseline 04.00 (-0.1) is missing."""

DARKEST = 5
"""Percentile that shows an offset: rock and dry grass are as bright as that, but not everywhere in a place."""

NEGATIVE = 0.25
"""Share of reflectance of 0 and less in a dark band that no forest has."""

HAZE = (0.03, 0.15)
"""Reflectance that the air adds to blue at the top of the atmosphere; to red it adds half."""

SWAPPED = (3.0, 1.5)
"""Deviations by which the ratio of two bands is off at least, and at most once they are exchanged."""

SPREAD = 0.12
"""Least deviation of the logarithm of a ratio: forests of one place are more alike than forests."""

WIDER = 0.5
"""Share of its own width by which the range of training is widened at both ends before a pixel is outside."""

UNLIKE = 0.5
"""Share of the pixels outside above which a scene is refused."""


def fault(pixels: Mapping[str, NDArray[np.float32]], distribution: Mapping[str, Any]) -> str | None:
    """What is wrong with the pixels of a scene, in one sentence; None if nothing is.

    Args:
        pixels: (P,) values by plane of seen pixels, NaN where unknown.
        distribution: of training, see `plane_distribution.describe`.
    """
    bands = {name: values for name, values in pixels.items() if name not in channels.TCI}
    bands = {name: values[np.isfinite(values)] for name, values in bands.items()}
    if any(values.size < LEAST for values in pixels.values()):
        return None
    typical = {name: _median(distribution, name) for name in bands}
    return (
        _negative(bands, distribution)
        or _offset(bands, distribution)
        or _scale(bands, typical)
        or _haze(bands, typical)
        or _swapped(pixels, distribution)
        or _unlike(pixels, distribution)
    )


def outside(pixels: Mapping[str, NDArray[np.float32]], distribution: Mapping[str, Any]) -> NDArray[np.bool_]:
    """Whether a pixel has a value far outside the range of training in some plane, shape of a plane."""
    flags = [_outside(values, distribution["planes"][name]) for name, values in pixels.items()]
    return np.any(flags, axis=0)


def _outside(values: NDArray[np.float32], percentiles: Sequence[float]) -> NDArray[np.bool_]:
    low, high = percentiles[0], percentiles[-1]
    room = WIDER * (high - low)
    return np.asarray((values < low - room) | (values > high + room))


def _median(distribution: Mapping[str, Any], name: str) -> float:
    return float(distribution["planes"][name][distribution["levels"].index(50)])


def _scale(bands: Mapping[str, NDArray[np.float32]], typical: Mapping[str, float]) -> str | None:
    if not bands:
        return None
    factors = [max(float(np.median(values)), 1e-9) / max(typical[name], 1e-9) for name, values in bands.items()]
    factor = float(np.median(factors))
    if 1 / SCALE <= factor <= SCALE:
        return None
    name = max(bands, key=lambda each: typical[each])
    reason = "the scale is not 1/10000, is missing or counts twice"
    if 1 / NEAR < factor < NEAR:
        reason = "scale or offset are not those of the product, or it is a picture and no reflectance"
    return (
        f"its reflectance is {factor:.3g} times that of the training pixels (median of {name} "
        f"{np.median(bands[name]):.3g}, in training {typical[name]:.3g}): {reason}; state the scale by the options "
        "of the source"
    )


def _dark(typical: Mapping[str, float]) -> list[str]:
    """The bands that are dark over vegetation; without one, the darkest."""
    names = [name for name, value in typical.items() if value < DARK]
    return names or sorted(typical, key=lambda name: typical[name])[:1]


def _negative(bands: Mapping[str, NDArray[np.float32]], distribution: Mapping[str, Any]) -> str | None:
    typical = {name: _median(distribution, name) for name in bands}
    for name in _dark(typical) if typical else []:
        share = float((bands[name] <= 0).mean())
        if share > NEGATIVE and distribution["planes"][name][distribution["levels"].index(25)] > 0:
            return (
                f"{share:.0%} of its pixels have a reflectance of 0 or less in {name}, which no ground has: the offset "
                "counts twice, or these data have none; state it by the options of the source"
            )
    return None


def _offset(bands: Mapping[str, NDArray[np.float32]], distribution: Mapping[str, Any]) -> str | None:
    typical = {name: _median(distribution, name) for name in bands}
    dark = _dark(typical) if typical else []
    shifts = [float(np.percentile(bands[name], DARKEST)) - _low(distribution, name) for name in dark]
    if not shifts or not all(OFFSET[0] < shift < OFFSET[1] for shift in shifts):
        return None
    if max(shifts) - min(shifts) > HAZE[0]:  # the air brightens blue much more than red, an offset all alike
        return None
    return (
        f"its dark bands are all {np.mean(shifts):.2f} brighter than the training pixels: the offset of -0.1 that "
        "products of baseline 04.00 and later need is missing; state it by the options of the source"
    )


def _low(distribution: Mapping[str, Any], name: str) -> float:
    return float(distribution["planes"][name][distribution["levels"].index(DARKEST)])


def _haze(bands: Mapping[str, NDArray[np.float32]], typical: Mapping[str, float]) -> str | None:
    if not {"B02", "B04"} <= bands.keys():
        return None
    blue, red = (float(np.median(bands[name])) - typical[name] for name in ("B02", "B04"))
    if not HAZE[0] < blue < HAZE[1] or red > 0.6 * blue:
        return None
    return (
        f"blue is {blue:.2f} brighter than the training pixels and red {red:.2f}, as the air makes it at the top of "
        "the atmosphere: these bands are L1C or hazy, the model was trained on L2A"
    )


def _swapped(pixels: Mapping[str, NDArray[np.float32]], distribution: Mapping[str, Any]) -> str | None:
    """Two bands whose ratio is that of training once they are exchanged; of several pairs the one that mends most."""
    values, candidates = {}, {}
    for first, second, median, spread in distribution["ratios"]:
        value, _ = plane_distribution.log_ratio(pixels[first], pixels[second])
        values[first, second], values[second, first] = value, -value
        room = max(spread, SPREAD)
        if abs(value - median) / room > SWAPPED[0] and abs(-value - median) / room < SWAPPED[1]:
            candidates[first, second] = (value, median)
    if not candidates:
        return None
    first, second = min(candidates, key=lambda pair: _misfit(values, distribution, pair))
    value, median = candidates[first, second]
    return (
        f"{first} is {math.exp(value):.2g} times {second}, in training {math.exp(median):.2g} times: {first} and "
        f"{second} are swapped; name the bands in their sequence in the files"
    )


def _misfit(
    values: Mapping[tuple[str, str], float], distribution: Mapping[str, Any], exchanged: tuple[str, str]
) -> float:
    """Deviations of all ratios from those of training, summed, with two bands exchanged."""
    named = {exchanged[0]: exchanged[1], exchanged[1]: exchanged[0]}
    return sum(
        abs(values[named.get(first, first), named.get(second, second)] - median) / max(spread, SPREAD)
        for first, second, median, spread in distribution["ratios"]
    )


def _unlike(pixels: Mapping[str, NDArray[np.float32]], distribution: Mapping[str, Any]) -> str | None:
    share = float(outside(pixels, distribution).mean())
    if share <= UNLIKE:
        return None
    shares = {name: float(_outside(values, distribution["planes"][name]).mean()) for name, values in pixels.items()}
    name = max(shares, key=lambda each: shares[each])
    return (
        f"{share:.0%} of its pixels lie far outside the range of the training pixels, most in {name} "
        f"({shares[name]:.0%}): snow, smoke, another sensor or another ground"
    )
