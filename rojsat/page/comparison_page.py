"""The page of a comparison of evaluations: what it says in words, then its tables. Knows nothing but its content."""

from collections.abc import Mapping, Sequence
from typing import Any

from rojsat.evaluation import comparison_tables, label_tables
from rojsat.evaluation.text_columns import TextTable
from rojsat.page.html import Cell, Item, Page, Section, Table
from rojsat.page.references import Number


def page(content: Mapping[str, Any], command: str) -> Page:
    """The page.

    Args:
        content: of `comparison.json`.
        command: that made it.
    """
    tables = comparison_tables.tables(content)
    items = [_item(table, number, command) for number, table in enumerate(tables, 1)]
    decides = content["metrics"][0]
    lead = [*marks(content), *(each["words"] + "." for each in content["differences"] if each["metric"] == decides)]
    lead += [f"{name}: {words}." for name, words in content["verdicts"].items()]
    sections = [
        *_leaks(content, command, len(items)),
        Section("Which is better", [_INTERVALS], items[:3]),
        Section("The regions with the largest errors", [_REGIONS], items[3:4]),
    ]
    denied, borders = (4 + len(list(label_tables.denied(content))), len(list(label_tables.borders(content))))
    for title, words, shown in (
        ("Labels that no evaluation believes", _DENIED, items[4:denied]),
        ("What the errors go with", _GROUPS, items[denied : len(items) - borders]),
        ("Near and off the label borders", _BORDERS, items[len(items) - borders :]),
    ):
        if shown:
            sections.append(Section(title, [words], shown))
    left_out = content["without_predictions"]
    foot = [*(f"{label} is {name}." for label, name in content["names"].items() if label != name)]
    foot += [f"Made by {command}.", *([_left_out(left_out)] if left_out else [])]
    return Page(f"{_listed(list(content['values']))} compared", lead, sections, foot)


def _leaks(content: Mapping[str, Any], command: str, tables: int) -> list[Section]:
    """What one experiment reaches on regions that were trained on, on other dates, and on others; if it was asked."""
    shown = [_item(table, tables + number, command) for number, table in enumerate(comparison_tables.leaks(content), 1)]
    paragraphs = [f"{each['words'][0].upper()}{each['words'][1:]}." for each in content["leaks"]]
    paragraphs += [f"{reason}." for reason in content["unknown_leaks"]]
    return [Section("The leak", [*paragraphs, _LEAK], shown)] if paragraphs else []


_LEAK = (
    "Two splits test different samples; both sides are those that both tested, so the same pixels. Beside the leak, "
    "the two differ in how much there was to train on: some dates of all regions, or all dates of the other regions."
)

_INTERVALS = (
    "Regions are drawn with replacement, not pixels: pixels and dates of one region are alike. A difference is decided "
    "where its interval does not hold 0. The difference counts improvement: of an RMSE, how much lower it is. R² below "
    "0 is worse than the mean of the tested pixels. The IoU of predicting need everywhere is the prevalence."
)

_REGIONS = (
    "Beside each evaluation stands its best predictor without an image, on the same pixels. An error near or above "
    "its own says that the image was of no use there."
)

_DENIED = (
    "Every evaluation is wrong there, though each was trained on other regions: the labels may be wrong, or the region "
    "unlike all others. Look at its images. Left out, all metrics would be better and no model."
)

_BORDERS = (
    "A border between pixels with and without need is no sharper than its labels are. Errors beside it may be the "
    "labels'; those farther off than a pixel are not."
)

_GROUPS = "From the predictions that the folds left, all seeds together."


def marks(content: Mapping[str, Any]) -> list[str]:
    """What must be known before anything else: models fitted elsewhere; data or split that evaluations do not share."""
    fitted = [f"{name} was {words}." for name, words in content["fitted_elsewhere"].items()]
    if not content["unlike"]:
        return fitted
    subjects = " and ".join(content["unlike"])
    return [
        *fitted,
        f"NOT THE SAME {subjects.upper()}: differences rest on the regions that both have, and may come from that.",
    ]


def _left_out(names: Sequence[str]) -> str:
    return f"Errors by group are left out of {_listed(names)}: the predictions of the folds are not kept there."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _item(table: TextTable, number: int, command: str) -> Item:
    rows = [[Cell(text, heads=column == 0) for column, text in enumerate(row)] for row in table.rows]
    return Item([Number("Table", str(number))], f"{table.title}.", [command], table=Table(table.columns, rows))
