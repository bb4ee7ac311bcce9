"""Runs independent jobs on Dask: in threads or processes of this machine, or on a cluster that runs already."""

import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import dask
import distributed
from dask.diagnostics import ProgressBar

from rojsat.config import lookup

log = logging.getLogger(__name__)

SCHEDULERS = ("threads", "processes", "synchronous")
"""Schedulers of this machine; `tcp://…` is the address of a cluster."""

PATIENCE = "10s"
"""How long a cluster may take to answer."""


def each(
    function: Callable[..., Any], jobs: Sequence[Any], *shared: Any, scheduler: str, workers: int | None
) -> list[Any]:
    """Call `function(job, *shared)` for every job.

    Args:
        function: importable by its name where it runs.
        jobs: the first argument of each call.
        shared: the other arguments, the same for all. Paths among them must lead to the same files on all machines.
        scheduler: one of `SCHEDULERS`, or the address of a running cluster, `tcp://host:8786`.
        workers: threads or processes on this machine; None: one a core. A cluster has its own.

    Returns:
        The results, in the order of the jobs.

    Raises:
        UnknownNameError: if there is no such scheduler.
        ValueError: if no cluster answers at that address.
    """
    check(scheduler)
    tasks = [dask.delayed(function, pure=False)(dask.delayed(job, traverse=False), *shared) for job in jobs]
    if scheduler in SCHEDULERS:
        bar = ProgressBar(minimum=1) if sys.stdout.isatty() else nullcontext()
        with bar:
            return list(dask.compute(*tasks, scheduler=scheduler, num_workers=workers))
    with _connect(scheduler) as client:
        return list(dask.compute(*tasks, scheduler=client))


def check(scheduler: str) -> None:
    """Refuse a scheduler that does not exist.

    Raises:
        UnknownNameError: naming the nearest.
    """
    if scheduler not in SCHEDULERS and "://" not in scheduler:
        raise lookup.unknown("dask.scheduler", scheduler, [*SCHEDULERS, "tcp://HOST:PORT"])


def _connect(address: str) -> distributed.Client:
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"dask.scheduler: no cluster answers at {address} ({error}); `dask scheduler` starts one"
        ) from error
    log.info("cluster at %s: %d workers", address, len(client.scheduler_info()["workers"]))
    return client
