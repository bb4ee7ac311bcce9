"""The tables of a chip store as pandas has them: missing text is None, not NaN."""

from pathlib import Path

import pandas as pd


def read(path: Path) -> pd.DataFrame:
    """Read a table whose missing text is None, not NaN."""
    table = pd.read_parquet(path)
    text = table.select_dtypes(["str", "object"])
    for name, column in text.items():
        table[name] = column.astype(object).where(column.notna(), None)
    return table
