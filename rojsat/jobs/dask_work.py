"""Runs independent jobs on Dask: in threads or processes of this machine, or on a cluster that runs already."""

import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import dask
from dask.diagnostics import ProgressBar
from distributed.scheduler import KilledWorker

from rojsat.config import lookup
from rojsat.jobs import cluster, cores
from rojsat.jobs.cluster import Expected

log = logging.getLogger(__name__)

SCHEDULERS = ("threads", "processes", "synchronous")
"""Schedulers of this machine; `tcp://…` is the address of a cluster."""


def each(
    function: Callable[..., Any],
    jobs: Sequence[Any],
    *shared: Any,
    scheduler: str,
    workers: int | None,
    folders: Sequence[Path] = (),
    packages: Sequence[str] = cluster.OF_RASTERS,
) -> list[Any]:
    """Call `function(job, *shared)` for every job; one that is lost with a worker of a cluster is done by another.

    Args:
        function: importable by its name where it runs.
        jobs: the first argument of each call.
        shared: the other arguments, the same for all. Paths among them must lead to the same files on all machines.
        scheduler: one of `SCHEDULERS`, or the address of a running cluster, `tcp://host:8786`.
        workers: threads or processes on this machine; None: one a core. A cluster has its own.
        folders: that the workers of a cluster must share with this machine.
        packages: whose versions its workers must have as they are here.

    Returns:
        The results, in the order of the jobs.

    Raises:
        UnknownNameError: if there is no such scheduler.
        ValueError: if no cluster answers at that address, or a worker of it cannot do the work.
    """
    check(scheduler)
    if cluster.is_address(scheduler):
        return _on_cluster(function, jobs, shared, scheduler, folders, packages)
    tasks = [dask.delayed(function, pure=False)(dask.delayed(job, traverse=False), *shared) for job in jobs]
    count, bar = workers or cores.available(), ProgressBar(minimum=1) if sys.stdout.isatty() else nullcontext()
    if scheduler != "processes":
        with bar:
            return list(dask.compute(*tasks, scheduler=scheduler, num_workers=count))
    with bar, cores.divided(count):  # chunksize: by itself Dask gives six jobs to a process while others wait
        return list(dask.compute(*tasks, scheduler=scheduler, num_workers=count, chunksize=1))


def check(scheduler: str) -> None:
    """Refuse a scheduler that does not exist.

    Raises:
        UnknownNameError: naming the nearest.
    """
    if scheduler not in SCHEDULERS and not cluster.is_address(scheduler):
        raise lookup.unknown("dask.scheduler", scheduler, [*SCHEDULERS, "tcp://HOST:PORT"])


def _on_cluster(
    function: Callable[..., Any],
    jobs: Sequence[Any],
    shared: Sequence[Any],
    address: str,
    folders: Sequence[Path],
    packages: Sequence[str],
) -> list[Any]:
    with cluster.connect(address) as client, cluster.expecting(folders, packages) as expected:
        log.info("%s", cluster.words(client, cluster.check(client, expected)))
        call = dask.delayed(partial(_confirmed, function, expected), pure=False)
        try:
            return list(
                dask.compute(*(call(dask.delayed(job, traverse=False), *shared) for job in jobs), scheduler=client)
            )
        except KilledWorker as error:
            raise ValueError(f"dask.scheduler: {error}") from error


def _confirmed(function: Callable[..., Any], expected: Expected, job: Any, *shared: Any) -> Any:
    cluster.confirm(expected)
    return function(job, *shared)
