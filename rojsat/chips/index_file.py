"""The tables of a chip store as pandas has them: missing text is None, not NaN."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pandas as pd

from rojsat.chips import boxes, kept_facts, stand_parts
from rojsat.config.s3_folder import Folder, S3Folder


def read_chips(path: Folder, regions: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """The chips of a store, with the columns that follow from their boxes and from facts of their regions."""
    index = stand_parts.marked(boxes.with_boxes(read(path)), regions)
    return kept_facts.added(index, regions)


def read(path: Folder) -> pd.DataFrame:
    """Read a table whose missing text is None, not NaN."""
    table = pd.read_parquet(BytesIO(path.read_bytes()) if isinstance(path, S3Folder) else path)
    text = table.select_dtypes(["str", "object"])
    for name, column in text.items():
        table[name] = column.astype(object).where(column.notna(), None)
    return table


def write(path: Folder, table: pd.DataFrame) -> None:
    """Write a table without its pandas index."""
    if isinstance(path, S3Folder):
        table.to_parquet(content := BytesIO(), index=False)
        path.write_bytes(content.getvalue())
    else:
        table.to_parquet(path, index=False)
