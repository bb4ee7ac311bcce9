"""One command on every worker of a Dask cluster, a process on each at a time; the processes share work by a storage.

Dask says where work is done, the storage who does what: a process that dies with its worker or its machine stops giving
signs of life, and another one takes its work up again. Workers that join later, also those that a nanny starts again,
get a process too.
"""

import logging
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import distributed
from dask.typing import Key
from distributed import Client, Future

from rojsat.config import provenance
from rojsat.jobs import cluster, cores, tied
from rojsat.jobs.cluster import Expected

log = logging.getLogger(__name__)

_POLL = 1.0
"""Seconds between two looks at the workers, and at whether a process is still wanted."""

HANDED_ON = ("MLFLOW_TRACKING_URI",)
"""Variables of this machine's environment that processes on others get."""


def run(
    words: Sequence[str],
    address: str,
    folder: Path,
    logs: Path,
    report_progress: Callable[[], object],
    only_here: str = "",
    each: int = 1,
) -> list[Path]:
    """Run `python WORDS` on every worker until one finds nothing left to do and the others have ended.

    Args:
        words: of Python's command line, `-m MODULE …`; a process ends with 0 when all work is done, whoever did it.
        address: of the cluster.
        folder: that the processes work in, the same on all machines.
        logs: a folder below it for what they print, `worker<number>.txt`, a new file each.
        report_progress: called now and then, and at the end.
        only_here: why all workers must run on this machine, as a message goes on; empty: they may run anywhere.
        each: processes that each of them computes on in turn, such as one a device; they divide the worker's threads.

    Returns:
        The logs of those that failed.

    Raises:
        ValueError: no cluster, or one of its workers cannot do the work.
    """
    logs.mkdir(parents=True, exist_ok=True)
    with (
        cluster.connect(address) as client,
        cluster.expecting([folder], provenance.PACKAGES, only_here) as expected,
    ):
        print(cluster.words(client, cluster.check(client, expected)), flush=True)
        processes = _Processes(client, words, folder, logs, expected, each)
        while not processes.are_done():
            processes.start()
            report_progress()
            time.sleep(_POLL)
        report_progress()
        return processes.failed()


class _Processes:
    """Those of the workers."""

    def __init__(
        self, client: Client, words: Sequence[str], folder: Path, logs: Path, expected: Expected, each: int
    ) -> None:
        self._client, self._logs = client, logs
        self._shared = (list(words), str(folder), {name: os.environ[name] for name in HANDED_ON if name in os.environ})
        self._expected, self._each = expected, each
        self._futures: dict[str, tuple[Future, Path]] = {}

    def start(self) -> None:
        """Start a process on each worker that has had none, unless all work is done; forget workers that are gone."""
        present = self._client.nthreads()
        for worker in [name for name in self._futures if name not in present]:
            future, path = self._futures[worker]
            if future.status == "pending":
                log.warning("worker %s is gone, with its process (%s)", worker, path.name)
                future.cancel()
                del self._futures[worker]
        if self._is_nothing_left():
            return
        for worker in present:
            if worker not in self._futures:
                path = self._logs / f"worker{len(list(self._logs.glob('worker*.txt'))) + 1}.txt"
                path.touch()
                future = self._client.submit(
                    _call, *self._shared, str(path), self._expected, self._each, workers=[worker], pure=False
                )
                self._futures[worker] = (future, path)

    def are_done(self) -> bool:
        """Whether all processes have ended, one of them because nothing was left, or all of them by failures."""
        ended = all(future.done() for future, _ in self._futures.values())
        return bool(self._futures) and ended

    def failed(self) -> list[Path]:
        """The logs of the processes that failed, each with why at its end."""
        failed = [(future, path) for future, path in self._futures.values() if future.status == "error"]
        for future, path in failed:
            if not isinstance(error := future.exception(), RuntimeError):
                with path.open("a") as log_file:
                    log_file.write(f"{error}\n")
        return [path for _, path in failed]

    def _is_nothing_left(self) -> bool:
        return any(future.status == "finished" for future, _ in self._futures.values())


def _call(
    words: Sequence[str], folder: str, environment: dict[str, str], path: str, expected: Expected, each: int
) -> None:
    """Run a process on this worker, on as many threads as the worker has; end it when nobody waits for it any more.

    Raises:
        ValueError: this worker cannot do the work.
        RuntimeError: the process failed.
    """
    cluster.confirm(expected)
    worker = distributed.get_worker()
    key = worker.get_current_task()
    threads = cores.variables(max(1, worker.state.nthreads // each))
    variables = os.environ | threads | environment | {"PYTHONUNBUFFERED": "1"}
    with (
        Path(path).open("a") as text,
        subprocess.Popen(
            tied.command(words), cwd=folder, stdin=subprocess.PIPE, stdout=text, stderr=subprocess.STDOUT, env=variables
        ) as process,
    ):
        assert process.stdin is not None
        while process.poll() is None:
            if not _is_asked_for(worker, key) and not process.stdin.closed:
                process.stdin.close()
            time.sleep(_POLL)
    if process.returncode and _is_asked_for(worker, key):
        raise RuntimeError(f"status {process.returncode}, see {path}")


def _is_asked_for(worker: distributed.Worker, key: Key) -> bool:
    """Whether the cluster still asks for a task that runs: not where its client stopped or went away."""
    task = worker.state.tasks.get(key)
    return task is not None and task.state in ("executing", "long-running")
