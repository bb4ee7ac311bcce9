"""Jobs as folders: each is on the disk before it is accepted, so that neither a crash nor a restart loses one."""

import json
import logging
import os
import secrets
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rojsat.server.map_files import JOBS
from rojsat.server.requested_areas import CheckedArea

log = logging.getLogger(__name__)

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
OPEN = (WAITING, RUNNING)
"""States in which a job still has to be done, after a restart too."""

RECORD, AREA, LOG = "job.json", "area.geojson", "log.txt"
"""In the folder of a job: what it is; its outlines; what the prediction printed."""

_BESIDE = ".accepted."
"""How the name of a folder begins that is not a job yet."""


@dataclass(frozen=True)
class PredictionJob:
    """A prediction that was asked for.

    Attributes:
        id: 32 hexadecimal digits that nobody guesses.
        number: the how manieth of this folder: jobs run in this sequence.
        state: `waiting`, `running`, `done` or `failed`.
        outlines: how many.
        hectares: of them.
        words: of the prediction: model and scenes as they were when it was accepted.
        accepted: when, seconds since 1970.
        ended: when; None: not yet.
        error: why it failed; empty if it did not.
    """

    id: str
    number: int
    state: str
    outlines: int
    hectares: float
    words: tuple[str, ...]
    accepted: float
    ended: float | None = None
    error: str = ""


class JobStore:
    """The jobs of a server.

    Args:
        folder: of the server.
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder / JOBS
        self.root.mkdir(parents=True, exist_ok=True)
        for unfinished in self.root.glob(f"{_BESIDE}*"):
            shutil.rmtree(unfinished)
        jobs = (_read(path) for path in self.root.iterdir())
        self._jobs = {job.id: job for job in sorted((job for job in jobs if job), key=lambda job: job.number)}

    def folder(self, job_id: str) -> Path:
        """The folder of a job."""
        return self.root / job_id

    def get(self, job_id: str) -> PredictionJob | None:
        """A job; None if there is none of that id."""
        return self._jobs.get(job_id)

    def of_state(self, *states: str) -> list[PredictionJob]:
        """The jobs that are in one of some states, the earliest first."""
        return [job for job in list(self._jobs.values()) if job.state in states]

    def accept(self, area: CheckedArea, words: Sequence[str]) -> PredictionJob:
        """Keep a new job on the disk; when this returns, it is there whatever happens.

        Args:
            area: to be predicted.
            words: of the prediction.
        """
        number = 1 + max((job.number for job in self._jobs.values()), default=0)
        job = PredictionJob(
            secrets.token_hex(16), number, WAITING, area.outlines, area.hectares, tuple(words), time.time()
        )
        beside = self.root / f"{_BESIDE}{job.id}"
        beside.mkdir()
        _write(beside / AREA, area.geojson)
        _write(beside / RECORD, json.dumps(asdict(job), indent=1))
        _sync(beside)
        beside.rename(self.folder(job.id))
        _sync(self.root)
        self._jobs[job.id] = job
        return job

    def update(self, job_id: str, **changes: Any) -> PredictionJob:
        """Keep what has become of a job.

        Args:
            job_id: of the job.
            **changes: attributes of `PredictionJob`.
        """
        job = replace(self._jobs[job_id], **changes)
        path = self.folder(job_id) / RECORD
        beside = path.with_name(f".{path.name}")
        _write(beside, json.dumps(asdict(job), indent=1))
        beside.replace(path)
        _sync(path.parent)
        self._jobs[job_id] = job
        return job

    def drop_oldest(self, kept: int) -> None:
        """Delete the jobs that have ended, but the `kept` ones that ended last."""
        ended = sorted(self.of_state(DONE, FAILED), key=lambda job: job.ended or 0)
        for job in ended[: max(0, len(ended) - kept)]:
            beside = self.root / f"{_BESIDE}{job.id}"
            self.folder(job.id).rename(beside)
            del self._jobs[job.id]
            shutil.rmtree(beside)


def _read(folder: Path) -> PredictionJob | None:
    """The job that a folder holds; None if it holds none."""
    try:
        content = json.loads((folder / RECORD).read_text())
        job = PredictionJob(**{**content, "words": tuple(content["words"])})
    except (OSError, ValueError, TypeError, KeyError):
        log.warning("%s holds no job that can be read: it is left alone", folder)
        return None
    return job if job.id == folder.name else None


def _write(path: Path, text: str) -> None:
    """Write a text that is on the disk when this returns."""
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make names in a folder last."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
