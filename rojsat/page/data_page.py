"""The page of a data set before training: where its regions are, what each date shows, what it is enough for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from rojsat.page.html import Cell, Item, Page, Picture, Section, Table
from rojsat.page.references import Number


@dataclass(frozen=True)
class DataPictures:
    """The figures.

    Attributes:
        outlines: of all regions on the clearest date.
        dates: a thumbnail of each.
        clouds: a bar an overpass.
    """

    outlines: Picture
    dates: Picture
    clouds: Picture


def page(
    name: str,
    enough: Sequence[str],
    pictures: DataPictures,
    tables: Sequence[pd.DataFrame],
    command: str,
    of_rule: Mapping[str, pd.DataFrame],
) -> Page:
    """The page.

    Args:
        name: of the data set.
        enough: what it is enough for, sentences.
        pictures: see `DataPictures`.
        tables: regions by role and label; chips left out by reason; every region. Columns are named for readers.
        command: that made it.
        of_rule: tables of labels by rule, by title; none where no rule made labels.
    """
    summed, left_out, every = tables
    where = [_figure("1", "All regions on true colour, on the clearest date.", pictures.outlines, command)]
    where.append(_table("1", "Regions by role and label, with their area and their chips.", summed, command))
    seen = [
        _figure("2", "Every date, with one stretch of brightness.", pictures.dates, command),
        _figure("3", "Cloud over the regions on each overpass; ? where nothing says it.", pictures.clouds, command),
    ]
    if len(left_out):
        seen.append(_table("2", "Chips and regions that are left out, by reason.", left_out, command))
    numbered = enumerate(of_rule.items(), 4 if len(left_out) else 3)
    rule = [_table(str(number), f"{title}.", table, command) for number, (title, table) in numbered]
    return Page(
        f"Data set {name}",
        enough,
        [
            Section("Where", [_ROLES], where),
            Section("Dates", [_CLOUD], seen),
            *([Section("Labels by rule", [_RULE], rule)] if rule else []),
        ],
        [f"Made by {command}. Half widths of intervals are those of the evaluations in results/evaluations."],
        appendix=[
            Section(
                "Every region",
                [],
                [_table("3" if len(left_out) else "2", "Every region with its area.", every, command)],
            )
        ],
        appendix_title="Regions one by one",
    )


_ROLES = (
    "A stand has one label, need or clear. A clearing object has a degree of need for every pixel. Networks are not "
    "trained on control areas; predictions there are reported."
)

_RULE = (
    "A stand has a label for the day of each image. Strong: a tending was completed near it. Weak: a tending was "
    "proposed, or none was. Days without a label give no chip."
)

_CLOUD = "A chip is left out where too much of its region lies under cloud or has no data: keys of data.chips."


def _figure(number: str, caption: str, picture: Picture, command: str) -> Item:
    return Item([Number("Fig.", number)], caption, [command], pictures=[picture])


def _table(number: str, caption: str, table: pd.DataFrame, command: str) -> Item:
    texts = [[str(value) for value in row] for row in table.itertuples(index=False)]
    rows = [[Cell(text, heads=column == 0) for column, text in enumerate(row)] for row in texts]
    return Item([Number("Table", number)], caption, [command], table=Table([*map(str, table.columns)], rows))
