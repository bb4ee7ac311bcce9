"""Commands that run side by side, each after those that it waits for; one line each, their output in a log file."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

SHOWN = 25
"""Lines of output shown of a command that fails."""


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


def run(jobs: Sequence[Job], workers: int, log: Path, *, finished: Callable[[str], None] | None = None) -> None:
    """Run the jobs, as many side by side as there are `workers`; an earlier one in the list starts first.

    Args:
        jobs: without a circle.
        workers: at least 1. Above 1 every command computes on one thread.
        log: file that the output of every command is added to.
        finished: called with the name of each job that succeeded.

    Raises:
        FailedJobError: naming the first command that failed; those that ran beside it have come to their end.
    """
    environment = os.environ | ({"OMP_NUM_THREADS": "1"} if workers > 1 else {})
    log.parent.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(workers) as pool:
        for number, outcome in enumerate(_outcomes(jobs, workers, pool, environment), 1):
            with log.open("a") as file:
                file.write(f"== {outcome.job.name}\n{outcome.output}\n")
            end = f"{outcome.seconds:.0f} s" if outcome.status == 0 else f"failed with status {outcome.status}"
            print(f"{number}/{len(jobs)} {outcome.job.name} … {end}", flush=True)
            if outcome.status:
                print("\n".join(outcome.output.splitlines()[-SHOWN:]), file=sys.stderr, flush=True)
                raise FailedJobError(f"{outcome.job.name} failed; its output is above and in {log}")
            if finished:
                finished(outcome.job.name)


def _outcomes(
    jobs: Sequence[Job], workers: int, pool: ThreadPoolExecutor, environment: dict[str, str]
) -> Iterator[Outcome]:
    """Start every job as soon as it may start; yield the outcomes as they come. Closing starts no more."""
    waiting, running = {job.name: job for job in jobs}, set[Future[Outcome]]()
    undone = set(waiting)
    while undone:
        ready = [job for job in waiting.values() if not job.after & undone]
        for job in ready[: workers - len(running)]:
            running.add(pool.submit(_call, waiting.pop(job.name), environment))
        completed, running = wait(running, return_when=FIRST_COMPLETED)
        for outcome in [future.result() for future in completed]:
            undone.discard(outcome.job.name)
            yield outcome


def _call(job: Job, environment: dict[str, str]) -> Outcome:
    start = time.monotonic()
    process = subprocess.run(
        job.command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return Outcome(job, process.returncode, process.stdout, time.monotonic() - start)
