"""Ids of regions: they name files, on any system."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path

LONGEST = 100
"""Bytes of an id in UTF-8: with what is put around it, it names a file on any system (255 bytes)."""

_STRANGE = ("Cc", "Cs", "Zl", "Zp")
"""Unicode's categories of control characters, surrogates and ends of lines."""


def check(ids: Iterable[str], path: Path | str) -> None:
    """Refuse ids that are missing, no names of files, or the same where case or accents are written otherwise.

    Raises:
        ValueError: naming `path` and the id.
    """
    earlier: dict[str, str] = {}
    for region in ids:
        fault = _fault(region)
        if fault:
            raise ValueError(f"{path}: region {region!r} {fault}; files are named after regions: give it another id")
        alike = unicodedata.normalize("NFC", region).casefold()
        if alike in earlier:
            pair = f"{earlier[alike]!r} and {region!r}"
            raise ValueError(f"{path}: ids are not unique: {pair}; files are named after regions: rename one of them")
        earlier[alike] = region


def _fault(region: str) -> str | None:
    """Why an id cannot name a file."""
    if not isinstance(region, str) or region == "":
        return "has no id (a text or an integer)"
    if region.startswith("."):
        return "begins with a dot"
    strange = [sign for sign in region if sign in "/\\" or unicodedata.category(sign) in _STRANGE]
    if strange:
        return f"holds {strange[0]!r}"
    length = len(region.encode())
    return None if length <= LONGEST else f"is {length} bytes long, more than {LONGEST}"
