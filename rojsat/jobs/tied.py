"""Runs Python with some words, and ends it when whoever started this goes away.

Standard input is the tie: a pipe that its starter holds open and never writes to. The kernel closes it when the starter
is killed, whatever the signal. Python then gets SIGTERM, on which rojsat gives its work back, and is killed if it has
not ended in time.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence

PATIENCE = 60.0
"""Seconds that Python has after SIGTERM."""


def command(words: Sequence[str]) -> list[str]:
    """The command line of a process that runs `main` with the words; whoever starts it holds its standard input."""
    return [sys.executable, "-c", f"import sys; from rojsat.jobs import tied; sys.exit(tied.main({[*words]!r}))"]


def main(words: Sequence[str]) -> int:
    """Run Python with the words; its exit status, 128 and the signal's number where one ended it."""
    process = subprocess.Popen([sys.executable, *words], stdin=subprocess.DEVNULL)
    threading.Thread(target=_wait_for_end_of_input, args=(process,), daemon=True).start()
    status = process.wait()
    return status if status >= 0 else 128 - status


def _wait_for_end_of_input(process: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 1):  # not sys.stdin, whose lock held by a thread lets Python abort at its end
        pass
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
