"""What the file of the outlines says of the stands beside their outlines: heights, and when they were looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from rojsat.geo.vectors import region_columns, region_files
from rojsat.maps import waiting

LABELLED = "labelled"
"""Column of the day on which somebody looked at a stand."""


@dataclass(frozen=True)
class StandFacts:
    """What is known of stands, by their ids.

    Attributes:
        heights: metres, NaN where not known; None: the file has neither heights nor ages.
        labelled: ISO days on which they were looked at.
    """

    heights: pd.Series | None
    labelled: Mapping[str, str]


def read(path: Path, *, id_field: str | None = None, layer: str | None = None) -> StandFacts:
    """Read the columns `height_m`, `age_years` and `labelled`, where the file has them.

    Raises:
        ValueError: if a height, an age or a day is none, or in another unit (`waiting.heights`).
    """
    columns = region_files.read_columns(path, id_field=id_field, layer=layer)
    days = region_columns.dates(columns, pd.Series(columns.index, columns.index), path, LABELLED)
    return StandFacts(waiting.heights(columns, path), {str(name): str(day) for name, day in days.items() if day})
