"""The tables of docs/results.md on evaluations over folds, as Markdown: `python -m bench.evidence`.

They are those of the page (N, J, K, M), of what lies in `results/evaluations`, or else in `reports/evaluations`.
"""

from collections.abc import Iterator

from rojsat.page import needs
from rojsat.page.html import Item, Table
from rojsat.page.page_inputs import PageInputs
from rojsat.page.plan import SectionPlan
from rojsat.page.sections import leak_of_stands, readings, which_model

SECTIONS = (which_model.SECTION, readings.SECTION, leak_of_stands.SECTION)


def markdown(table: Table) -> Iterator[str]:
    """The lines of a table; a name that spans several rows stands in each of them, small print behind its number."""
    yield f"| {' | '.join(table.columns)} |"
    yield "|---" * len(table.columns) + "|"
    spanning: list[tuple[str, int]] = []
    for row in table.rows:
        spanning = [(text, left - 1) for text, left in spanning if left > 1]
        texts = [text for text, _ in spanning]
        spanning += [(cell.text, cell.span) for cell in row if cell.span > 1]
        texts += [" ".join(f"{cell.text} {cell.published}".split()) for cell in row]
        yield f"| {' | '.join(texts)} |"


def section(plan: SectionPlan, inputs: PageInputs) -> Iterator[str]:
    """The words and tables of a section of the page."""
    yield from (text.replace("[", "").replace("]", "") for text in plan.findings(inputs))
    for item in filter(_has_table, plan.items(inputs)):
        yield "\n".join([f"{item.numbers[0]}. {item.caption}\n", *markdown(item.table or Table([], []))])


def _has_table(item: Item) -> bool:
    return item.table is not None


def main() -> None:
    """Print the sections."""
    inputs = PageInputs()
    needs.check(need for plan in SECTIONS for need in plan.needs(inputs))
    print("\n\n".join(text for plan in SECTIONS for text in section(plan, inputs)))


if __name__ == "__main__":
    main()
