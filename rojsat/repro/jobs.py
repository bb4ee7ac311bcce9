"""Commands that run side by side, each after those that it waits for; one line each, their output in a log file."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from rojsat.jobs import cores
from rojsat.repro.stage_lines import Progress, spoken

SHOWN = 12
"""Last lines of output shown of a command that fails."""

REFRESH = 1.0
"""Seconds after which a terminal shows what runs again."""


@dataclass(frozen=True)
class Job:
    """One command.

    Attributes:
        name: what its line says.
        command: program and arguments.
        after: names of the jobs that must be done before it starts; those that are not in the list count as done.
    """

    name: str
    command: Sequence[str]
    after: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Outcome:
    """What came of a job: its exit status, its output, and how long it took in seconds."""

    job: Job
    status: int
    output: str
    seconds: float


class FailedJobError(ValueError):
    """A command failed; what waited for it was not started."""


class Log:
    """A file that lines of several commands are added to as they come, each behind the name of its command."""

    def __init__(self, path: Path) -> None:
        """Make its folder."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._lock = path, threading.Lock()

    def add(self, name: str, line: str) -> None:
        """Add a line."""
        with self._lock, self._path.open("a") as file:
            file.write(f"{name} | {line.rstrip()}\n")


def after(jobs: Sequence[Job]) -> dict[str, frozenset[str]]:
    """For each job those that it waits for."""
    return {job.name: job.after for job in jobs}


def run(
    jobs: Sequence[Job],
    workers: int,
    log: Path,
    *,
    finished: Callable[[Outcome], None] | None = None,
    progress: Progress | None = None,
    advice: Callable[[str], str] | None = None,
    is_cached: Callable[[Outcome], bool] | None = None,
) -> None:
    """Run the jobs, as many side by side as there are `workers`; an earlier one in the list starts first.

    Args:
        jobs: without a circle.
        workers: at least 1. Several divide the cores of this machine.
        log: file that the output of every command is added to.
        finished: called with the outcome of each job that succeeded, before its line is printed.
        progress: prints the lines; None: one that knows no times.
        advice: what to do when the job of a name has failed.
        is_cached: whether a job took its results from a cache.

    Raises:
        FailedJobError: naming the first command that failed, its last lines and the log; those that ran beside it have
            come to their end.
    """
    environment = os.environ | cores.environment(workers)
    lines, text = progress or Progress(after(jobs), workers), Log(log)
    waiting, running = {job.name: job for job in jobs}, set[Future[Outcome]]()
    undone, failed = set(waiting), list[Outcome]()
    with lines, ThreadPoolExecutor(workers) as pool:
        while running or (undone and not failed):
            ready = [] if failed else [job for job in waiting.values() if not job.after & undone]
            for job in ready[: workers - len(running)]:
                lines.start(job.name)
                running.add(pool.submit(_call, waiting.pop(job.name), environment, text))
            lines.show()
            completed, running = wait(running, timeout=REFRESH, return_when=FIRST_COMPLETED)
            for outcome in [future.result() for future in completed]:
                undone.discard(outcome.job.name)
                if outcome.status:
                    failed.append(outcome)
                elif finished:
                    finished(outcome)
                cached = is_cached is not None and is_cached(outcome)
                lines.end(outcome.job.name, outcome.seconds, outcome.status, is_cached=cached)
    if failed:
        raise FailedJobError(_reason(failed[0], log, advice))


def _reason(outcome: Outcome, log: Path, advice: Callable[[str], str] | None) -> str:
    """Which job failed, what it printed last, where all of it is, and what to do."""
    printed = [line for line in outcome.output.splitlines() if line.strip()][-SHOWN:]
    lines = [f"{spoken(outcome.job.name)} failed with status {outcome.status}. It printed last:"]
    lines += [f"  {line}" for line in printed or ["(nothing)"]]
    lines += [f"All that it printed is in {log}"]
    return "\n".join([*lines, *([advice(outcome.job.name)] if advice else [])])


def _call(job: Job, environment: Mapping[str, str], log: Log) -> Outcome:
    start, output = time.monotonic(), list[str]()
    with subprocess.Popen(
        job.command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        for line in process.stdout or ():
            log.add(job.name, line)
            output.append(line)
    return Outcome(job, process.returncode, "".join(output), time.monotonic() - start)
