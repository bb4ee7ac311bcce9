"""Encoding of text files of GPS points: found by trying, for phones and spreadsheets write more than UTF-8."""

import codecs
import io
import logging
import re
from pathlib import Path
from typing import BinaryIO

log = logging.getLogger(__name__)

FALLBACK = "cp1252"
"""Encoding of text that is no UTF-8: that of Windows in the west of Europe; ISO 8859-1 in all letters."""

_DECLARED = re.compile(rb"""\s*<\?xml[^>]*encoding\s*=\s*["']([^"']*)["']""")

_PIECE = 1 << 20
"""Bytes read at a time."""


def of(path: Path, content: bytes | None = None) -> str:
    """Encoding to read a text by: `utf-8-sig`, `utf-16`, or `FALLBACK`, which the log names.

    Args:
        path: its file.
        content: the text, where it is not what the file holds but packed in it.
    """
    with _opened(path, content) as file:
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


def override(path: Path, content: bytes | None = None) -> str | None:
    """Encoding to read XML by in place of what it declares; None where that is true of it.

    Files that declare UTF-8, or nothing, and are not, are of programs that never looked at an å: `FALLBACK`.

    Args:
        path: its file.
        content: as `of` takes it.
    """
    with _opened(path, content) as file:
        declared = _DECLARED.match(file.read(200).removeprefix(codecs.BOM_UTF8))
    if declared is not None and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        return None
    return FALLBACK if of(path, content) == FALLBACK else None


def as_utf8(path: Path, content: bytes | None = None) -> bytes | None:
    """The text of an XML or JSON file as UTF-8, for readers that know no other; None where it needs no change.

    Args:
        path: its file.
        content: as `of` takes it.
    """
    encoding = override(path, content) or of(path, content)
    if encoding == "utf-8-sig" or (encoding == FALLBACK and override(path, content) is None):
        return None  # it is UTF-8, or states itself what it is
    with _opened(path, content) as file:
        text = file.read().decode(encoding)
    return re.sub(r"""(<\?xml[^>]*encoding=)["'][^"']*["']""", r'\1"UTF-8"', text, count=1).encode()


def _opened(path: Path, content: bytes | None) -> BinaryIO:
    return path.open("rb") if content is None else io.BytesIO(content)
