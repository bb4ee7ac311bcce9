"""Tables of Finnish stands in a raw data set: written once, read by whatever labels them."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from rojsat.geo.finland.finnish_stands import Operation, StandTable, TreeStand

FACTS = "facts.json"


def write(table: StandTable, folder: Path, facts: Mapping[str, Any]) -> None:
    """Write a table to a folder of its own, which is complete or absent.

    Args:
        table: what a reader read.
        folder: replaced if it exists.
        facts: of where it comes from, ready for JSON.
    """
    beside = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        table.stands.to_parquet(beside / "stands.parquet", index=False)
        _frame(table.tree_stands, TreeStand._fields).to_parquet(beside / "tree_stands.parquet", index=False)
        if table.operations is not None:
            _frame(table.operations, Operation._fields).to_parquet(beside / "operations.parquet", index=False)
        (beside / FACTS).write_text(json.dumps({**facts, "absent": list(table.absent)}, indent=1) + "\n")
        shutil.rmtree(folder, ignore_errors=True)
        beside.replace(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def read(folder: Path) -> list[StandTable]:
    """Read the tables of all files of a raw data set, in their order; none of one without.

    Args:
        folder: that the folders of single files are in.
    """
    return [_read(file) for file in _folders(folder)]


def facts(folder: Path) -> list[dict[str, Any]]:
    """The facts of all files, in their order."""
    return [json.loads((file / FACTS).read_text()) for file in _folders(folder)]


def _folders(folder: Path) -> list[Path]:
    return sorted((path.parent for path in folder.glob(f"[0-9]*/{FACTS}")), key=lambda path: int(path.name))


def _frame(rows: Sequence[Any], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns))


def _read(folder: Path) -> StandTable:
    stands = gpd.read_parquet(folder / "stands.parquet")
    for column in stands.columns.drop(stands.geometry.name):
        stands[column] = _texts(stands[column])
    trees = pd.read_parquet(folder / "tree_stands.parquet")
    tree_stands = [
        TreeStand(str(stand), kind, day, int(strata))
        for stand, kind, day, strata in zip(
            trees["stand"], _texts(trees["type"]), _texts(trees["date"]), trees["strata"], strict=True
        )
    ]
    file = folder / "operations.parquet"
    absent = json.loads((folder / FACTS).read_text())["absent"]
    return StandTable(stands, tree_stands, _operations(pd.read_parquet(file)) if file.exists() else None, absent)


def _operations(table: pd.DataFrame) -> list[Operation]:
    years = [None if pd.isna(year) else int(year) for year in table["proposed"]]
    columns = (table["stand"], _texts(table["code"]), years, _texts(table["completed"]))
    return [Operation(*row) for row in zip(*columns, strict=True)]


def _texts(column: pd.Series) -> pd.Series:
    """Values of a column as they were: None where nothing is."""
    return column.astype(object).where(column.notna(), None)
