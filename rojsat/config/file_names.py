"""Names that come out of files and servers and name files here: ids of regions, sites, scenes, tiles, assets."""

import unicodedata

LONGEST = 100
"""Bytes of a name in UTF-8: with what is put around it, it names a file on any system (255 bytes)."""

_STRANGE = ("Cc", "Cs", "Zl", "Zp")
"""Unicode's categories of control characters, surrogates and ends of lines."""


def fault(name: object) -> str | None:
    """Why a name cannot name a file of a folder, without leading out of it; None if it can."""
    if not isinstance(name, str) or name == "":
        return "has no id (a text or an integer)"
    if name.startswith("."):
        return "begins with a dot"
    strange = [sign for sign in name if sign in "/\\" or unicodedata.category(sign) in _STRANGE]
    if strange:
        return f"holds {strange[0]!r}"
    length = len(name.encode())
    return None if length <= LONGEST else f"is {length} bytes long, more than {LONGEST}"


def check(name: object, kind: str) -> str:
    """A name, if it can name a file.

    Args:
        name: as a file or a server gives it.
        kind: what it names, for the message: `scene`.

    Raises:
        ValueError: if it cannot.
    """
    reason = fault(name)
    if reason or not isinstance(name, str):
        raise ValueError(f"{kind} {name!r} {reason}: files are named after it, so nothing is written")
    return name
