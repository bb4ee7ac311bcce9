"""Which pixels of a chip are seen: those with data and without cloud. Knows numpy only."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def lead_array(arrays: Mapping[str, NDArray[Any]]) -> str:
    """The array that decides which pixels have data: `boa`, or `toa` where there is no `boa`."""
    return "boa" if "boa" in arrays else "toa"


def measured(arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
    """(H, W): data in every band of the lead array."""
    return np.asarray((arrays[lead_array(arrays)] > 0).all(axis=0))


def cloudy(arrays: Mapping[str, NDArray[Any]], classes: Sequence[int]) -> NDArray[np.bool_]:
    """(H, W): an SCL value of `classes`, or near a cloud where the array `cloud` says so."""
    hidden = np.zeros(arrays[lead_array(arrays)].shape[-2:], bool)
    if "scl" in arrays:
        hidden |= np.isin(arrays["scl"], list(classes))
    return hidden | (arrays["cloud"] > 0) if "cloud" in arrays else hidden
