"""A queue on disk of records that a server has not taken yet. Knows no server: standard library and filelock."""

import json
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

RECORD, FILES, TRIED = "record.json", "files", "tried"
"""Of a record's folder: what it says, and the files that belong to it. Of a queue: when it was last tried in vain."""


class Outbox:
    """The records of one run that wait, oldest first; each is a folder that appears complete and goes when it is sent.

    Several processes and threads may put and drain at once: one puts at a time, and one drains at a time, while
    others put.

    Args:
        folder: of the queue; there only while something waits.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._putting = FileLock(folder.with_name(".lock"))
        self._sending = FileLock(folder.with_name(f".lock-{folder.name}"))

    def waiting(self) -> list[Path]:
        """Folders of the records that wait, in the order they were put."""
        try:
            return sorted(self.folder.glob("[0-9]*"))
        except FileNotFoundError:  # another process sent the last record and removed the folder
            return []

    def address(self) -> str:
        """Where the oldest record is to go, as it says itself; empty where nothing waits."""
        records = self.waiting()
        try:
            return str(json.loads((records[0] / RECORD).read_text())["address"]) if records else ""
        except FileNotFoundError:  # sent meanwhile
            return self.address()

    def idle(self) -> float:
        """Seconds since the queue was last tried in vain; infinite if never."""
        tried = self.folder / TRIED
        return time.time() - tried.stat().st_mtime if tried.exists() else float("inf")

    def failed(self) -> None:
        """Note that the queue was tried in vain just now."""
        (self.folder / TRIED).touch()

    def put(self, record: Mapping[str, Any], files: Path | None = None) -> None:
        """Add a record, with a copy of the folder `files`."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with self._putting:
            self.folder.mkdir(exist_ok=True)
            last = max((int(record_folder.name) for record_folder in self.waiting()), default=0)
            partial = self.folder / f".partial-{last + 1:08}"
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            (partial / RECORD).write_text(json.dumps(dict(record)))
            if files is not None:
                shutil.copytree(files, partial / FILES)
            partial.rename(self.folder / f"{last + 1:08}")

    def drain(self, send: Callable[[dict[str, Any], Path], None]) -> None:
        """Send what waits, in order; a record goes from the queue as soon as it is sent.

        Args:
            send: takes a record and the folder of its files; what it raises ends the draining and is raised here.
        """
        if not self.folder.exists():
            return
        with self._sending:
            while records := self.waiting():
                self._send(records[0], send)
            with self._putting:
                if not self.waiting():
                    shutil.rmtree(self.folder, ignore_errors=True)

    def _send(self, folder: Path, send: Callable[[dict[str, Any], Path], None]) -> None:
        """Send one record."""
        try:
            send(json.loads((folder / RECORD).read_text()), folder / FILES)
        except BaseException:
            self.failed()
            raise
        gone = folder.with_name(f".sent-{folder.name}")
        shutil.rmtree(gone, ignore_errors=True)  # of one that was killed between the two lines below
        folder.rename(gone)
        shutil.rmtree(gone)
