"""Text for a terminal: rows in columns, and sentences no wider than a screen."""

import textwrap
from collections.abc import Sequence

WIDTH = 100
"""Characters of a line; a value in a table is never broken, a sentence is."""


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """A line for each row of texts, columns side by side, two spaces between them."""
    widths = [max(len(row[number]) for row in rows) for number in range(len(rows[0]))]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def wrapped(sentence: str) -> list[str]:
    """The lines of a sentence, of `WIDTH` characters at most; no word (a path, a command) is broken."""
    return textwrap.wrap(sentence, WIDTH, break_long_words=False, break_on_hyphens=False) if sentence else []
