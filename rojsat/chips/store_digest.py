"""One number of all that decides a result in a chip store: pixels, rows of the index, masks."""

import hashlib
import json
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.chips import boxes, change_pairs, harvest_years
from rojsat.chips.reader import ORDER

SCALES = ["scale", "offset", "toa_scale", "toa_offset"]
DIGESTED = ["chip", "role", "label", "zeroed", "crs", "transform", *SCALES, "hash"]
"""Columns of the index that the digest covers, beside those of boxes, years and changes where there are some."""


def digest(index: pd.DataFrame, masks: Mapping[str, NDArray[np.float32]]) -> str:
    """Sha256 over the pixels of all chips, their rows of the index, and the masks; hexadecimal."""
    pixels_hash = hashlib.sha256()
    columns = [*DIGESTED, *boxes.COLUMNS] if boxes.has_surroundings(index) else list(DIGESTED)
    columns += [name for name in (harvest_years.CHANNEL, *change_pairs.COLUMNS) if name in index]
    for row in index.sort_values(ORDER)[columns].itertuples(index=False):
        pixels_hash.update(json.dumps([list(v) if isinstance(v, np.ndarray) else v for v in row]).encode())
    for region in sorted(masks):
        pixels_hash.update(f"{region}{masks[region].shape}".encode() + masks[region].astype("<f4").tobytes())
    return pixels_hash.hexdigest()
