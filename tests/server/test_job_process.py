"""A job in a process of its own."""

import os
import sys
import threading
from dataclasses import replace

import pytest

from rojsat.jobs import cores
from rojsat.server import job_process
from rojsat.server.job_store import LOG
from rojsat.server.limits import Limits


@pytest.mark.parametrize(("jobs", "threads"), [(1, "16"), (2, "4")])
def test_jobs_at_the_same_time_divide_the_cores(tmp_path, monkeypatch, jobs, threads):
    monkeypatch.setattr(cores, "available", lambda: 8)
    for name in cores.VARIABLES:
        monkeypatch.setenv(name, "16")
    command = [sys.executable, "-c", f"import os; print(*(os.environ[name] for name in {cores.VARIABLES}))"]
    job_process.run(tmp_path, [], replace(Limits(), jobs=jobs), threading.Event(), command)
    assert set((tmp_path / LOG).read_text().split()) == {threads}
    assert os.environ[cores.VARIABLES[0]] == "16"
