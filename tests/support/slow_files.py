"""The files whose tests take longest, at the end of `pytest`, with the reason that CONTRIBUTING.md gives."""

import re
from collections import Counter
from pathlib import Path

TABLE = Path(__file__).parents[2] / "CONTRIBUTING.md"
LONG = 15.0
"""Seconds from which a file is listed."""

_ROW = re.compile(r"^\| `(tests/\S+\.py)` \| (.+) \|$", re.MULTILINE)


def reasons():
    """Why a file takes long, by its path."""
    return dict(_ROW.findall(TABLE.read_text()))


def lines(seconds, collected):
    """One line a file.

    Args:
        seconds: (node id of a test, seconds) of setups, calls and teardowns.
        collected: how many tests ran.
    """
    by_file, known = Counter(), reasons()
    for test, duration in seconds:
        by_file[test.partition("::")[0]] += duration
    yield f"{sum(by_file.values()):7.0f} s in {collected} tests"
    for file, total in by_file.most_common():
        if total >= LONG:
            yield f"{total:7.0f} s {file}: {known.get(file, 'no reason in CONTRIBUTING.md')}"
