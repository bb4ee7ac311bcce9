import pytest

from rojsat.page.references import Number, linked

FIGURE, TABLE = Number("Fig.", "12"), Number("Table", "A")
NUMBERS = [FIGURE, TABLE]


def test_a_number_has_a_text_and_an_id():
    assert (str(FIGURE), FIGURE.id) == ("Fig. 12", "fig-12")
    assert (str(TABLE), TABLE.id) == ("Table A", "table-a")


@pytest.mark.parametrize("target", NUMBERS)
def test_a_reference_is_a_link(target):
    assert linked(f"[{target}]", NUMBERS) == f'<a href="#{target.id}">{target}</a>'


@pytest.mark.parametrize("text", ["Fig. 12 and Table A", "[0, 1]", "tune.seeds=[0]", "[Figure 12]"])
def test_what_is_not_marked_as_a_reference_is_none(text):
    assert linked(text, NUMBERS) == text


def test_a_reference_to_nothing_names_what_there_is():
    with pytest.raises(ValueError, match=r"no Fig\. 13.*it has Fig\. 12, Table A"):
        linked("see [Fig. 13]", NUMBERS)
