"""The outlines of regions in a store of chips, for figures: no part of its digest. Older stores have none."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rojsat.config import s3_folder
from rojsat.config.s3_folder import Folder

FILE = "outlines.json"

DECIMALS = 2
"""Of a pixel: rings are drawn, not measured."""


def write(store: Folder, outlines: Mapping[str, Sequence[NDArray[Any]]]) -> None:
    """Write the rings of each region, `(N, 2)` column and row on its grid from the corner of its upper left pixel."""
    with s3_folder.written(store / FILE) as file:
        for number, region in enumerate(sorted(outlines)):
            rings = json.dumps([ring.round(DECIMALS).tolist() for ring in outlines[region]])
            file.write(f"{', ' if number else '{'}{json.dumps(region)}: {rings}")
        file.write("}\n" if outlines else "{}\n")


def read(store: Folder) -> dict[str, list[NDArray[np.float64]]]:
    """Read what `write` wrote; nothing of a store without."""
    if not (store / FILE).exists():
        return {}
    return {
        region: [np.array(ring) for ring in rings] for region, rings in json.loads((store / FILE).read_text()).items()
    }
