"""Text for a terminal: rows in columns, sentences no wider than a screen, and blocks of both."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 90
"""Characters of a line of a sentence: MLflow shows as many beside its menus. No row of a table is broken."""


@dataclass(frozen=True)
class TextTable:
    """A table of text.

    Attributes:
        title: what it shows.
        columns: their names.
        rows: of texts, as many as there are columns.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def lines(self, most: int | None = None) -> list[str]:
        """Lines for a terminal, of the first `most` rows."""
        shown = self.rows[:most]
        rest = len(self.rows) - len(shown)
        return [self.title, *aligned([self.columns, *shown]), *([f"... and {rest} more"] if rest else [])]


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """A line for each row of texts, columns side by side, two spaces between them."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def paragraph(*sentences: str) -> list[str]:
    """The lines of sentences, each beginning a new one, `WIDTH` characters at most; no word (a path) is broken."""
    wrapped = (textwrap.wrap(each, WIDTH, break_long_words=False, break_on_hyphens=False) for each in sentences)
    return [line for lines in wrapped for line in lines]


def block(*sections: Sequence[str]) -> str:
    """Sections of lines with an empty line between them; those without a line are left out."""
    return "\n\n".join("\n".join(section) for section in sections if section)
