"""The log of a run, a file beside its results. Standard library only."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "log.txt"


@contextmanager
def keep(path: Path) -> Iterator[logging.Logger]:
    """Write what rojsat logs to the file `path` too, while the block lasts, and how it ended.

    A file that is there is gone on with: it holds the runs of one report, one after the other.

    Yields:
        a log of the file alone, for what the screen shows in another way.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter("%(asctime)s  %(levelname)s  %(message)s"))
    journal, everything = logging.getLogger("journal"), logging.getLogger("rojsat")
    journal.propagate = False
    journal.setLevel(logging.INFO)
    for logger in (journal, everything):
        logger.addHandler(handler)
    try:
        yield journal
        journal.info("finished")
    except KeyboardInterrupt:
        journal.info("interrupted; the same command goes on")
        raise
    except BaseException:
        journal.exception("failed")
        raise
    finally:
        for logger in (journal, everything):
            logger.removeHandler(handler)
        handler.close()
