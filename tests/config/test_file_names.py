"""What files and servers call things never leads out of the folder that is written."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rojsat.config import file_names


@given(st.text(max_size=120))
@example("../../evil")
@example("..\\evil")
@example("C:\\evil")
@example("a\0b")
@example(".")
def test_a_name_that_passes_names_a_file_of_the_folder_itself(name):
    folder = Path("/data/raw")
    if file_names.fault(name) is None:
        assert (folder / f"{name}.tif").resolve().parent == folder
    else:
        with pytest.raises(ValueError, match="nothing is written"):
            file_names.check(name, "scene")


@pytest.mark.parametrize("name", ["20190723T101031_S2A_R022_T33VXG", "björkåsen 7", "a.b"])
def test_ordinary_names_pass(name):
    assert file_names.check(name, "scene") == name


@pytest.mark.parametrize("name", [None, 7, ["a"]])
def test_what_is_no_text_is_refused(name):
    with pytest.raises(ValueError, match="has no id"):
        file_names.check(name, "scene")
