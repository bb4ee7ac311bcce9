"""Where the figures and tables of the page live: in what draws them, in their section, in their test."""

import re
from collections import defaultdict

import pytest

from rojsat.config import compose
from rojsat.page import contents

SECTIONS = sorted((compose.ROOT / "rojsat" / "page" / "sections").glob("*.py"))
OUTSIDE = sorted({*(compose.ROOT / "rojsat").rglob("*.py"), *compose.ROOT.glob("*.yaml")} - set(SECTIONS))

NUMBER = re.compile(r'Number\(\s*"(Fig\.|Table)",\s*"(\w+)"')


def test_a_number_stands_in_the_file_of_one_section():
    files = defaultdict(list)
    for path in SECTIONS:
        for kind, value in NUMBER.findall(path.read_text()):
            files[f"{kind} {value}"].append(path.name)
    assert {number: names for number, names in files.items() if len(names) > 1} == {}
    study = {f"Fig. {number}" for number in range(1, 23)} | {"Table 1", "Table 2"}
    assert study | {f"Table {letter}" for letter in "ABCDEFGHIJKMN"} | {f"Fig. {letter}" for letter in "ABCDE"} == set(
        files
    )


def test_no_other_code_knows_a_number():
    others = [path for path in OUTSIDE if path.name != "run_page.py"]  # of a page of its own
    assert [path.name for path in others if NUMBER.search(path.read_text())] == []


@pytest.mark.parametrize("drawing", contents.drawings(), ids=lambda drawing: drawing.file)
def test_a_drawing_of_the_data_set_is_named_in_its_section_alone(drawing):
    named = [path.name for path in [*SECTIONS, *OUTSIDE] if drawing.file in path.read_text()]
    assert len(named) == 1


def test_drawings_have_files_of_their_own():
    files = [drawing.file for drawing in contents.drawings()]
    assert len(files) == len(set(files))


def test_every_section_is_on_the_page_once():
    titles = [plan.title for plan in (*contents.DATA, *contents.TRAINED)]
    assert len(titles) == len(set(titles))
    assert set(contents.FULL_LENGTH) <= set(contents.TRAINED)
    modules = {path.stem for path in SECTIONS if not path.stem.startswith("_")}
    text = (compose.ROOT / contents.__file__).read_text()
    listed = set(re.findall(r"\b(\w+)\.(?:SECTION|INTRODUCTION|lead\()", text)) | set(
        re.findall(r"\b(opening)\.write\(", text)
    )
    assert modules == listed
