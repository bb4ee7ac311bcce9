"""One command as several processes of this machine, which share its work by a storage."""

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rojsat.jobs import cores

_POLL = 1.0
"""Seconds between two looks at the workers."""


def run(
    command: Sequence[str], count: int, logs: Path, report_progress: Callable[[], object], each: int = 1
) -> list[Path]:
    """Run a command as several processes until all have ended; they divide the cores of this machine.

    Args:
        command: of each.
        count: how many.
        logs: folder of what they print, `worker<number>.txt`; what was there is gone on with.
        report_progress: called now and then, and at the end.
        each: processes that each of them computes on in turn, such as one a device.

    Returns:
        The logs of those that failed.
    """
    logs.mkdir(parents=True, exist_ok=True)
    paths = [logs / f"worker{number}.txt" for number in range(1, count + 1)]
    environment = os.environ | cores.environment(count * each) | {"PYTHONUNBUFFERED": "1"}
    workers = []
    try:
        for path in paths:
            with path.open("a") as log:
                workers.append(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment))
        while any(worker.poll() is None for worker in workers):
            report_progress()
            time.sleep(_POLL)
    except KeyboardInterrupt:
        for worker in workers:
            worker.terminate()
        raise
    finally:
        for worker in workers:
            worker.wait()
    report_progress()
    return [path for path, worker in zip(paths, workers, strict=True) if worker.returncode]


def last_lines(path: Path, count: int = 3) -> str:
    """The end of a log, for a message."""
    return "\n".join(path.read_text().splitlines()[-count:])
