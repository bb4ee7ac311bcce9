"""The page as plain dataclasses, and written as one HTML file that needs no other."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

TEMPLATE = Path(__file__).with_name("template.html")

NUMBER = re.compile(r"\b(Fig\. (?:\d+|[A-Z])L?|Table (?:\d+|[A-Z])L?)\b")
"""Numbers of figures and tables: those of the study, lettered ones of our own, either with an L for the long runs."""


@dataclass(frozen=True)
class Picture:
    """A picture.

    Attributes:
        png: its bytes.
        alt: what it shows, for who does not see it.
        width: at most so wide, CSS pixels; None: as wide as the page.
    """

    png: bytes
    alt: str
    width: int | None = None

    @property
    def source(self) -> str:
        """The picture itself, as an address."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode()


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes:
        text: ours.
        published: what the study has in its place; empty for none.
        span: rows that it goes over.
        heads: whether it names its row.
    """

    text: str
    published: str = ""
    span: int = 1
    heads: bool = False


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes:
        columns: their names.
        rows: of cells.
        groups: names over several columns, with how many; empty for none.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    groups: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True)
class Item:
    """A figure or a table, or two figures in one.

    Attributes:
        numbers: `Fig. 12`, `Table A`.
        caption: what one sees.
        commands: what made it.
        pictures: of a figure.
        grid: of a table.
        note: what is to be said of it beside the caption.
    """

    numbers: Sequence[str]
    caption: str
    commands: Sequence[str]
    pictures: Sequence[Picture] = ()
    grid: Grid | None = None
    note: str = ""


@dataclass(frozen=True)
class Section:
    """A section: its text, then its figures and tables."""

    title: str
    text: Sequence[str] = ()
    items: Sequence[Item] = ()
    level: int = 2

    @property
    def id(self) -> str:
        """Where links to it go."""
        return anchor(self.title)


@dataclass(frozen=True)
class Page:
    """The whole page.

    Attributes:
        title: its title.
        lead: what a reader must know first.
        sections: in their order.
        foot: how it was made.
    """

    title: str
    lead: Sequence[str]
    sections: Sequence[Section]
    foot: Sequence[str] = field(default_factory=tuple)

    @property
    def items(self) -> list[Item]:
        """All figures and tables in their order."""
        return [item for section in self.sections for item in section.items]


def anchor(name: str) -> str:
    """The id of a number or a title: `fig-12`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def render(page: Page) -> str:
    """The page as HTML.

    Raises:
        ValueError: if two figures or tables, or two sections, go by one name.
    """
    there = [anchor(number) for item in page.items for number in item.numbers]
    there += [section.id for section in page.sections]
    twice = sorted({one for one in there if there.count(one) > 1})
    if twice:
        raise ValueError(f"the page has more than one {', '.join(twice)}")
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE.parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"anchor": anchor, "linked": lambda text: _linked(text, set(there))}
    return environment.get_template(TEMPLATE.name).render(page=page)


def _linked(text: str, there: set[str]) -> Markup:
    """Text in which every number of a figure or table of the page is a link to it."""
    parts = NUMBER.split(text)  # text, number, text, number, ..., text
    found = [
        Markup('<a href="#{}">{}</a>').format(anchor(part), part)
        if place % 2 and anchor(part) in there
        else escape(part)
        for place, part in enumerate(parts)
    ]
    return Markup("").join(found)
