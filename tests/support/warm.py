"""Processes for tests that are killed, interrupted or run side by side, without the seconds that each import takes.

They are forked from a process that has imported rojsat's stages, torch, MLflow and DVC once and done nothing else; it
starts with the first of them and ends with the tests.
"""

import io
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from multiprocessing.connection import Connection
from types import SimpleNamespace

CONTEXT = multiprocessing.get_context("forkserver")
STAGES = ["rojsat.stages.evaluate", "rojsat.stages.train", "rojsat.stages.tune"]
SUPPORT = ["tests.support.sqlite_commits", "tests.support.new_databases"]
CONTEXT.set_forkserver_preload(["mlflow", *STAGES, "dvc.cli.parser", "dvc.repo", *SUPPORT])


class Child:
    """A process that runs a program as `python -c` does.

    Args:
        program: Python.
        arguments: words that stand in its `sys.argv` from the second on.
        stdout: a file descriptor for what it prints; None: a pipe, read here.
        stderr: one for its errors; None: kept.
    """

    def __init__(self, program: str, *arguments: object, stdout: int | None = None, stderr: int | None = None) -> None:
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - `end` closes it
        out, out_end = os.pipe() if stdout is None else (None, os.dup(stdout))
        err_end = os.dup(self.errors.fileno() if stderr is None else stderr)
        ends = Connection(out_end, readable=False), Connection(err_end, readable=False)
        words = [str(word) for word in arguments]
        self.process = CONTEXT.Process(target=_run, args=(program, words, dict(os.environ), *ends))
        self.process.start()
        for end in ends:
            end.close()
        self.stdout = io.StringIO() if out is None else os.fdopen(out)

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        os.kill(self.process.pid, number)

    def end(self) -> tuple[int, str, str]:
        """Wait for its end: exit status, negative of a signal; what it printed and was not read yet; its errors."""
        with self.stdout, self.errors:
            printed = self.stdout.read()
            self.process.join()
            self.errors.seek(0)
            return self.process.exitcode, printed, self.errors.read()


class Worker(Child):
    """What `subprocess` gives of a process."""

    returncode = property(lambda self: self.process.exitcode)

    def poll(self):
        return self.process.exitcode

    def wait(self):
        self.end()


def _start(command, stdout, stderr, env):
    """Start `python -c PROGRAM WORDS`, whose output and errors go to one file."""
    assert stderr == subprocess.STDOUT
    assert env["OMP_NUM_THREADS"] == "1"
    return Worker(*command[2:], stdout=stdout.fileno(), stderr=stdout.fileno())


SUBPROCESS = SimpleNamespace(Popen=_start, STDOUT=subprocess.STDOUT)
"""In the place of the module, for workers side by side."""


def take_over(environment: dict[str, str]) -> None:
    """Give this process the environment that its parent has now: that which it was forked from has an older one."""
    os.environ.clear()
    os.environ.update(environment)


def _run(program, words, environment, out, err):
    os.dup2(out.fileno(), sys.stdout.fileno())
    os.dup2(err.fileno(), sys.stderr.fileno())
    out.close()
    err.close()
    take_over(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that starts tests in the background ignores it
    sys.argv = ["-c", *words]
    exec(program, {"__name__": "__main__"})
