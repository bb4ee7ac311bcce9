"""A section before it is written: what it needs, and the functions that write it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from matplotlib.figure import Figure

from rojsat.figures.data_set_view import DataSetView
from rojsat.page.html import Item, Section
from rojsat.page.needs import NeededFiles
from rojsat.page.page_inputs import PageInputs


@dataclass(frozen=True)
class Drawing:
    """A picture of the data set itself, which `rojsat.stages.page_data` draws.

    Attributes:
        file: its name in the folder of drawings.
        draw: what draws it; None comes back where a data set has nothing of the kind.
        is_optional: whether that can be.
        narrow: what draws it for a narrow screen; None: it is the same there.
    """

    file: str
    draw: Callable[[DataSetView], Figure | None]
    is_optional: bool = False
    narrow: Callable[[DataSetView], Figure | None] | None = None


def _nothing(_inputs: PageInputs) -> tuple[()]:
    return ()


@dataclass(frozen=True, eq=False)
class SectionPlan:
    """A section of the page.

    Attributes:
        title: its title.
        prose: its paragraphs, whatever the inputs.
        findings: paragraphs that follow from the inputs.
        items: its figures and tables.
        needs: the files that it reads.
        drawings: pictures of the data set that it shows.
        roles: roles that the data set must have chips of, and what for.
        level: of its heading.
    """

    title: str
    prose: Sequence[str] = ()
    findings: Callable[[PageInputs], Sequence[str]] = _nothing
    items: Callable[[PageInputs], Sequence[Item]] = _nothing
    needs: Callable[[PageInputs], Iterable[NeededFiles]] = _nothing
    drawings: Sequence[Drawing] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    level: int = 2

    def all_needs(self, inputs: PageInputs) -> list[NeededFiles]:
        """The files that it reads, its drawings among them."""
        files = [drawing.file for drawing in self.drawings if not drawing.is_optional]
        return [*self.needs(inputs), *([inputs.drawings.need("facts.json", *files)] if files else [])]

    def write(self, inputs: PageInputs) -> Section:
        """The section of a page."""
        return Section(self.title, [*self.prose, *self.findings(inputs)], self.items(inputs), self.level)

    def write_full(self, inputs: PageInputs) -> Section:
        """The section of the results at full length, as it is kept: what follows from them, without the prose."""
        return Section(self.title, self.findings(inputs), self.items(inputs), self.level)
