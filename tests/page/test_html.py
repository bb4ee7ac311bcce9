import base64

import pytest
from matplotlib.figure import Figure

from rojsat.figures import png
from rojsat.page import html
from rojsat.page.html import Cell, Fact, Item, Opening, Page, Picture, Section, Table
from rojsat.page.references import Number

PNG = png.encode(Figure(figsize=(1, 1)))


def rendered(*items):
    section = Section("Data", ["See [Fig. 2] & Fig. 9."], items)
    return html.render(Page("Title", ["Lead"], [section]))


FIGURE = Item(
    [Number("Fig.", "2"), Number("Fig.", "3")], "Two <figures>.", ["python -m x"], [Picture(PNG, 'a "picture"')]
)


def test_a_reference_is_a_link_and_other_text_is_left_as_it_is():
    page = rendered(FIGURE)
    assert 'See <a href="#fig-2">Fig. 2</a> &amp; Fig. 9.' in page
    assert 'id="fig-2"' in page
    assert 'id="fig-3"' in page


def test_pictures_are_in_the_page_and_text_is_escaped():
    page = rendered(FIGURE)
    assert f"data:image/png;base64,{base64.b64encode(PNG).decode()}" in page
    assert "Two &lt;figures&gt;." in page
    assert 'alt="a &#34;picture&#34;"' in page


def test_a_phone_gets_the_narrow_picture_and_one_whose_text_would_be_too_small_scrolls():
    figure = Figure(figsize=(10, 1))
    figure.subplots().set_title("small", fontsize=6)
    wide = png.encode(figure)
    pictures = [Picture(PNG, "no text"), Picture(wide, "small text"), Picture(wide, "two sizes", narrow=PNG)]
    assert [picture.scrolls for picture in pictures] == [False, True, False]
    pixels = int.from_bytes(wide[16:20])  # across, as PNG says it
    text = 6 / png.POINT * png.DPI * pictures[1].least / pixels  # of the least width, CSS pixels
    assert text == pytest.approx(html.LEAST_TEXT, rel=0.01)
    page = rendered(FIGURE, Item([Number("Fig.", "7")], "Three.", ["x"], pictures))
    assert page.count("<source ") == 1
    assert 'aria-label="Fig. 7, pictures that scroll sideways on a narrow screen"' in page


def test_a_table_shows_the_published_number_below_that_of_the_page():
    scores = Table(["", "F1"], [[Cell("clear", heads=True), Cell("0.90", "study 0.83")]], [("", 1), ("ResNet18", 1)])
    page = rendered(FIGURE, Item([Number("Table", "A")], "Numbers.", ["python -m x"], table=scores))
    assert '<td data-label="ResNet18 F1"><span>0.90<span class="published">study 0.83</span></span></td>' in page
    assert 'colspan="1">ResNet18</th>' in page


def test_a_row_without_its_first_cells_has_the_columns_of_those_that_it_has():
    table = Table(["network", "part", "F1"], [[Cell("a", span=2, heads=True), Cell("x"), Cell("1")]])
    assert table.labels([Cell("y"), Cell("2")]) == ["part", "F1"]


def test_commands_are_copied_not_printed_and_folded_sections_are_in_the_contents():
    opening = Opening("It is so.", "", ["simulated data"], [Fact("6 of 6", "comparisons")], [])
    folded = Section("Future work", ["Proposals."], [Item(FIGURE.numbers, "Two.", ["rojsat run a", "rojsat run b"])])
    page = html.render(Page("Title", [], [], opening=opening, appendix=[folded], appendix_title="The study"))
    assert 'title="rojsat run a\nrojsat run b"' in page
    assert "Copy 2 commands" in page
    assert '<summary><h3 id="future-work">Future work</h3>' in page
    assert '<a href="#future-work">Future work</a>' in page
    assert page.index("<h1>It is so.</h1>") < page.index("6 of 6") < page.index('id="contents"')


def test_two_figures_of_one_number_are_an_error():
    with pytest.raises(ValueError, match="more than one fig-2"):
        rendered(FIGURE, FIGURE)


def test_a_reference_to_nothing_is_an_error():
    with pytest.raises(ValueError, match=r"the page has no Fig\. 2"):
        rendered()
