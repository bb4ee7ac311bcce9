"""Encoding of text files of GPS points: found by trying, for phones and spreadsheets write more than UTF-8."""

import codecs
import logging
import re
from pathlib import Path

log = logging.getLogger(__name__)

FALLBACK = "cp1252"
"""Encoding of text that is no UTF-8: that of Windows in the west of Europe; ISO 8859-1 in all letters."""

_DECLARED = re.compile(rb"""\s*<\?xml[^>]*encoding\s*=\s*["']([^"']*)["']""")

_PIECE = 1 << 20
"""Bytes read at a time."""


def of(path: Path) -> str:
    """Encoding to read a text file by: `utf-8-sig`, `utf-16`, or `FALLBACK`, which the log names."""
    with path.open("rb") as file:
        start = file.read(4)
        if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        if start[:2] in (b"<\0", b"\0<"):  # XML without a mark of its byte order
            return "utf-16-le" if start[:1] == b"<" else "utf-16-be"
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            decoder.decode(start)
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            log.warning("%s is no UTF-8; it is read as %s", path, FALLBACK)
            return FALLBACK
    return "utf-8-sig"


def override(path: Path) -> str | None:
    """Encoding to read an XML file by in place of what it declares; None where that is true of it.

    Files that declare UTF-8, or nothing, and are not, are of programs that never looked at an å: `FALLBACK`.
    """
    with path.open("rb") as file:
        declared = _DECLARED.match(file.read(200).lstrip(codecs.BOM_UTF8))
    if declared is not None and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        return None
    return FALLBACK if of(path) == FALLBACK else None
