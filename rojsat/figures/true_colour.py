"""True colour of chips, with one stretch for a data set: what is brighter in one picture is brighter in all of them."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rojsat.chips import channels, roles
from rojsat.chips.reader import Chips

BANDS = ("B04", "B03", "B02")
"""Red, green and blue."""

WHITE_PERCENTILE = 97
"""Of all colours of the sample: what is drawn white. Higher, haze and roads of a few dates darken all others."""

SAMPLE = 64
"""Chips that the stretch is computed from."""

NO_DATA = 0.85
"""Grey of pixels without data."""


def _names(chips: Chips, role: str) -> tuple[str, ...]:
    """The TCI, or the red, green and blue band of surface reflectance, else those at the top of the atmosphere."""
    names = chips.names(role)
    if channels.TCI[0] in names:
        return channels.TCI
    return BANDS if BANDS[0] in names else tuple(f"toa.{band}" for band in BANDS)


def heading(chips: Chips, role: str) -> str:
    """What a heading calls the true colour image of chips of `role`."""
    names = _names(chips, role)
    return "true colour (TCI)" if names == channels.TCI else f"true colour ({', '.join(names)})"


def read(chips: Chips, chip: str) -> NDArray[np.float32]:
    """True colour `(3, H, W)` of a chip: TCI / 255 or reflectance; NaN where unknown, as on dates that have none."""
    pixels = chips.read(chip)
    names = _names(chips, str(pixels.row["role"]))
    kind = "tci" if names == channels.TCI else "boa" if names == BANDS else "toa"
    if kind not in pixels.arrays:
        return np.full((3, *pixels.stored.shape), np.nan, np.float32)
    return pixels.channels(names)


@lru_cache(maxsize=4)
def white(chips: Chips) -> float:
    """The value that every figure of a data set draws white.

    The `WHITE_PERCENTILE` of all colours of the seen pixels of `SAMPLE` chips, evenly spaced over the store's index
    without control areas (which may be all that there is).
    """
    index = chips.index[chips.index["role"] != roles.CONTROL]
    names = (index if len(index) else chips.index)["chip"]
    chosen = names.iloc[np.unique(np.linspace(0, len(names) - 1, SAMPLE).round().astype(int))]
    colours = np.concatenate([read(chips, chip)[:, chips.seen(chip)].ravel() for chip in chosen])
    finite = colours[np.isfinite(colours)]
    return float(np.percentile(finite, WHITE_PERCENTILE)) if finite.size else 1.0


def stretched(colours: NDArray[np.float32], brightest: float) -> NDArray[np.float32]:
    """`(3, H, W)` as `(H, W, 3)` in [0, 1], NaN where unknown; `brightest` and above become 1."""
    image: NDArray[np.float32] = np.clip(np.moveaxis(colours, 0, -1) / np.float32(max(brightest, 1e-6)), 0, 1)
    return image
