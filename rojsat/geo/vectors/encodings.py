"""Encoding of a Shapefile's texts: what its `.cpg` states may be missing or wrong, so the bytes are tried."""

import codecs
import logging
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger(__name__)

SINGLE_BYTE = ("cp1252", "cp850", "cp1250")
"""Encodings of Windows and DOS that are told apart by the letters that they give."""

LETTERS = frozenset("åäöÅÄÖéÉèÈüÜæøÆØßõÕšŠžŽçÇñÑóÓáÁíÍúÚ")
"""Letters of names in the north and west of Europe."""

_FIELD, _TEXT_TYPE = 32, ord("C")


def of_shapefile(path: Path, chosen: str | None = None) -> str | None:
    """Encoding to read a Shapefile's texts by.

    Args:
        path: the `.shp`.
        chosen: encoding that the user names; it is checked against the bytes.

    Returns:
        Its name; None where all texts are ASCII, or the file has no table.

    Raises:
        ValueError: if the texts are not of the chosen encoding, or no encoding fits better than another.
    """
    texts = b"\n".join(text for text in _texts(path.with_suffix(".dbf" if path.suffix == ".shp" else ".DBF")))
    if chosen is not None:
        if _decoded(texts, chosen) is None:
            raise ValueError(f"{path.name}: its texts are not of the encoding {chosen!r}; leave `encoding` out")
        return chosen
    if texts.isascii():
        return None
    stated = _stated(path.with_suffix(".cpg"))
    encoding = _found(texts, stated)
    if encoding is None:
        raise ValueError(
            f"{path.name}: it is not clear in which encoding its texts are (as {SINGLE_BYTE[0]} one would read "
            f"{_sample(texts, SINGLE_BYTE[0])!r}, as {SINGLE_BYTE[1]} {_sample(texts, SINGLE_BYTE[1])!r}): name it by "
            "`encoding: NAME` of this file in data.regions"
        )
    if stated is None or codecs.lookup(stated) != codecs.lookup(encoding):
        says = "has no .cpg" if stated is None else f"states {stated}"
        log.warning("%s %s; its texts are read as %s: %r", path.name, says, encoding, _sample(texts, encoding))
    return encoding


def of_bytes(texts: bytes) -> str | None:
    """Encoding of texts that nothing states: UTF-8, or that of Windows or DOS in which they have most letters.

    Args:
        texts: one a line.

    Returns:
        Its name; None where two fit as well as each other.
    """
    return _found(texts, None)


def _found(texts: bytes, stated: str | None) -> str | None:
    """Encoding that fits: UTF-8, which other texts hardly ever are by chance; what is stated; the most letters."""
    if _decoded(texts, "utf-8") is not None:
        return "utf-8"
    if stated is not None and _letters(texts, stated) == _strange(texts, stated):
        return stated
    counts = {encoding: _letters(texts, encoding) for encoding in SINGLE_BYTE}
    best, second = sorted(counts, key=lambda encoding: -counts[encoding])[:2]
    return best if counts[best] > counts[second] else None


def _letters(texts: bytes, encoding: str) -> int:
    """Number of `LETTERS` that the texts hold in an encoding; -1 where they are not of it."""
    decoded = _decoded(texts, encoding)
    return -1 if decoded is None else sum(sign in LETTERS for sign in decoded)


def _strange(texts: bytes, encoding: str) -> int:
    """Number of signs beyond ASCII."""
    return sum(not sign.isascii() for sign in _decoded(texts, encoding) or "")


def _decoded(texts: bytes, encoding: str) -> str | None:
    try:
        return texts.decode(encoding)
    except UnicodeDecodeError:
        return None
    except LookupError as error:
        raise ValueError(f"there is no encoding {encoding!r}; there are utf-8, cp1252, cp850, latin-1 …") from error


def _stated(path: Path) -> str | None:
    """Encoding that a `.cpg` names, if Python knows it: `UTF-8`, `1252`, `ANSI 1252`, `ISO-8859-1`."""
    if not path.exists():
        return None
    words = path.read_text(encoding="ascii", errors="replace").strip().removeprefix("ANSI").strip()
    for name in (words, f"cp{words}", words.replace("88591", "8859-1")):
        try:
            return codecs.lookup(name).name
        except (LookupError, ValueError):
            continue
    return None


def _sample(texts: bytes, encoding: str) -> str:
    """The first text with a sign beyond ASCII."""
    first = next(text for text in texts.split(b"\n") if not text.isascii())
    return first.decode(encoding, errors="replace")


def _texts(table: Path) -> Iterator[bytes]:
    """Texts of a dBASE III table, as they are stored (header: 32 bytes, 32 a field, its length in byte 16)."""
    if not table.exists():
        return
    content = table.read_bytes()
    records, header, record = (int.from_bytes(content[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12)))
    start, spans = 1, []
    for at in range(_FIELD, header - 1, _FIELD):
        length = content[at + 16]
        if content[at + 11] == _TEXT_TYPE:
            spans.append((start, start + length))
        start += length
    for number in range(records):
        row = content[header + number * record : header + (number + 1) * record]
        yield from (text for a, b in spans if (text := row[a:b].strip(b" \0")))
