import shutil

import pytest

from rojsat.config import compose, questions

FILE = """# Your own files.
name: mine
source: safe
regions:
  - path: a.gpkg
    # QUESTION: which role:
    #   stand or clearing?
    role: ???
    # QUESTION: which label?
    label: need
labels:
  source: polygons # ??? is no value here
target: ???
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A data set with open questions, among those of the repository."""
    shutil.copytree(compose.EXPERIMENTS, tmp_path / "experiments")
    monkeypatch.setattr(compose, "EXPERIMENTS", tmp_path / "experiments")
    path = tmp_path / "experiments" / "data" / "mine.yaml"
    path.write_text(FILE)
    return path


def test_a_question_is_open_as_long_as_its_value_is(file):
    assert questions.of(file) == ["line 8, role: which role: stand or clearing?", "line 13, target: no value yet"]


@pytest.mark.parametrize("words", [["data=mine"], ["exp=resnet18_s2", "data=mine"]])
def test_a_data_set_with_open_questions_is_refused_with_its_file_and_the_questions(file, words):
    with pytest.raises(
        ValueError, match=r"mine\.yaml leaves questions open(?s:.*)line 8, role: which role(?s:.*)line 13"
    ):
        compose.parse(words)


def test_answers_may_stand_below_the_questions_and_other_data_sets_are_not_held_up(file):
    assert compose.parse(["data=simulated"]).data.name == "simulated"
    file.write_text(FILE.replace("role: ???", "role: stand").replace("target: ???", "target: need"))
    assert compose.parse(["data=mine"]).data.regions[0].role == "stand"
