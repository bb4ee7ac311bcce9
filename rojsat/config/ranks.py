"""Several processes that share one training, each with a device of its own: how they are started, and who may write.

Known from the environment alone, without torch, so that what cannot be is refused at once. torchrun and SLURM start all
processes; without them the first process starts the others of its machine (Lightning Fabric), with its own words.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rojsat.config.keys import ConfigError
from rojsat.config.training_keys import Train

SHARED = ("rojsat.run", "rojsat.stages.train")
"""Commands whose one training several processes may share."""


@dataclass(frozen=True)
class Started:
    """What started this process as one of several.

    Attributes:
        by: its name.
        rank: number of this process among them, from 0.
        count: of them.
        here: of them on this machine; None where it is not stated.
    """

    by: str
    rank: int
    count: int
    here: int | None


def count(train: Train) -> int:
    """Processes that share the training."""
    return train.devices * train.nodes


def started() -> Started | None:
    """What started this process as one of several; None: nothing did."""
    env = os.environ
    if "TORCHELASTIC_RUN_ID" in env:
        return Started("torchrun", int(env["RANK"]), int(env["WORLD_SIZE"]), int(env["LOCAL_WORLD_SIZE"]))
    if "SLURM_NTASKS" in env and env.get("SLURM_JOB_NAME") not in ("bash", "interactive"):
        here = env.get("SLURM_NTASKS_PER_NODE")
        tasks = int(env["SLURM_NTASKS"])
        return Started("SLURM", int(env.get("SLURM_PROCID", 0)), tasks, None if here is None else int(here))
    return None


def is_first(train: Train) -> bool:
    """Whether this process is the one that makes data, prints, and writes files, MLflow runs and checkpoints."""
    if count(train) == 1:
        return True
    start = started()
    if start is not None:
        return start.rank == 0
    return int(os.environ.get("LOCAL_RANK", 0)) == 0 and int(os.environ.get("NODE_RANK", 0)) == 0


def check(train: Train, command: str) -> None:
    """Refuse several processes where they cannot be, before anything is imported or made.

    Args:
        train: keys of the training.
        command: its module, `rojsat.run`.

    Raises:
        ConfigError: for a command that trains more than once or not at all, processes that were not started as the keys
            say, or machines without anything that starts processes on them.
    """
    processes, start = count(train), started()
    keys = f"train.devices={train.devices} and train.nodes={train.nodes}"
    if command not in SHARED:
        if processes > 1:
            raise ConfigError(
                f"{keys}: {command} does not share a training among processes, {' and '.join(SHARED)} do; set both to "
                "1 here (evaluate and tune run trainings side by side instead)"
            )
        return
    if start is None:
        if train.nodes > 1 and "NODE_RANK" not in os.environ:
            raise ConfigError(
                f"train.nodes={train.nodes}: nothing started this process as one of several machines; start it by "
                "torchrun or SLURM's srun on each, or set NODE_RANK, MASTER_ADDR and MASTER_PORT (docs/devices.md)"
            )
    elif start.count != processes or start.here not in (None, train.devices):
        here = "" if start.here is None else f", {start.here} of them on this machine"
        raise ConfigError(
            f"{start.by} started {start.count} processes{here}, but {keys} are {processes}; train.devices is the "
            "number on a machine, train.nodes that of machines"
        )


def check_made(train: Train, missing: list[str]) -> None:
    """Refuse to make data in processes that were all started at once.

    Raises:
        ConfigError: if stages are missing.
    """
    start = started()
    if missing and count(train) > 1 and start is not None:
        raise ConfigError(
            f"data are missing, and processes that {start.by} starts would all make them: make them first, as in "
            f"`python -m rojsat.stages.{missing[-1]} data=NAME`"
        )


def silence(train: Train) -> None:
    """Let all processes but the first print nothing but errors."""
    if not is_first(train):
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - for as long as the process lives


@contextmanager
def as_typed() -> Iterator[None]:
    """`sys.argv` with the words that start this very command again: `rojsat NAME` as it was before it was split."""
    words = sys.argv
    if words[0].startswith("rojsat "):
        sys.argv = [str(sys.modules["__main__"].__file__), *words[0].split()[1:], *words[1:]]
    try:
        yield
    finally:
        sys.argv = words
