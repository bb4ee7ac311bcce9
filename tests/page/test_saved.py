import pytest

from rojsat.config import compose
from rojsat.page import contents, html, saved, split_comparisons
from rojsat.page.html import Cell, Item, Page, Picture, Section, Table
from rojsat.page.references import Number
from rojsat.page.sections import discussion

NUMBERS = [Number("Fig.", "2"), Number("Fig.", "3")]
FIGURE = Item(NUMBERS, "Two figures.", ["python -m x"], [Picture(b"one", "a"), Picture(b"two", "b", 300, b"small")])
SCORES = Table(["", "R²"], [[Cell("all", span=2, heads=True), Cell("0.90", "study 0.83")]], [("", 1), ("ResNet18", 1)])
TABLE = Item([Number("Table", "A")], "Numbers.", ["python -m y"], [], SCORES, note="A note.")
MOST_TERSE = 10
"""Words of an alternative text at least."""

SECTIONS = [Section("Data", ["Read."], [FIGURE, TABLE]), Section("Empty", [], [], 3)]


def test_sections_are_read_as_they_were_written(tmp_path):
    saved.write(tmp_path, SECTIONS)
    assert saved.read(tmp_path) == SECTIONS
    assert {path.name for path in tmp_path.iterdir()} == {
        "sections.json",
        "fig-2-1.png",
        "fig-2-2.png",
        "fig-2-2_narrow.png",
    }


def test_a_missing_picture_is_an_error(tmp_path):
    saved.write(tmp_path, SECTIONS)
    (tmp_path / "fig-2-2.png").unlink()
    with pytest.raises(FileNotFoundError, match="fig-2-2"):
        saved.read(tmp_path)


def test_the_sections_in_the_repository_are_those_of_the_page_and_refer_to_each_other_alone():
    folder = compose.ROOT / "results" / "full" / "page"
    sections = saved.read(folder)
    assert [section.title for section in sections] == [plan.title for plan in contents.FULL_LENGTH]
    html.render(Page("Title", [], sections))
    (table,) = [item.table for section in sections for item in section.items if str(item.numbers[0]) == "Table D"]
    kept = [row for comparison in split_comparisons.read(folder) for row in discussion.two_rows(comparison)]
    assert [row[-7:] for row in table.rows] == [row[-7:] for row in kept]
    pictures = {path.name for path in folder.glob("*.png")}
    drawn = [picture for section in sections for item in section.items for picture in item.pictures]
    assert len(pictures) == len(drawn) + sum(picture.narrow is not None for picture in drawn)
    assert all(picture.least for picture in drawn)  # each knows how small it may be shown


def test_alternative_texts_of_kept_pictures_say_more_than_captions():
    items = [item for section in saved.read(compose.ROOT / "results" / "full" / "page") for item in section.items]
    alts = [(picture.alt, item.caption) for item in items for picture in item.pictures]
    assert len({alt for alt, _ in alts}) == len(alts) >= 18
    for alt, caption in alts:
        assert len(alt.split()) >= MOST_TERSE, alt
        assert alt not in caption
        assert any(character.isdigit() for character in alt), alt
