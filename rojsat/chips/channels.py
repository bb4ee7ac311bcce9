"""Channels of a network's input, computed with numpy from the stored bands when a chip is loaded.

A spectral index is a function in `__all__`: its name is the channel's name, its argument names are its bands.
Bands are reflectance in [0, 1]; NaN is unknown. What a formula leaves undefined (division by zero, root of a
negative number) is unknown too, never infinite.
"""

import functools
import inspect
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rojsat.chips import harvest_years
from rojsat.config import lookup

__all__ = ["bndvi", "chlred_edge", "evi", "mirbi", "msavi2", "mtvi2", "nbr", "ndre", "ndsi", "ndvi", "savi"]

Plane = NDArray[Any]
"""(H, W) float32, NaN = unknown; also (N, H, W), of N chips at once."""

TCI = ("tci.r", "tci.g", "tci.b")
"""True colour image, stored uint8 / 255, in [0, 1]."""

S2 = ("bndvi", "chlred_edge", "evi", "mirbi", "msavi2", "mtvi2", "nbr", "ndre", "ndsi", "savi")
"""The ten indices of Svensson (2020), in her order."""

OUTLINE = "outline"
"""1 inside the polygon of the chip's region, else 0; in stores that are cut with surroundings."""

ZERO = 1e-6
"""A divisor this close to zero is rounding noise: one step of stored reflectance is 1e-4."""


def bndvi(B08: Plane, B02: Plane) -> Plane:
    """Blue normalized difference vegetation index, in [-1, 1] (Wang et al. 2007)."""
    return _ratio(B08 - B02, B08 + B02)


def chlred_edge(B07: Plane, B05: Plane) -> Plane:
    """Red-edge chlorophyll index as Sentinel-2 lists it, (B07 / B05)^-1 (Gitelson et al. 2003)."""
    return _ratio(np.float32(1), _ratio(B07, B05))


def evi(B08: Plane, B04: Plane, B02: Plane) -> Plane:
    """Enhanced vegetation index; unbounded where its divisor crosses zero (Huete et al. 2002)."""
    return _ratio(2.5 * (B08 - B04), B08 + 6 * B04 - 7.5 * B02 + 1)


def mirbi(B12: Plane, B11: Plane) -> Plane:
    """Mid-infrared burn index, about [-8, 12] (Trigg and Flasse 2001)."""
    return 10 * B12 - 9.8 * B11 + 2


def msavi2(B08: Plane, B04: Plane) -> Plane:
    """Modified soil-adjusted vegetation index 2 (Qi et al. 1994)."""
    return (2 * B08 + 1 - _root((2 * B08 + 1) ** 2 - 8 * (B08 - B04))) / 2


def mtvi2(B08: Plane, B04: Plane, B03: Plane) -> Plane:
    """Modified triangular vegetation index 2 (Haboudane et al. 2004)."""
    divisor = _root((2 * B08 + 1) ** 2 - (6 * B08 - 5 * _root(B04)) - 0.5)
    return _ratio(1.5 * (1.2 * (B08 - B03) - 2.5 * (B04 - B03)), divisor)


def nbr(B08: Plane, B12: Plane) -> Plane:
    """Normalized burn ratio, in [-1, 1] (Key and Benson 2006)."""
    return _ratio(B08 - B12, B08 + B12)


def ndre(B08: Plane, B05: Plane) -> Plane:
    """Normalized difference red edge, in [-1, 1] (Barnes et al. 2000)."""
    return _ratio(B08 - B05, B08 + B05)


def ndsi(B03: Plane, B11: Plane) -> Plane:
    """Normalized difference snow index, in [-1, 1] (Hall et al. 1995)."""
    return _ratio(B03 - B11, B03 + B11)


def ndvi(B08: Plane, B04: Plane) -> Plane:
    """Normalized difference vegetation index, in [-1, 1] (Rouse et al. 1974)."""
    return _ratio(B08 - B04, B08 + B04)


def savi(B08: Plane, B04: Plane) -> Plane:
    """Soil-adjusted vegetation index, soil factor 0.5 (Huete 1988)."""
    return _ratio(1.5 * (B08 - B04), B08 + B04 + 0.5)


@functools.cache
def bands(index: str) -> tuple[str, ...]:
    """Bands the index needs: the argument names of its function.

    Raises:
        UnknownNameError: if there is no such index.
    """
    return tuple(inspect.signature(lookup.function(sys.modules[__name__], index, "spectral index")).parameters)


