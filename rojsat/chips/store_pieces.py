"""Notes on the pieces of a chip store that is being written: a piece with a note is not cut again."""

import json
from collections.abc import Mapping
from typing import Any

from rojsat.config import s3_folder
from rojsat.config.s3_folder import Folder

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
    return (store / PIECES / f"{piece}.json").exists()


def note(store: Folder, piece: str, content: Mapping[str, Any]) -> None:
    """Note that a piece is complete, and what is in it."""
    s3_folder.write_at_once(store / PIECES / f"{piece}.json", json.dumps(content))


def notes(store: Folder) -> list[dict[str, Any]]:
    """What is in all pieces, sorted by their names; halves of notes that a killed process left are none."""
    files = [file for file in s3_folder.files(store / PIECES) if file.name.endswith(".json")]
    return [json.loads(file.read_text()) for file in files if not file.name.startswith(".")]


def end(store: Folder) -> None:
    """Delete the notes."""
    s3_folder.remove(store / PIECES)
