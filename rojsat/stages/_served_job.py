"""Predicts one job of `rojsat serve`: `python -m rojsat.stages._served_job FOLDER words`. Ends with the server.

The words are those of `rojsat predict`. A map that was begun in the folder goes on, unless rojsat or the model has
changed since: then it starts again. What is wrong is the last line that it prints, with exit status 2.
"""

import json
import os
import shutil
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock

from rojsat.maps import map_making
from rojsat.stages import predict


def run(folder: Path, words: Sequence[str]) -> None:
    """Predict, one process at a time in a folder."""
    with FileLock(folder / ".job.lock"):
        out = Path(next(word for word in words if word.startswith("out=")).partition("=")[2])
        begun = out / map_making.STATE
        if begun.exists() and json.loads(begun.read_text())["code"] != map_making.code():
            shutil.rmtree(out)
        predict.run(list(words))


def _end_with_the_server() -> None:
    """End this process at once when the server closes its end of standard input, or is killed."""
    while os.read(sys.stdin.fileno(), 1 << 10):  # sys.stdin itself must not be locked by a thread when Python ends
        pass
    os._exit(1)


def main() -> None:
    """Run the job of this process's command line."""
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    try:
        run(Path(sys.argv[1]), sys.argv[2:])
    except (ValueError, OSError) as error:
        sys.stdout.flush()
        print(" ".join(str(error).split()), file=sys.stderr, flush=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
