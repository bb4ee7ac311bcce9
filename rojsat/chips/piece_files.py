"""Notes on the pieces of a store that is being written: the rows of its tables, a line each, read in small batches.

A piece with a note is complete, and not cut again.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Literal

import pandas as pd

from rojsat.config import s3_folder
from rojsat.config.s3_folder import Folder

Kind = Literal["chip", "dropped"]

BATCH = 4096
"""Rows that are read at a time: as objects of Python they take ten times the memory of their columns."""

PIECES = "pieces"
"""Folder of the notes; deleted when the store is finished."""

BEGUN = "begun"
"""File in it: the arrays are there, empty at first."""


def begin(store: Folder) -> None:
    """Note that the arrays are there."""
    s3_folder.write_at_once(store / PIECES / BEGUN, "")


def is_begun(store: Folder) -> bool:
    """Whether the arrays are there."""
    return (store / PIECES / BEGUN).exists()


def is_filled(store: Folder, piece: str) -> bool:
    """Whether the piece is complete."""
    return (store / PIECES / f"{piece}.jsonl").exists()


def write(store: Folder, piece: str, rows: Iterable[tuple[Kind, dict[str, Any]]]) -> None:
    """Write the rows of a piece as they come; the piece is complete when all have come."""
    with s3_folder.written(store / PIECES / f"{piece}.jsonl") as file:
        for row in rows:
            file.write(f"{json.dumps(row)}\n")


def read(store: Folder, kind: Kind, columns: list[str] | None = None) -> pd.DataFrame:
    """The rows of a kind of all pieces as a table: that which `pd.DataFrame` makes of all these rows at once.

    Args:
        store: that is being written.
        kind: of the rows.
        columns: names of the columns; None: those that the rows have.
    """
    rows, frames = _rows(store, kind), []
    while batch := [*islice(rows, BATCH)]:
        frames.append(pd.DataFrame(batch, columns=columns))
    return pd.concat(_alike(frames), ignore_index=True) if frames else pd.DataFrame([], columns=columns)


def end(store: Folder) -> None:
    """Delete the notes."""
    s3_folder.remove(store / PIECES)


def _rows(store: Folder, kind: Kind) -> Iterator[dict[str, Any]]:
    for file in s3_folder.files(store / PIECES):
        is_half = file.name.startswith(".")  # a killed process left it
        if file.name.endswith(".jsonl") and not is_half:
            with s3_folder.opened(file) as lines:
                for line in lines:
                    if line.startswith(f'["{kind}"'):
                        yield json.loads(line)[1]


def _alike(frames: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Frames in which a column that holds texts in one of them is none of plain objects in another."""
    texts: set[str] = set()
    for frame in frames:
        texts.update(frame.select_dtypes("str").columns)
    return [frame.astype(dict.fromkeys(texts & {*frame.columns}, "str")) for frame in frames]
