import pytest

from rojsat.page import html
from rojsat.page.html import Cell, Grid, Item, Page, Picture, Section


def made(*items):
    return html.render(Page("Title", ["Lead"], [Section("Data", ["See Fig. 2 & Table A, not Fig. 9."], items)]))


FIGURE = Item(["Fig. 2", "Fig. 3"], "Two <figures>.", ["python -m x"], [Picture(b"png", 'a "picture"')])


def test_a_number_in_a_text_is_a_link_where_the_page_has_it():
    text = made(FIGURE)
    assert 'See <a href="#fig-2">Fig. 2</a> &amp; Table A, not Fig. 9.' in text
    assert 'id="fig-2"' in text
    assert 'id="fig-3"' in text


def test_pictures_are_in_the_page_and_text_is_escaped():
    text = made(FIGURE)
    assert "data:image/png;base64,cG5n" in text
    assert "Two &lt;figures&gt;." in text
    assert 'alt="a &#34;picture&#34;"' in text


def test_a_table_shows_the_published_number_beneath_ours():
    grid = Grid(["", "F1"], [[Cell("clear", heads=True), Cell("0.90", "study 0.83")]], [("", 1), ("ResNet18", 1)])
    text = made(Item(["Table A"], "Numbers.", ["python -m x"], grid=grid))
    assert '<td>0.90<span class="published">study 0.83</span></td>' in text
    assert 'colspan="1">ResNet18</th>' in text


def test_a_number_given_twice_is_an_error():
    with pytest.raises(ValueError, match="more than one fig-2"):
        made(FIGURE, FIGURE)
