import pytest

from rojsat.config import compose
from rojsat.config.lookup import UnknownNameError
from rojsat.page import matrix


@pytest.mark.parametrize("size", ["quick", "full", matrix.LONG])
def test_everything_that_the_page_needs_exists(size):
    found = matrix.read(size)
    named = {*found.experiments, *found.base, *found.searches, *found.edges, *found.leak}
    named |= {name for names in found.leak.values() for name in names}
    assert named <= set(compose.names())
    assert named <= set(found.experiments)
    assert set(found.variants) <= set(compose.names("variant"))
    assert matrix.DISCRETE in found.variants


def test_changes_that_are_another_data_set_are_left_out_for_data_of_ones_own():
    assert set(matrix.read("quick").variants) - set(matrix.read("quick", embedded=False).variants) == {
        "year",
        "objects",
    }


def test_a_size_that_does_not_exist_is_an_error():
    with pytest.raises(UnknownNameError, match="full"):
        matrix.read("papier")
