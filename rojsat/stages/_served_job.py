"""Predict one job of `rojsat serve`, and end with the server.

The words are those of `rojsat predict`. A map that was begun in the folder goes on, unless rojsat has changed since:
then it starts again. What is wrong is one sentence, the last line that is printed. It ends when its input is closed.
"""

import json
import os
import shutil
import sys
import threading
from pathlib import Path

from filelock import FileLock

from rojsat.config import command
from rojsat.config.command import Command
from rojsat.maps import map_making
from rojsat.stages import predict

COMMAND = Command(
    "rojsat.stages._served_job",
    __doc__,
    "model=unet data=safe area=maps/jobs/ID/area.geojson out=maps/jobs/ID/map",
    predict.COMMAND.form,
    predict.COMMAND.keys,
)


def run(words: list[str], dry: bool = False) -> None:
    """Predict, one process at a time in the folder of a job.

    Raises:
        ValueError: in one line, if it cannot be predicted.
    """
    out = Path(next(word for word in words if word.startswith("out=")).partition("=")[2])
    with FileLock(out.parent / ".job.lock"):
        begun = out / map_making.STATE
        if begun.exists() and json.loads(begun.read_text())["code"] != map_making.code():
            shutil.rmtree(out)
        try:
            predict.run(words, dry)
        except (ValueError, OSError) as error:
            sys.stdout.flush()
            raise ValueError(" ".join(str(error).split())) from error


def _end_with_the_server() -> None:
    """End this process at once when the server closes its end of standard input, or is killed."""
    while os.read(sys.stdin.fileno(), 1 << 10):  # sys.stdin itself must not be locked by a thread when Python ends
        pass
    os._exit(1)


def main() -> None:
    """Run the job of this process's command line."""
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    command.start(run, COMMAND)


if __name__ == "__main__":
    main()
