"""The page as plain dataclasses, and written as one HTML file that needs no other."""

import base64
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rojsat.figures import png
from rojsat.page.references import Number, linked

LEAST_TEXT = 9
"""Height of the smallest text of a picture on a narrow screen, CSS pixels."""

PHONE = 374
"""Width of a picture on a phone 400 CSS pixels wide."""

TEMPLATE = Path(__file__).with_name("template.html")


@dataclass(frozen=True)
class Picture:
    """A picture.

    Attributes:
        png: its bytes.
        alt: what it shows, for those who do not see it.
        width: at most so wide, CSS pixels; None: as wide as the page.
        narrow: bytes of the same picture for a narrow screen; None: alike.
    """

    png: bytes
    alt: str
    width: int | None = None
    narrow: bytes | None = None

    @property
    def source(self) -> str:
        """The picture itself, as an address."""
        return _address(self.png)

    @property
    def narrow_source(self) -> str:
        """The picture for a narrow screen, as an address; empty where it is the same."""
        return "" if self.narrow is None else _address(self.narrow)

    @property
    def least(self) -> int:
        """CSS pixels that it is wide at least on a narrow screen, so that its text can be read; wider ones scroll."""
        return png.least_width(self.narrow or self.png, LEAST_TEXT) or 0

    @property
    def scrolls(self) -> bool:
        """Whether a phone shows only a part of it at a time."""
        return self.least > PHONE


def _address(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes:
        text: what this page has.
        published: small print below it: what the study has in its place, an interval; empty for none.
        span: rows that it goes over.
        heads: whether it names its row.
        hint: what a pointer on it shows; empty for nothing.
        tone: `good` or `bad`, for a reader in a hurry; its words say the same. Empty for neither.
    """

    text: str
    published: str = ""
    span: int = 1
    heads: bool = False
    hint: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        columns: their names.
        rows: of cells.
        groups: names over several columns, with how many; empty for none.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    groups: Sequence[tuple[str, int]] = ()

    def labels(self, row: Sequence[Cell]) -> list[str]:
        """The column of each cell of a row; a row may lack its first cells, over which one of a row above spans."""
        groups = [name for name, span in self.groups for _ in range(span)] or [""] * len(self.columns)
        columns = [" ".join(filter(None, pair)) for pair in zip(groups, self.columns, strict=True)]
        return columns[len(columns) - len(row) :]


@dataclass(frozen=True)
class Item:
    """A figure or a table, or two figures in one. Its caption and note refer to others as `[Fig. 12]`.

    Attributes:
        numbers: at least one.
        caption: what one sees.
        commands: what made it.
        pictures: of a figure.
        table: of a table.
        note: what there is to add to the caption.
    """

    numbers: Sequence[Number]
    caption: str
    commands: Sequence[str]
    pictures: Sequence[Picture] = ()
    table: Table | None = None
    note: str = ""


@dataclass(frozen=True)
class Section:
    """A section: its text, then its figures and tables.

    Attributes:
        title: its title.
        text: its paragraphs, which refer to figures and tables as `[Fig. 12]`.
        items: its figures and tables.
        level: of its heading, 2 or 3.
    """

    title: str
    text: Sequence[str] = ()
    items: Sequence[Item] = ()
    level: int = 2

    @property
    def id(self) -> str:
        """Where links to it go."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


@dataclass(frozen=True)
class Fact:
    """A number that the first screen shows.

    Attributes:
        value: the number, `6 of 6`.
        text: of what, and what stands beside it.
    """

    value: str
    text: str


@dataclass(frozen=True)
class Opening:
    """The first screen.

    Attributes:
        finding: the page's headline, a sentence.
        answer: the sentence below it; empty for none.
        badges: what the numbers are of, a few words each.
        facts: numbers.
        beside: figures in one row below them.
        below: the figure that follows.
    """

    finding: str
    answer: str
    badges: Sequence[str]
    facts: Sequence[Fact]
    beside: Sequence[Item]
    below: Sequence[Item] = ()


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        title: its title.
        lead: what a reader must know first.
        sections: in their order.
        foot: how it was made.
        opening: the first screen; None for none.
        appendix: sections that are folded until a reader asks for them, and printed behind all others.
        appendix_title: the heading above them.
    """

    title: str
    lead: Sequence[str]
    sections: Sequence[Section]
    foot: Sequence[str] = field(default_factory=tuple)
    opening: Opening | None = None
    appendix: Sequence[Section] = ()
    appendix_title: str = ""

    @property
    def items(self) -> list[Item]:
        """All figures and tables in their order."""
        first = [] if self.opening is None else [*self.opening.beside, *self.opening.below]
        return [*first, *(item for section in self.all_sections for item in section.items)]

    @property
    def all_sections(self) -> list[Section]:
        """Its sections, those of the appendix last."""
        return [*self.sections, *self.appendix]


def render(page: Page) -> str:
    """The page as HTML.

    Raises:
        ValueError: if two figures, tables or sections have one name, or a reference means none of them.
    """
    numbers = [number for item in page.items for number in item.numbers]
    ids = Counter([*(number.id for number in numbers), *(section.id for section in page.all_sections)])
    repeated = sorted(name for name, count in ids.items() if count > 1)
    if repeated:
        raise ValueError(f"the page has more than one {', '.join(repeated)}")
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["linked"] = lambda text: linked(text, numbers)
    return environment.get_template(TEMPLATE.name).render(page=page)
