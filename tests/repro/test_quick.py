"""The stages of `dvc.yaml` side by side: what is printed of them, and how long they take the next time."""

import sys

import pytest

from rojsat.repro import __main__ as main
from rojsat.repro import quick, stage_times
from rojsat.repro.jobs import FailedJobError, Job


def stage(name, code, *after):
    return Job(name, (sys.executable, "-c", code), frozenset(after))


RAN = "print(\"Running stage '{}':\")"


@pytest.fixture
def root(tmp_path):
    (tmp_path / "reports").mkdir()
    return tmp_path


def test_what_is_made_and_what_is_up_to_date_is_counted_and_times_are_kept_of_what_ran(root, capsys):
    stages = [stage("raw@a", RAN.format("raw@a")), stage("masks@a", "print('is cached - skipping run')", "raw@a")]
    quick._make(root, stages, 5, 1, root / "log")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "5 stages: 3 are up to date, 2 to make: about 40 s (by typical times, on 2 cores)"
    assert lines[1].startswith("1/2 raw a … ") and "left" in lines[1]
    assert lines[2].startswith("2/2 masks a … from DVC's cache, ")
    assert list(stage_times.read(root)) == ["raw@a"]


def test_where_nothing_is_to_be_made_one_line_says_so(root, capsys):
    quick._make(root, [], 5, 2, root / "log")
    assert capsys.readouterr().out == "5 stages: 5 are up to date\n"


def test_a_stage_that_fails_says_why_and_what_to_do(root):
    failing = stage("train@a", "print('no such band'); raise SystemExit(2)")
    with pytest.raises(FailedJobError) as error:
        quick._make(root, [failing], 1, 1, root / "log")
    lines = str(error.value).splitlines()
    assert lines[0].startswith("train a failed with status 2")
    assert lines[1] == "  no such band"
    assert str(root / "log") in lines[2]
    assert "dvc repro --single-item train@a" in lines[-1]


def test_the_last_lines_are_the_page_the_runs_and_the_time(root, monkeypatch):
    monkeypatch.setattr(main.differences, "summary", lambda root: "2 of 2 metrics are the same as in HEAD")
    *_, page, runs, total = main._closing(root, True, 200.0).splitlines()
    assert page == f"page:       {(root / 'reports' / 'study.html').as_uri()}"
    assert (runs, total) == ("all runs:   make ui", "total time: 3 min")
    assert "not among these goals" in main._closing(root, False, 1.0)
