"""Divides the cores of a machine among processes: the one place that says how many threads each computes on.

`train.threads` decides the digits of a training and stands above this: a number there is what torch uses, null is what
this module leaves to each process.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import joblib

VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What torch, scikit-learn and numpy read when they are imported."""


def available() -> int:
    """Cores that this process may use: of its affinity, and of its control group (a container, a job of SLURM)."""
    return int(joblib.cpu_count())


def share(processes: int) -> int:
    """Threads of each of several processes that use this machine at once: its cores ÷ processes, at least 1.

    Args:
        processes: from 1 on.
    """
    return max(1, available() // processes)


def variables(threads: int) -> dict[str, str]:
    """Environment of a process that computes on so many threads."""
    return dict.fromkeys(VARIABLES, str(threads))


def environment(processes: int) -> dict[str, str]:
    """Environment of one of several processes on this machine; a number that is set already is never raised.

    Args:
        processes: from 1 on; one alone is left as it is.
    """
    if processes == 1:
        return {}
    most = share(processes)
    return {name: str(min(most, _number(os.environ.get(name)) or most)) for name in VARIABLES}


def own() -> int | None:
    """Threads that this process is to compute on by its environment; None: it says nothing."""
    return _number(os.environ.get(VARIABLES[0]))


@contextmanager
def divided(processes: int) -> Iterator[None]:
    """Start processes meanwhile, so many at a time: each has the environment of its share."""
    before = {name: os.environ.get(name) for name in VARIABLES}
    os.environ.update(environment(processes))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _number(text: str | None) -> int | None:
    """The number of the outermost level, `4` or `4,2`; None of what is none."""
    first = (text or "").partition(",")[0].strip()
    return int(first) if first.isdecimal() and int(first) > 0 else None
