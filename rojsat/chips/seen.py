"""Which pixels of a chip are seen: those with data and without cloud. Knows numpy only."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rojsat.chips.bands import CSMASK_AS_SCL, INVALID

KINDS = ("scl", "csmask")
"""Arrays that tell clouds."""


def lead_array(arrays: Mapping[str, NDArray[Any]]) -> str:
    """The array that decides which pixels have data: `boa`, or `toa` where there is no `boa`."""
    return "boa" if "boa" in arrays else "toa"


def measured(arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
    """(H, W): data in every band of the lead array, and no SCL value of `INVALID`.

    An SCL of zeros alone is none: the date has no scene classification. Nor has a pixel one that has a computed mask.
    """
    complete = np.asarray(arrays[lead_array(arrays)].min(axis=0) > 0)
    if "scl" in arrays and arrays["scl"].any():
        invalid = _is_any(arrays["scl"], INVALID)
        if "csmask" in arrays:
            invalid &= (arrays["scl"] > 0) | (arrays["csmask"] == 0)
        complete &= ~invalid
    return complete


def scene_classes(plane: NDArray[Any], kind: str) -> NDArray[Any]:
    """SCL values of an array `scl`, or those that the classes of an array `csmask` count as."""
    return np.array(CSMASK_AS_SCL, np.uint8)[plane] if kind == "csmask" else plane


def cloudy(arrays: Mapping[str, NDArray[Any]], classes: Sequence[int]) -> NDArray[np.bool_]:
    """(H, W): an SCL value of `classes`, or near a cloud where the array `cloud` says so."""
    hidden = np.zeros(arrays[lead_array(arrays)].shape[-2:], bool)
    for kind in KINDS:
        if kind in arrays:
            hidden |= _is_any(scene_classes(arrays[kind], kind), classes)
    return hidden | (arrays["cloud"] > 0) if "cloud" in arrays else hidden


def _is_any(plane: NDArray[Any], classes: Sequence[int]) -> NDArray[np.bool_]:
    """Where a plane holds one of a few classes; `np.isin` takes several times as long for a chip."""
    is_any = np.zeros(plane.shape, bool)
    for value in classes:
        is_any |= plane == value
    return is_any
