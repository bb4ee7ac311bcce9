"""Reads XML of any size as events, with bounded memory: no tree is built and no entity is expanded."""

from collections.abc import Callable, Mapping
from typing import BinaryIO
from xml.parsers import expat

DEEPEST = 200
"""Elements within each other; no format of positions comes near."""

LONGEST = 1 << 16
"""Characters of one element's own text that are kept: coordinates and times have some tens."""

_PIECE = 1 << 20
"""Bytes read at a time."""

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str, str], None]


def read(file: BinaryIO, start: Start, end: End, *, encoding: str | None = None) -> None:
    """Read XML from a file that is open.

    Args:
        file: of bytes.
        start: called with the name of every element and its attributes, `namespace name` where there is a namespace.
        end: called with the name of every element and the text that it holds itself, without blanks at its ends.
        encoding: to read it by, whatever it declares; None: what it declares, else UTF-8.

    Raises:
        ValueError: if it is not well-formed, declares entities, or is nested deeper than `DEEPEST`.
    """
    parser = expat.ParserCreate(encoding, namespace_separator=" ")
    texts: list[list[str]] = []

    def opened(name: str, attributes: Mapping[str, str]) -> None:
        if len(texts) == DEEPEST:
            raise ValueError(f"its elements are nested deeper than {DEEPEST}")
        texts.append([])
        start(name, attributes)

    def closed(name: str) -> None:
        end(name, "".join(texts.pop()).strip())

    def held(text: str) -> None:
        if texts and sum(map(len, texts[-1])) < LONGEST:
            texts[-1].append(text)

    def declared(*_: object) -> None:
        raise ValueError("it declares entities, which no file of positions needs; they are not expanded")

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.CharacterDataHandler, parser.EntityDeclHandler = held, declared
    try:
        while piece := file.read(_PIECE):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError) as error:  # the latter: of an encoding that Python does not know
        raise ValueError(f"it is no complete XML ({error}); copy or export it again") from error


def local(name: str) -> str:
    """Name of an element without its namespace."""
    return name.rpartition(" ")[2]
