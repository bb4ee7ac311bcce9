"""Numbers of figures and tables, and references to them: `[Fig. 12]` in a text becomes a link."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

REFERENCE = re.compile(r"\[((?:Fig\.|Table) \w+)\]")
"""What marks a reference; a text without the brackets is left as it is."""


@dataclass(frozen=True)
class Number:
    """What a figure or a table is called, and others refer to it by.

    Attributes:
        kind: `Fig.` or `Table`.
        value: the study's own number, or a letter where the study has none.
    """

    kind: str
    value: str

    def __str__(self) -> str:
        """As a reader sees it: `Fig. 12`."""
        return f"{self.kind} {self.value}"

    @property
    def id(self) -> str:
        """Where links to it go: `fig-12`."""
        return f"{self.kind.rstrip('.')}-{self.value}".lower()


def linked(text: str, numbers: Iterable[Number]) -> Markup:
    """Text in which every reference is a link.

    Args:
        text: with references as `[Fig. 12]`.
        numbers: of all figures and tables of the page.

    Raises:
        ValueError: if a reference means no figure or table of the page.
    """
    targets = {str(number): number for number in numbers}
    parts = REFERENCE.split(text)  # text, reference, text, reference, ..., text
    linked_parts = [_link(part, targets) if position % 2 else escape(part) for position, part in enumerate(parts)]
    return Markup("").join(linked_parts)


def _link(name: str, targets: dict[str, Number]) -> Markup:
    number = targets.get(name)
    if number is None:
        raise ValueError(f"the page has no {name}, which a text of it refers to; it has {', '.join(targets)}")
    return Markup('<a href="#{}">{}</a>').format(number.id, number)
