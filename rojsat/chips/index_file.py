"""The tables of a chip store as pandas has them: missing text is None, not NaN."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from rojsat.chips import boxes, kept_facts, stand_parts


def read_chips(path: Path, regions: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """The chips of a store, with the columns that follow from their boxes and from facts of their regions."""
    index = stand_parts.marked(boxes.with_boxes(read(path)), regions)
    return kept_facts.added(index, regions)


def read(path: Path) -> pd.DataFrame:
    """Read a table whose missing text is None, not NaN."""
    table = pd.read_parquet(path)
    text = table.select_dtypes(["str", "object"])
    for name, column in text.items():
        table[name] = column.astype(object).where(column.notna(), None)
    return table
