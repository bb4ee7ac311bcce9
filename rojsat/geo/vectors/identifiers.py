"""Ids of regions: they name files, on any system."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path

LONGEST = 100
"""Bytes of an id in UTF-8: with what is put around it, it names a file on any system (255 bytes)."""

_STRANGE = ("Cc", "Cs", "Zl", "Zp")
"""Unicode's categories of control characters, half characters and ends of lines."""


def check(ids: Iterable[str], path: Path | str) -> None:
    """Refuse ids that are missing, no names of files, or the same where case or accents are written otherwise.

    Raises:
        ValueError: naming `path` and the id.
    """
    seen: dict[str, str] = {}
    for one in ids:
        fault = _fault(one)
        if fault:
            raise ValueError(f"{path}: region {one!r} {fault}; files are named after regions: give it another id")
        alike = unicodedata.normalize("NFC", one).casefold()
        if alike in seen:
            raise ValueError(f"{path}: ids are not unique: {seen[alike]!r} and {one!r}; files are named after them")
        seen[alike] = one


def _fault(one: str) -> str | None:
    """Why an id cannot name a file."""
    if not isinstance(one, str) or one == "":
        return "has no id (a text or a whole number)"
    if one.startswith("."):
        return "begins with a dot"
    strange = [sign for sign in one if sign in "/\\" or unicodedata.category(sign) in _STRANGE]
    if strange:
        return f"holds {strange[0]!r}"
    length = len(one.encode())
    return None if length <= LONGEST else f"is {length} bytes long, more than {LONGEST}"
