import pytest

from rojsat.page.references import Number, linked

FIGURE, FULL_FIGURE, TABLE = Number("Fig.", "12"), Number("Fig.", "12", "L"), Number("Table", "A")
NUMBERS = [FIGURE, FULL_FIGURE, TABLE]


def test_a_number_has_a_text_and_an_id():
    assert (str(FULL_FIGURE), FULL_FIGURE.id) == ("Fig. 12L", "fig-12l")
    assert (str(TABLE), TABLE.id) == ("Table A", "table-a")


@pytest.mark.parametrize(
    ("text", "suffix", "target"),
    [
        ("[Fig. 12]", "", FIGURE),
        ("[Fig. 12L]", "", FULL_FIGURE),
        ("[Fig. 12]", "L", FULL_FIGURE),
        ("[Table A]", "L", TABLE),
    ],
)
def test_a_reference_means_its_own_section_first(text, suffix, target):
    assert linked(text, NUMBERS, suffix) == f'<a href="#{target.id}">{target}</a>'


@pytest.mark.parametrize("text", ["Fig. 12 and Table A", "[0, 1]", "tune.seeds=[0]", "[Figure 12]"])
def test_what_is_not_marked_as_a_reference_is_none(text):
    assert linked(text, NUMBERS) == text


def test_a_reference_to_nothing_names_what_there_is():
    with pytest.raises(ValueError, match=r"no Fig\. 13.*it has Fig\. 12, Fig\. 12L, Table A"):
        linked("see [Fig. 13]", NUMBERS)
