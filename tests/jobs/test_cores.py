"""Cores of a machine divided among processes."""

import os
import subprocess
import sys

import pytest

from rojsat.jobs import cores


@pytest.mark.parametrize(
    ("available", "processes", "before", "threads"),
    [
        (8, 1, None, None),  # one alone is left as it is
        (8, 1, "3", "3"),
        (8, 2, None, "4"),
        (8, 3, None, "2"),
        (2, 4, None, "1"),
        (8, 2, "2", "2"),  # what somebody set is never raised
        (8, 2, "16", "4"),
        (8, 2, "2,1", "2"),
        (8, 2, "many", "4"),
    ],
)
def test_processes_share_the_cores(monkeypatch, available, processes, before, threads):
    monkeypatch.setattr(cores, "available", lambda: available)
    for name in cores.VARIABLES:
        if before is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, before)
    environment = os.environ | cores.environment(processes)
    assert {environment.get(name) for name in cores.VARIABLES} == {threads}
    with cores.divided(processes):
        assert {os.environ.get(name) for name in cores.VARIABLES} == {threads}
        assert cores.own() == (None if threads is None else int(threads))
    assert {os.environ.get(name) for name in cores.VARIABLES} == {before}


def test_cores_are_those_that_the_process_may_use():
    program = "import os; os.sched_setaffinity(0, {0}); from rojsat.jobs import cores; print(cores.available())"
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "1\n"
