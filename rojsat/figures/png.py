"""A figure as PNG bytes that know how tall their smallest text is: from that a page knows how small it may be shown."""

import io
import struct
from collections.abc import Iterator
from typing import Any

from matplotlib.figure import Figure
from matplotlib.text import Text

DPI = 130
"""Sharp on paper, some 3 MB a page in all."""

SMALLEST = "Smallest text"
"""Metadata: size of the smallest text, pixels of the picture."""

POINT = 72
"""Points an inch."""

_SIGNATURE = 8
"""Bytes before the first chunk."""


def encode(figure: Figure, dpi: int = DPI) -> bytes:
    """The bytes of a figure, nothing cut off; equal figures give equal bytes."""
    buffer, size = io.BytesIO(), smallest_text(figure)
    metadata = {"Software": None, **({} if size is None else {SMALLEST: f"{size * dpi / POINT:.2f}"})}
    look: Any = {"format": "png", "dpi": dpi, "bbox_inches": "tight", "metadata": metadata}
    figure.savefig(buffer, **look)
    return buffer.getvalue()


def smallest_text(figure: Figure) -> float | None:
    """Points of the smallest text that is drawn; None without any."""
    texts: list[Any] = figure.findobj(lambda artist: isinstance(artist, Text))
    sizes = [float(text.get_fontsize()) for text in texts if text.get_text().strip() and text.get_visible()]
    return min(sizes, default=None)


def least_width(png: bytes, height: float) -> int | None:
    """Width at which the smallest text of a picture is `height` tall, in the unit of `height`; None without text."""
    chunks = dict(_chunks(png))
    (width,) = struct.unpack(">I", chunks["IHDR"][:4])
    size = chunks.get(SMALLEST)
    return None if size is None else -int(-height * width / float(size) // 1)


def _chunks(png: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of each chunk; a text by its keyword."""
    start = _SIGNATURE
    while start < len(png):
        length, name = struct.unpack(">I4s", png[start : start + 8])
        content = png[start + 8 : start + 8 + length]
        if name == b"tEXt":
            keyword, _, text = content.partition(b"\0")
            yield keyword.decode("latin-1"), text
        else:
            yield name.decode("latin-1"), content
        start += length + 12  # with length, name and checksum
