"""Dates of a chip store that are darker than any ground: their reflectance was stored in other units."""

from collections.abc import Iterator

import numpy as np

from rojsat.chips.reader import Chips

DARKEST = 0.0255
"""Reflectance: 255 at a scale of 1/10000. Land has more in the near infrared, and per cent give at most 0.01."""

_SHOWN = 5
"""Dates that are named; of more the sentence says how many."""


def sentences(chips: Chips) -> Iterator[str]:
    """A sentence on the dates of which no pixel of any band is brighter than `DARKEST`; none where there are none.

    Args:
        chips: the store; of each date it is read until a brighter pixel comes.
    """
    brightest: dict[str, float] = {}
    for name, date in chips.index[["chip", "date"]].itertuples(index=False):
        if brightest.get(date, 0.0) <= DARKEST:
            chip = chips.read(name)
            kinds = [kind for kind in ("boa", "toa") if kind in chip.arrays]
            planes = [band if kind == "boa" else f"toa.{band}" for kind in kinds for band in chip.bands[kind]]
            values = (round(float(np.nan_to_num(chip.plane(plane)).max()), 5) for plane in planes)
            brightest[date] = max([brightest.get(date, 0.0), *values])
    dark = {date: value for date, value in sorted(brightest.items()) if 0 < value <= DARKEST}
    if dark:
        named = ", ".join(f"{date} ({value:.4f})" for date, value in list(dark.items())[:_SHOWN])
        more = f", ... {len(dark)} in all" if len(dark) > _SHOWN else ""
        yield (
            f"No pixel has a reflectance above {DARKEST} in any band: {named}{more}; no land is as dark. Numbers in "
            "per cent need `scale: 0.01` (in data.options.files), and a picture of 0 to 255 is no reflectance: name "
            "its bands TCI."
        )
