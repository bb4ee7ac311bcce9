"""Encoding of text files of regions and GPS points, found by trying: phones and spreadsheets write more than UTF-8."""

import codecs
import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from rojsat.config import zip_limits
from rojsat.geo.vectors import encodings

log = logging.getLogger(__name__)

FALLBACK = "cp1252"
"""Encoding of text that is no UTF-8, where its letters do not say another: that of Windows in the west of Europe; ISO
8859-1 in all letters."""

TEXTS = (".gpx", ".kml", ".gml", ".geojson", ".json")
"""Endings of vector files that are text, which GDAL reads as UTF-8, or as what they declare."""

_DECLARED = re.compile(rb"""\s*<\?xml[^>]*encoding\s*=\s*["']([^"']*)["']""")

_PIECE = 1 << 20
"""Bytes read at a time."""

_LOOKED_AT = 1 << 24
"""Bytes whose letters are counted."""


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
        if len(start) > 1 and (start[0] == 0) != (start[1] == 0):  # no mark of its byte order
            return "utf-16-be" if start[0] == 0 else "utf-16-le"
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            decoder.decode(start)
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            file.seek(0)
            return _single_byte(path, file)
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
    encoding = of(path, content)
    return None if encoding.startswith("utf") else encoding


def as_utf8(path: Path, content: bytes | None = None) -> bytes | None:
    """The text of an XML or JSON file as UTF-8, for readers that know no other; None where it needs no change.

    Args:
        path: its file.
        content: as `of` takes it.

    Raises:
        ValueError: if it is too large to be read into memory.
    """
    with _opened(path, content) as file:
        begin = file.read(4)
    encoding = override(path, content) or (of(path, content) if b"\0" in begin or begin[:1] >= b"\xfe" else None)
    if encoding is None:  # it is UTF-8, or states itself what it is
        return None
    zip_limits.check_text(path.stat().st_size if content is None else len(content), str(path))
    with _opened(path, content) as file:
        text = file.read().decode(encoding)
    return re.sub(r"""(<\?xml[^>]*encoding=)["'][^"']*["']""", r'\1"UTF-8"', text, count=1).encode()


@contextmanager
def readable(path: Path, content: bytes | None = None) -> Iterator[Path]:
    """What readers that know UTF-8 alone can read: the file, or a copy of its text that goes away afterwards.

    Args:
        path: a vector file, of any format.
        content: as `of` takes it: text of KML.
    """
    is_text = content is not None or path.suffix.lower() in TEXTS
    unpacked = (as_utf8(path, content) if is_text else None) or content
    if unpacked is None:
        yield path
        return
    with TemporaryDirectory(prefix="rojsat-") as folder:
        beside = Path(folder) / path.with_suffix(".kml" if content else path.suffix).name
        beside.write_bytes(unpacked)
        yield beside


def _single_byte(path: Path, file: BinaryIO) -> str:
    """The encoding in which the lines that are not ASCII have most letters."""
    lines = [line for line in file.read(_LOOKED_AT).splitlines() if not line.isascii()]
    encoding = encodings.of_bytes(b"\n".join(lines)) or FALLBACK
    encoding = FALLBACK if encoding == "utf-8" else encoding  # what is none of it lies further on
    sample = lines[0].decode(encoding, errors="replace")[:60] if lines else ""
    log.warning("%s is no UTF-8; it is read as %s: %r", path, encoding, sample)
    return encoding


def _opened(path: Path, content: bytes | None) -> BinaryIO:
    return path.open("rb") if content is None else io.BytesIO(content)
