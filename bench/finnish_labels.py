"""What a rule of labels makes of Finnish stand data: `python -m bench.finnish_labels FILE…`.

FILE is XML of the forest data standard or a GeoPackage of Metsäkeskus. For each: its codes that no list has; for images
of 1 July of each year with labels, their number and the share of need; for the year with most labels, else the last
one, the same by the limit of years and by the inner buffer, and the stands and hectares by label and reason.
"""

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from bench import tables
from rojsat.chips import roles
from rojsat.geo.finland import forest_standard_xml, metsakeskus_gpkg, stand_labels
from rojsat.geo.finland.finnish_stands import OBSERVED, StandTable
from rojsat.geo.finland.stand_labels import STRONG, WEAK, LabelRule

READERS: dict[str, Callable[[Path], StandTable]] = {".xml": forest_standard_xml.read, ".gpkg": metsakeskus_gpkg.read}
"""By the end of a file's name."""

YEARS = (1, 2, 3, 5, 10)
"""Limits between label and image, years."""

CURRENT = "2"
"""Type of a tree stand that is projected to the date of the data."""

BUFFERS = (0, 10, 20, 30)  # metres


def image_years(table: StandTable) -> list[int]:
    """Years from the first observation or completed operation to the date of the data, to which trees are projected.

    Raises:
        ValueError: if there is none of them.
    """
    years = {stand.date.year for stand in table.tree_stands if stand.type in (OBSERVED, CURRENT) and stand.date}
    years |= {operation.completed.year for operation in table.operations or () if operation.completed}
    if not years:
        raise ValueError("no tree stand and no completed operation has a date: there is no year to label")
    return list(range(min(years), max(years) + 1))


def balance(table: StandTable, year: int, rule: LabelRule) -> dict[str, Any]:
    """Labels of each strength on 1 July of a year, unknown stands, and need as a share of all labels."""
    labels = stand_labels.label(table, date(year, 7, 1), rule)
    row: dict[str, Any] = {
        f"{strength} {label}": int(((labels["label"] == label) & (labels["strength"] == strength)).sum())
        for strength in (STRONG, WEAK)
        for label in (roles.NEED, roles.CLEAR)
    }
    known = int(labels["label"].notna().sum())
    need = int((labels["label"] == roles.NEED).sum())
    return row | {"unknown": len(labels) - known, "share of need": need / known if known else None}


def measure(path: Path) -> None:
    """Measure one file, and print its tables.

    Raises:
        ValueError: as its reader, and if it is of another format or has no date.
    """
    if path.suffix.lower() not in READERS:
        raise ValueError(f"{path} is of none of the formats {', '.join(READERS)}")
    table = READERS[path.suffix.lower()](path)
    codes = ", ".join(f"{row.list} {row.code} ({row.times})" for row in table.unknown_codes().itertuples())
    print(f"\n{path.name}: {len(table.stands)} stands; codes that no list has: {codes or 'none'}")
    years = image_years(table)
    by_year = [{"1 July": year} | balance(table, year, LabelRule()) for year in years]
    year = min(zip(by_year, years, strict=True), key=lambda pair: (pair[0]["unknown"], -pair[1]))[1]
    labelled = [row for row in by_year if row["unknown"] < len(table.stands)]
    if labelled:
        limits = [LabelRule(proposed=limit, completed=limit, observed=limit) for limit in YEARS]
        buffers = [LabelRule(inner_buffer=metres) for metres in BUFFERS]
        tables.show("by year of the image", labelled)
        by_limit = [{"years": rule.proposed} | balance(table, year, rule) for rule in limits]
        tables.show(f"image of {year}, by limit of years", by_limit)
        by_buffer = [{"metres": rule.inner_buffer} | balance(table, year, rule) for rule in buffers]
        tables.show(f"image of {year}, by inner buffer", by_buffer)
    counts = stand_labels.counts(stand_labels.label(table, date(year, 7, 1), LabelRule()))
    rows = [{str(name): value for name, value in row.items()} for row in counts.to_dict("records")]
    tables.show(f"image of {year}, by reason", rows)


def main(paths: list[Path]) -> None:
    """Measure all files, print the tables."""
    for path in paths:
        measure(path)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("name files of Finnish stand data: python -m bench.finnish_labels FILE…")
    try:
        main([Path(name) for name in sys.argv[1:]])
    except ValueError as error:
        sys.exit(str(error))
