"""A process that ends with the one that started it."""

import os
import signal
import subprocess
import sys
import time

import pytest

from rojsat.jobs import tied

OBEYS = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))"
STARTER = """
import os, subprocess, sys, time
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)
time.sleep(60)
"""


@pytest.mark.parametrize(
    ("program", "status"), [("pass", 0), ("import sys; sys.exit(3)", 3), ("import os; os.abort()", 134)]
)
def test_the_status_is_that_of_the_program(program, status):
    with subprocess.Popen(tied.command(["-c", program]), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.wait() == status


def test_a_program_whose_starter_is_killed_gets_a_signal_and_gives_its_work_back(tmp_path):
    given_back = tmp_path / "given_back"
    program = f"{OBEYS}\ntry:\n    print('on', flush=True)\n    time.sleep(60)\nfinally:\n"
    program += f"    open({str(given_back)!r}, 'w').close()"
    starter = subprocess.Popen([sys.executable, "-c", STARTER, *tied.command(["-c", program])], stdout=subprocess.PIPE)
    assert starter.stdout.readline() == b"on\n"
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    end = time.monotonic() + 20
    while not given_back.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert given_back.exists()
    starter.stdout.close()
