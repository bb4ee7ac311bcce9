"""The box of a region inside its chip: a chip that is cut with its surroundings is larger. Knows numpy and pandas only.

Four columns of the index say where it is, in pixels of the chip: `box_row` and `box_col`, its upper-left corner,
`box_height` and `box_width`. In a store without surroundings the box is the chip.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

COLUMNS = ["box_row", "box_col", "box_height", "box_width"]


def with_boxes(index: pd.DataFrame) -> pd.DataFrame:
    """The table of chips with `COLUMNS`; where they are missing, the box is the chip."""
    if set(COLUMNS) <= set(index.columns):
        return index
    return index.assign(box_row=0, box_col=0, box_height=index["height"], box_width=index["width"])


def inside(row: Mapping[Any, Any] | pd.Series) -> tuple[slice, slice]:
    """Rows and columns of the box, in the pixels of its chip."""
    top, left, height, width = (int(row[name]) for name in COLUMNS)
    return slice(top, top + height), slice(left, left + width)


def mask(index: pd.DataFrame, height: int, width: int) -> NDArray[np.bool_]:
    """(N, H, W): which pixels of N chips are in the boxes of their regions."""
    pixels = np.zeros((len(index), height, width), bool)
    for plane, row in zip(pixels, with_boxes(index).to_dict("records"), strict=True):
        plane[inside(row)] = True
    return pixels


def has_surroundings(index: pd.DataFrame) -> bool:
    """Whether some chip is larger than the box of its region."""
    rows = with_boxes(index)
    unlike = (rows["box_height"] != rows["height"]) | (rows["box_width"] != rows["width"])
    return bool((unlike | (rows["box_row"] != 0) | (rows["box_col"] != 0)).any())


def own(index: pd.DataFrame) -> pd.DataFrame:
    """The table as if the chips had been cut without surroundings: size and place on the ground are those of the box.

    Args:
        index: `easting`, `northing` and `transform` are those of the pixel that `box_row` and `box_col` count from.
    """
    rows = with_boxes(index)
    places = list(zip(rows["transform"], rows["box_row"], rows["box_col"], strict=True))
    return rows.assign(
        transform=pd.Series([_moved(*place) for place in places], index=rows.index, dtype=object),
        easting=rows["easting"] + [col * transform[0] for transform, _, col in places],
        northing=rows["northing"] + [row * transform[4] for transform, row, _ in places],
        height=rows["box_height"],
        width=rows["box_width"],
        box_row=0,
        box_col=0,
    )


def _moved(transform: Any, row: int, col: int) -> Any:
    """The six affine numbers at another pixel as its upper-left corner; pixels have no turn."""
    if not row and not col:
        return transform
    step, turn, easting, other_turn, down, northing = transform
    return [step, turn, easting + col * step, other_turn, down, northing + row * down]
