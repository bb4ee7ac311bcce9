"""Processes that share the folds of an evaluation or the trials of a search, here or on a Dask cluster.

Which of them does what is decided by the storage that they share (`tune.storage`); none is done twice.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from rojsat.config import command, compose, lazy, provenance
from rojsat.config.keys import ConfigError
from rojsat.config.schema import Experiment

if TYPE_CHECKING:
    from rojsat.jobs import cluster, cluster_commands, local_commands
    from rojsat.tracking import links
else:
    cluster, cluster_commands = lazy.module("rojsat.jobs.cluster"), lazy.module("rojsat.jobs.cluster_commands")
    local_commands, links = lazy.module("rojsat.jobs.local_commands"), lazy.module("rojsat.tracking.links")


def is_cluster(experiment: Experiment) -> bool:
    """Whether folds and trials run on a Dask cluster."""
    return "://" in experiment.dask.scheduler


def is_asked(experiment: Experiment, jobs: int) -> bool:
    """Whether other processes than this one are to do the work."""
    return jobs > 1 or is_cluster(experiment)


def where(experiment: Experiment, jobs: int) -> str:
    """In words, for a plan."""
    return f"on the cluster at {experiment.dask.scheduler}" if is_cluster(experiment) else f"{jobs} side by side"


def check(experiment: Experiment, jobs: int, key: str) -> None:
    """Refuse a cluster that cannot do the work, before anything is made.

    Args:
        experiment: composed.
        jobs: processes asked for on this machine.
        key: what asks for them.

    Raises:
        ConfigError: both a cluster and several processes here are asked for.
        ValueError: no cluster answers, or a worker of it cannot do the work.
    """
    if not is_cluster(experiment):
        return
    if jobs > 1:
        raise ConfigError(
            f"{key}={jobs} asks for processes of this machine, dask.scheduler={experiment.dask.scheduler} for those of "
            "a cluster: leave one of them out"
        )
    only_here = _only_here(experiment)
    with (
        cluster.connect(experiment.dask.scheduler) as client,
        cluster.expecting([compose.ROOT], provenance.PACKAGES, only_here) as expected,
    ):
        cluster.check(client, expected)


def words(name: str, *keys: str) -> list[str]:
    """Words of Python's command line for one process: the command of this one, on this machine alone.

    Args:
        name: module of the command.
        keys: that ask for several; the last one is set to 1.
    """
    own = command.words_without(*keys, "dask.scheduler")
    return ["-m", name, *own, f"{keys[-1]}=1", "dask.scheduler=threads"]


def run(
    experiment: Experiment, python_words: list[str], count: int, logs: Path, report_progress: Callable[[], object]
) -> list[Path]:
    """Run processes until all work is done.

    Args:
        experiment: says where: on this machine, or on the cluster of `dask.scheduler`.
        python_words: of Python's command line, of each process.
        count: how many on this machine; a cluster has one a worker.
        logs: folder of what they print, `worker<number>.txt`.
        report_progress: called now and then, and at the end.

    Returns:
        The logs of those that failed.
    """
    devices = experiment.train.devices
    if not is_cluster(experiment):
        return local_commands.run([sys.executable, *python_words], count, logs, report_progress, devices)
    scheduler, only_here = experiment.dask.scheduler, _only_here(experiment)
    return cluster_commands.run(python_words, scheduler, compose.ROOT, logs, report_progress, only_here, devices)


def finish(failed: list[Path], is_finished: bool) -> None:
    """Refuse to go on where work is left because processes failed.

    Raises:
        ValueError: with the end of the log of the first.
    """
    if failed and not is_finished:
        end = local_commands.last_lines(failed[0])
        raise ValueError(f"{len(failed)} worker{'s' * (len(failed) > 1)} failed, see {failed[0]}:\n{end}")


def bar(total: int, name: str, unit: str) -> "tqdm[Any]":
    """A bar on a terminal, and nowhere else."""
    return tqdm(total=total, desc=name, unit=unit, disable=not sys.stderr.isatty())


def _only_here(experiment: Experiment) -> str:
    """Why all processes must run on this machine; empty: work and records are shared through servers."""
    addresses = {"tune.storage": experiment.tune.storage or "", "MLflow's store": os.environ.get(links.URI, "")}
    files = [name for name, address in addresses.items() if _is_file(address)]
    if not files:
        return ""
    return (
        f"{' and '.join(files)} {'are files' if files[1:] else 'is a file'}, and SQLite loses its locks on a network "
        "folder; machines share tune.storage=postgresql://USER@HOST/DB and MLFLOW_TRACKING_URI of a server"
    )


def _is_file(address: str) -> bool:
    return "://" not in address or address.startswith(("sqlite", "file:"))
