"""One job in a process of its own, with an end in time and memory; it ends with the server, however that ends."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from rojsat.jobs import cores
from rojsat.server.job_store import AREA, LOG
from rojsat.server.limits import Limits
from rojsat.server.map_files import MAP

GIB = 2**30
POLL = 0.1
"""Seconds between two looks at a process."""

MODULE = "rojsat.stages._served_job"
"""What runs a job: `python -m MODULE words`. It ends as soon as its standard input is closed."""

REFUSED = 2
"""Exit status of a job whose reason is the last line that it printed, behind the name of the command."""

_PATH = re.compile(r"(?<![\w.:/])/(?:[^\s/:,;'\"()]+/)+")
"""The folders before a name."""


class ServerEndsError(Exception):
    """The server ends: the job is to be done after its next start."""


class JobError(Exception):
    """A job has failed, with a sentence for whoever asked for it."""


def run(
    folder: Path, words: Sequence[str], limits: Limits, stop: threading.Event, command: Sequence[str] | None = None
) -> None:
    """Do a job; what was done of it before goes on.

    Args:
        folder: of the job.
        words: of its prediction.
        limits: `seconds` and `memory` of it; `jobs` divide the cores.
        stop: set when the server ends.
        command: what runs it; None: `MODULE`.

    Raises:
        JobError: it has failed.
        ServerEndsError: the server ends.
    """
    called = [*(command or (sys.executable, "-m", MODULE)), *words, f"area={folder / AREA}", f"out={folder / MAP}"]
    environment = os.environ | cores.environment(limits.jobs)
    with (folder / LOG).open("wb") as journal:
        process = subprocess.Popen(
            called, stdin=subprocess.PIPE, stdout=journal, stderr=journal, env=environment, start_new_session=True
        )
        try:
            _watch(process, limits, stop)
        finally:
            _end(process)
    if process.returncode == 0:
        return
    if process.returncode == REFUSED:
        raise JobError(plain(_last_line(folder / LOG)))
    raise JobError(
        f"the prediction ended with status {process.returncode}: a fault of rojsat's, or the machine has too little "
        "memory; the log of the job on the server says more"
    )


def plain(sentence: str) -> str:
    """A sentence without the name of the command and the folders of this machine."""
    return _PATH.sub("", sentence.removeprefix(f"python -m {MODULE}: "))


def _watch(process: subprocess.Popen[bytes], limits: Limits, stop: threading.Event) -> None:
    """Wait until a process has ended.

    Raises:
        JobError: it takes too long or too much.
        ServerEndsError: the server ends.
    """
    end = time.monotonic() + limits.seconds
    while process.poll() is None:
        if stop.wait(POLL):
            raise ServerEndsError
        if time.monotonic() > end:
            raise JobError(f"it took longer than {limits.seconds} s, the most that a job may: send fewer outlines")
        if _held(process.pid) > limits.memory * GIB:
            raise JobError(f"it held more than {limits.memory} GiB, the most that a job may: send fewer outlines")


def _held(number: int) -> int:
    """Bytes that a process and its own ones hold."""
    held = 0
    try:
        process = psutil.Process(number)
        for each in (process, *process.children(recursive=True)):
            held += each.memory_info().rss
    except psutil.Error:  # ended meanwhile
        return held
    return held


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with its own ones, if it still runs."""
    if process.poll() is None:
        try:
            family = psutil.Process(process.pid).children(recursive=True)
        except psutil.Error:
            family = []
        process.kill()
        for each in family:
            if each.is_running():
                each.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _last_line(journal: Path) -> str:
    return (journal.read_text(errors="replace").strip().splitlines() or ["it did not say why"])[-1]
