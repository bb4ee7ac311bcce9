import datetime
import re

import openpyxl
import pandas as pd
import pytest

from rojsat.config import compose
from rojsat.maps import stand_sheet
from rojsat.maps.stand_columns import COLUMNS

DAY = pd.Timestamp("2019-07-11T10:20:31Z")
TRAPS = ["=1+1", "+46", "-2", "@SUM(A1)", "7"]


@pytest.fixture
def stands():
    return pd.DataFrame(
        {
            "rank": pd.array([1, 2, 3, 4, None], dtype="Int64"),
            "region": TRAPS,
            "need_ha": [3.25, 2.0, 1.0, 0.5, None],
            "last_clear": ["2019-07-11"] * 4 + [None],
            "already_cleared": pd.array([True, False, None, False, None], dtype="boolean"),
            "note": ["", "", "", "", "not seen on any date"],
        }
    )


def test_the_workbook_holds_the_table_its_meanings_and_the_model(tmp_path, stands):
    stand_sheet.write(tmp_path / "stands.xlsx", stands, [("how sure", "=none")], DAY)
    book = openpyxl.load_workbook(tmp_path / "stands.xlsx")
    first, second, third = book.worksheets
    assert (first.freeze_panes, first.title) == ("C2", "Stands") and first.auto_filter.ref == "A1:F6"
    cells = list(first.iter_rows(min_row=2))
    assert [row[1].value for row in cells] == TRAPS and {row[1].data_type for row in cells} == {"s"}
    assert [row[1].quotePrefix for row in cells] == [True] * 4 + [False]
    assert cells[0][2].value == 3.25 and cells[0][2].number_format == "0.00" and cells[4][2].value is None
    assert cells[0][3].value == datetime.datetime(2019, 7, 11) and cells[0][3].number_format == "yyyy-mm-dd"
    assert [row[4].value for row in cells] == [True, False, None, False, None]
    assert min(dimension.width for dimension in first.column_dimensions.values()) >= 9
    assert [row[0].value for row in second.iter_rows(min_row=2)] == list(stands)
    assert third["B2"].value == "=none" and third["B2"].data_type == "s"


def test_the_same_table_gives_the_same_bytes_whatever_the_clock_says(tmp_path, stands, monkeypatch):
    written = []
    for year in (2020, 2031):
        monkeypatch.setattr("time.time", lambda year=year: datetime.datetime(year, 5, 5).timestamp())
        stand_sheet.write(tmp_path / f"{year}.xlsx", stands, [], DAY)
        written.append((tmp_path / f"{year}.xlsx").read_bytes())
    assert written[0] == written[1] and sorted(path.name for path in tmp_path.iterdir()) == ["2020.xlsx", "2031.xlsx"]
    properties = openpyxl.load_workbook(tmp_path / "2020.xlsx").properties
    assert properties.created == properties.modified == datetime.datetime(2019, 7, 11, 10, 20, 31)


def test_the_docs_explain_every_column():
    docs = (compose.ROOT / "docs" / "maps.md").read_text()
    assert [name for name in COLUMNS if not re.search(rf"^\|.*`{name}`.*\|", docs, re.M)] == ["region"]
