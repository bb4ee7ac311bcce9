"""How much is unpacked from a zip file: few bytes may announce many, and the memory is this machine's."""

import zipfile
from collections.abc import Iterable

MOST_TEXT = 64 << 20
"""Bytes of a file that is read completely into memory, as XML; ESA's largest have some ten megabytes."""

MOST_TOTAL = 64 << 30
"""Bytes of all files of a zip file; a product of ESA's has one gigabyte."""

SMALL = 64 << 20
"""Bytes up to which a file may be packed as densely as it likes."""

MOST_DENSE = 200
"""Bytes unpacked of each packed one, of larger files; deflate reaches 1032 for zeros, maps and texts some 50."""


def check(members: Iterable[zipfile.ZipInfo], name: str) -> None:
    """Refuse a zip file that unpacks to much more than it looks like, before anything is unpacked.

    Args:
        members: its files.
        name: of the zip file, for the message.

    Raises:
        ValueError: if it does.
    """
    total = 0
    for member in members:
        total += member.file_size
        if member.file_size > SMALL and member.file_size > MOST_DENSE * member.compress_size:
            raise ValueError(
                f"{name}: {member.filename!r} in it unpacks to {member.file_size >> 20} MiB from "
                f"{member.compress_size >> 10} KiB: no map, image or text is packed so densely, so it is not read"
            )
    if total > MOST_TOTAL:
        raise ValueError(f"{name} unpacks to {total >> 30} GiB, more than the {MOST_TOTAL >> 30} GiB that are read")


def check_text(size: int, name: str) -> None:
    """Refuse a text that is too large to be read into memory.

    Args:
        size: bytes.
        name: of the file, for the message.

    Raises:
        ValueError: if it is.
    """
    if size > MOST_TEXT:
        raise ValueError(
            f"{name} has {size >> 20} MiB, more than the {MOST_TEXT >> 20} MiB that are read of such a file"
        )
