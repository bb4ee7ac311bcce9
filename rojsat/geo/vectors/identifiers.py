"""Ids of regions: they name files, on any system."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path

from rojsat.config import file_names


def check(ids: Iterable[str], path: Path | str) -> None:
    """Refuse ids that are missing, no names of files, or the same where case or accents are written otherwise.

    Raises:
        ValueError: naming `path` and the id.
    """
    earlier: dict[str, str] = {}
    for region in ids:
        fault = file_names.fault(region)
        if fault:
            raise ValueError(f"{path}: region {region!r} {fault}; files are named after regions: give it another id")
        alike = unicodedata.normalize("NFC", region).casefold()
        if alike in earlier:
            pair = f"{earlier[alike]!r} and {region!r}"
            raise ValueError(f"{path}: ids are not unique: {pair}; files are named after regions: rename one of them")
        earlier[alike] = region
