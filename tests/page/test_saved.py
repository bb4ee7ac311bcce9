import pytest

from rojsat.page import saved
from rojsat.page.html import Cell, Grid, Item, Picture, Section

FIGURE = Item(["Fig. 2", "Fig. 3"], "Two figures.", ["python -m x"], [Picture(b"one", "a"), Picture(b"two", "b", 300)])
GRID = Grid(["", "R²"], [[Cell("all", span=2, heads=True), Cell("0.90", "study 0.83")]], [("", 1), ("ResNet18", 1)])
TABLE = Item(["Table A"], "Numbers.", ["python -m y"], [], GRID, note="A note.")
SECTIONS = [Section("Data", ["Read."], [FIGURE, TABLE]), Section("Empty", [], [], 3)]


def test_sections_are_read_as_they_were_written(tmp_path):
    saved.write(tmp_path, SECTIONS)
    assert saved.read(tmp_path) == SECTIONS
    assert {path.name for path in tmp_path.iterdir()} == {"sections.json", "fig-2-1.png", "fig-2-2.png"}


def test_a_missing_picture_is_an_error(tmp_path):
    saved.write(tmp_path, SECTIONS)
    (tmp_path / "fig-2-2.png").unlink()
    with pytest.raises(FileNotFoundError, match="fig-2-2"):
        saved.read(tmp_path)
