"""Does the jobs of a server, the earliest first, so many at a time."""

import logging
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rojsat.server import job_process
from rojsat.server.job_store import DONE, FAILED, OPEN, RUNNING, WAITING, JobStore, PredictionJob
from rojsat.server.limits import Limits, RefusedError
from rojsat.server.requested_areas import CheckedArea

log = logging.getLogger(__name__)

RETRY_AFTER = 30
"""Seconds after which a client whose job is not accepted may ask again."""

LEAST_FREE = 2**30
"""Bytes of the disk that a new job must find free."""

Run = Callable[[Path, Sequence[str], Limits, threading.Event], None]
"""Does a job: its folder, words, limits, and what is set when the server ends."""


class JobQueue:
    """Accepts jobs and does them in threads, each with a process.

    Args:
        store: of the jobs.
        limits: of the server.
        run: does a job.
    """

    def __init__(self, store: JobStore, limits: Limits, run: Run = job_process.run) -> None:
        self.store, self.limits, self._run = store, limits, run
        self._stop, self._change = threading.Event(), threading.Condition()
        self._threads = [threading.Thread(target=self._work, name=f"job-{n}") for n in range(limits.jobs)]

    def start(self) -> None:
        """Begin; jobs that were accepted by an earlier server and are not done come first."""
        for job in self.store.of_state(RUNNING):
            self.store.update(job.id, state=WAITING)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End; a job that runs stays accepted, and what is done of it stays done."""
        self._stop.set()
        with self._change:
            self._change.notify_all()
        for thread in self._threads:
            thread.join()

    def is_alive(self) -> bool:
        """Whether jobs are being done."""
        return not self._stop.is_set() and all(thread.is_alive() for thread in self._threads)

    def accept(self, area: CheckedArea, words: Sequence[str]) -> PredictionJob:
        """Accept a job.

        Raises:
            RefusedError: 429, so many wait already; 507, the disk is full.
        """
        with self._change:
            waiting = len(self.store.of_state(WAITING))
            if waiting >= self.limits.waiting:
                raise RefusedError(
                    429, f"{waiting} jobs wait, as many as may: ask again later", {"Retry-After": str(RETRY_AFTER)}
                )
            if shutil.disk_usage(self.store.root).free < LEAST_FREE:
                raise RefusedError(507, "the disk of the server is full")
            job = self.store.accept(area, words)
            self._change.notify()
        return job

    def _next(self) -> PredictionJob | None:
        """The job to do now, once there is one; None when the server ends."""
        with self._change:
            while not self._stop.is_set():
                waiting = self.store.of_state(WAITING)
                if waiting:
                    return self.store.update(waiting[0].id, state=RUNNING)
                self._change.wait()
        return None

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._run(self.store.folder(job.id), job.words, self.limits, self._stop)
            except job_process.ServerEndsError:
                return
            except job_process.JobError as error:
                self._ended(job, FAILED, str(error))
            except Exception:  # a fault of one job must not end all others
                log.exception("job %s", job.id)
                self._ended(job, FAILED, "a fault of the server: its log says more")
            else:
                self._ended(job, DONE, "")

    def _ended(self, job: PredictionJob, state: str, error: str) -> None:
        with self._change:
            self.store.update(job.id, state=state, error=error, ended=time.time())
            self.store.drop_oldest(self.limits.kept)

    def position(self, job: PredictionJob) -> int | None:
        """How many jobs are before one that is not done yet; None of one that has ended."""
        return None if job.state not in OPEN else sum(each.number < job.number for each in self.store.of_state(*OPEN))