def expand(
    names: Sequence[str],
    boa_bands: Sequence[str],
    toa_bands: Sequence[str] = (),
    tci: bool = True,
    outline: bool = False,
    harvest: bool = False,
) -> tuple[str, ...]:
    """Write out a list of channels: groups become their channels, in the order of `names`.

    Args:
        names: groups `tci`, `s2`, `boa`, `toa`; bands `B08`, at the top of the atmosphere `toa.B10`;
            indices `ndvi`; `outline`; `years_since_harvest`.
        boa_bands: bands of the chip store at the bottom of the atmosphere, `B08`.
        toa_bands: its bands at the top of the atmosphere, without `toa.`.
        tci: whether it has a true colour image.
        outline: whether it has outlines.
        harvest: whether it has days since harvest.

    Returns:
        Names of single channels.

    Raises:
        UnknownNameError: if the store cannot give a name; the message names the nearest it can give.
        ValueError: if a channel comes twice, there is none, or the store has no outlines or no harvests.
    """
    groups = {"s2": S2, "boa": tuple(boa_bands), "toa": tuple(f"toa.{band}" for band in toa_bands)}
    groups |= {"tci": TCI} if tci else {}
    indices = [index for index in __all__ if set(bands(index)) <= set(boa_bands)]
    single = {*groups["boa"], *groups["toa"], *groups.get("tci", ()), *indices, *([OUTLINE] if outline else [])}
    single |= {harvest_years.CHANNEL} if harvest else set()
    if OUTLINE in names and not outline:
        raise ValueError("these chips have no channel outline; chips cut with data.chips.margin above 0 have it")
    if harvest_years.CHANNEL in names and not harvest:
        raise ValueError(
            f"these chips have no channel {harvest_years.CHANNEL}; chips of a data set with data.harvests have it"
        )
    groups = {group: members for group, members in groups.items() if members and single.issuperset(members)}
    for name in names:
        if name not in groups and name not in single:
            raise lookup.unknown("channel", name, [*groups, *single])
    expanded = tuple(channel for name in names for channel in groups.get(name, (name,)))
    repeated = sorted({channel for channel in expanded if expanded.count(channel) > 1})
    if repeated or not expanded:
        raise ValueError(f"channels {list(names)}: {f'{repeated} come twice' if repeated else 'there is none'}")
    return expanded


def kind(plane: str) -> str:
    """The array of the store that holds a plane."""
    if plane == OUTLINE:
        return "outline"
    if plane == harvest_years.CHANNEL:
        return harvest_years.ARRAY
    return "tci" if plane in TCI else "toa" if plane.startswith("toa.") else "boa"


def needs(names: Sequence[str]) -> tuple[str, ...]:
    """Stored planes that the single channels `names` are computed from, each once."""
    return _needs(tuple(names))


@functools.cache
def _needs(names: tuple[str, ...]) -> tuple[str, ...]:
    planes = (plane for name in names for plane in (bands(name) if name in __all__ else (name,)))
    return tuple(dict.fromkeys(planes))


def compute(names: Sequence[str], planes: Mapping[str, Plane]) -> NDArray[np.float32]:
    """Compute single channels.

    Args:
        names: C channels as `expand` gives them.
        planes: at least the planes `needs(names)`, each (H, W) or (N, H, W) float32 with NaN where unknown.

    Returns:
        (C, H, W) or (C, N, H, W) float32, NaN where unknown, never infinite.

    Raises:
        UnknownNameError: if a plane is missing.
    """
    for plane in needs(names):
        if plane not in planes:
            raise lookup.unknown("band", plane, planes)
    computed = np.empty((len(names), *planes[needs(names)[0]].shape), np.float32)
    # what overflows or is divided by zero becomes unknown
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for channel, name in zip(computed, names, strict=True):
            channel[...] = _channel(name, planes)
            np.copyto(channel, np.nan, where=~np.isfinite(channel))
    return computed


def _channel(name: str, planes: Mapping[str, Plane]) -> Plane:
    if name not in __all__:
        return planes[name]
    plane: Plane = getattr(sys.modules[__name__], name)(*[planes[band] for band in bands(name)])
    return plane


def _ratio(numerator: Plane | np.float32, divisor: Plane) -> Plane:
    """Numerator / divisor, NaN where the divisor is zero."""
    return np.where(np.abs(divisor) > ZERO, numerator / divisor, np.float32(np.nan))


def _root(value: Plane) -> Plane:
    """Square root, NaN where the value is negative."""
    root: Plane = np.sqrt(value)
    return root
