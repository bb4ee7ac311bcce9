"""The list of stands for spreadsheets: `stands.xlsx`, whose bytes depend on its content alone."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import tostring

from rojsat.maps.stand_columns import COLUMNS

LIST, MEANINGS, MODEL = "Stands", "Columns", "Model"
"""Names of the sheets."""

NARROWEST, WIDEST = 9, 100
"""Width of columns, letters."""

ZIPPED = (1980, 1, 1, 0, 0, 0)
"""Time of every file in the workbook: the first that its format knows."""

_PROPERTIES = "docProps/core.xml"


def write(path: Path, stands: pd.DataFrame, about: Sequence[tuple[str, str]], day: pd.Timestamp) -> None:
    """Write the workbook, complete or not at all.

    Args:
        path: the file.
        stands: the stand table without geometry.
        about: names and texts of the third sheet: the model, what it is worth, how sure it is.
        day: that the workbook says it was made on: the last one of its scenes, not that of the clock.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    dated = stands.assign(last_clear=pd.to_datetime(stands["last_clear"]).dt.date)
    _sheet(book, LIST, dated, frozen="C2")
    meanings = pd.DataFrame([(name, COLUMNS[str(name)].means) for name in stands], columns=["column", "means"])
    _sheet(book, MEANINGS, meanings)
    _sheet(book, MODEL, pd.DataFrame(list(about), columns=["about", "says"]))
    book[LIST].auto_filter.ref = book[LIST].dimensions
    book.properties.creator = "rojsat"
    book.properties.created = day.tz_localize(None).to_pydatetime()
    beside = path.with_name(f".{path.name}.partial")
    beside.write_bytes(_fixed(book))
    beside.replace(path)


def _sheet(book: Workbook, title: str, table: pd.DataFrame, frozen: str = "A2") -> None:
    sheet: Worksheet = book.create_sheet(title)
    sheet.append([str(name) for name in table])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row, values in enumerate(table.astype(object).itertuples(index=False), start=2):
        for column, (name, value) in enumerate(zip(table, values, strict=True), start=1):
            if pd.isna(value):
                continue
            cell = sheet.cell(row, column, value)
            if isinstance(value, str):
                # a text is never a formula, nor becomes one when somebody edits it
                cell.data_type, cell.quotePrefix = "s", value[:1] in "=+-@"
                cell.alignment = Alignment(wrap_text=len(value) > WIDEST, vertical="top")
            elif title == LIST and COLUMNS[str(name)].number:
                cell.number_format = COLUMNS[str(name)].number
    for column, name in enumerate(table, start=1):
        longest = max([len(str(name)) + 3, *(_letters(value) for value in table[name])])
        sheet.column_dimensions[get_column_letter(column)].width = min(max(longest + 1, NARROWEST), WIDEST)
    sheet.freeze_panes = frozen


def _letters(value: object) -> int:
    """How many letters a value takes, about: numbers are written with a few digits."""
    return len(value) if isinstance(value, str) else NARROWEST + 1


def _fixed(book: Workbook) -> bytes:
    """The workbook without the times that openpyxl and zip files take from the clock."""
    first, second = io.BytesIO(), io.BytesIO()
    book.save(first)
    book.properties.modified = book.properties.created
    with zipfile.ZipFile(first) as dated_zip, zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as fixed:
        for name in dated_zip.namelist():
            content = tostring(book.properties.to_tree()) if name == _PROPERTIES else dated_zip.read(name)
            fixed.writestr(zipfile.ZipInfo(name, ZIPPED), content, zipfile.ZIP_DEFLATED)
    return second.getvalue()
