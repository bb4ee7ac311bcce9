"""Notes on the pieces of a store that is being written: the rows of its tables, a line each, read in small batches."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import pandas as pd

Kind = Literal["chip", "dropped"]

BATCH = 4096
"""Rows that are read at a time: as objects of Python they take ten times the memory of their columns."""


def path(folder: Path, piece: str) -> Path:
    """The file of a piece, which is there when the piece is complete."""
    return folder / f"{piece}.jsonl"


def write(folder: Path, piece: str, rows: Iterable[tuple[Kind, dict[str, Any]]]) -> None:
    """Write the rows of a piece as they come; the file is there when all have come."""
    with (partial := folder / f".{piece}").open("w") as file:
        for row in rows:
            file.write(f"{json.dumps(row)}\n")
    partial.rename(path(folder, piece))


def read(folder: Path, kind: Kind, columns: list[str] | None = None) -> pd.DataFrame:
    """The rows of a kind of all pieces as a table: that which `pd.DataFrame` makes of all these rows at once.

    Args:
        folder: with the files of all pieces.
        kind: of the rows.
        columns: names of the columns; None: those that the rows have.
    """
    rows, frames = _rows(folder, kind), []
    while batch := [*islice(rows, BATCH)]:
        frames.append(pd.DataFrame(batch, columns=columns))
    return pd.concat(_alike(frames), ignore_index=True) if frames else pd.DataFrame([], columns=columns)


def _rows(folder: Path, kind: Kind) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*.jsonl")):
        with file.open() as lines:
            for line in lines:
                if line.startswith(f'["{kind}"'):
                    yield json.loads(line)[1]


def _alike(frames: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Frames in which a column that holds texts in one of them is none of plain objects in another."""
    texts: set[str] = set()
    for frame in frames:
        texts.update(frame.select_dtypes("str").columns)
    return [frame.astype(dict.fromkeys(texts & {*frame.columns}, "str")) for frame in frames]
