"""Jobs in processes of this machine, which divide its cores."""

import os
import time

import pytest

from rojsat.jobs import cores, dask_work


def look(number, seconds):
    time.sleep(seconds)
    return number, os.environ["OMP_NUM_THREADS"], os.getpid()


@pytest.mark.slow
def test_processes_divide_the_cores(monkeypatch):
    monkeypatch.setattr(cores, "available", lambda: 8)
    for name in cores.VARIABLES:
        monkeypatch.setenv(name, "16")
    answers = dask_work.each(look, range(4), 0.5, scheduler="processes", workers=2)
    assert [number for number, _, _ in answers] == [0, 1, 2, 3]
    assert {threads for _, threads, _ in answers} == {"4"}
    assert os.environ["OMP_NUM_THREADS"] == "16"


@pytest.mark.parametrize("scheduler", ["threads", "synchronous"])
def test_results_are_in_the_sequence_of_the_jobs(scheduler):
    answers = dask_work.each(look, range(3), 0, scheduler=scheduler, workers=2)
    assert [number for number, _, _ in answers] == [0, 1, 2]
    assert {process for _, _, process in answers} == {os.getpid()}
