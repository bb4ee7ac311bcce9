"""Starts the other processes of a training on this machine, by Lightning Fabric, so that none outlives the first."""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import TypeVar

import torch

from rojsat.config import ranks
from rojsat.evaluation.metrics import NonFiniteError
from rojsat.learn.fabric import Fabric

Item = TypeVar("Item")

STARTER = "ROJSAT_STARTER"
"""Environment variable: id of the process that starts the others."""

SECONDS = 1.0
"""Between two looks at whether that process is still there."""


def launch(fabric: Fabric) -> None:
    """Start the other processes, or join them; one alone starts none.

    Fabric starts them with the words of the command line, and ends all when one of them fails. If the first one ends,
    however it does, the others end within seconds: in a collective operation some backends would wait for it.
    """
    if STARTER in os.environ:
        threading.Thread(target=_end_with, args=(int(os.environ[STARTER]),), daemon=True).start()
    os.environ[STARTER] = str(os.getpid())
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    try:
        with ranks.as_typed():
            fabric.launch()
    finally:
        del os.environ[STARTER]


def _end_with(starter: int) -> None:
    """End this process when its parent has ended."""
    while os.getppid() == starter:
        time.sleep(SECONDS)
    os._exit(1)


class LostProcessError(ValueError):
    """Another process of the training has ended."""


def together(epochs: Iterator[Item]) -> Iterator[Item]:
    """The epochs of a training that processes may share.

    Raises:
        LostProcessError: where an operation that needs all processes fails, because one has ended.
    """
    try:
        yield from epochs
    except RuntimeError as error:
        if "by peer" not in str(error) and not isinstance(error, torch.distributed.DistError):
            raise
        raise LostProcessError(
            "another process of this training has ended, see its own message; the same command goes on from the last "
            "checkpoint"
        ) from error


def follow(epochs: Iterator[Item], count: int) -> list[str]:
    """Train as another process than the first; a training that diverges is for that to report.

    Args:
        epochs: of the training.
        count: of them.

    Returns:
        nothing to print.
    """
    with suppress(NonFiniteError):
        for _ in islice(epochs, count):  # no further: what comes after them reads files that the first one writes
            pass
    return []
