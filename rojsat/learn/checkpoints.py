"""Checkpoints: everything that training needs to go on as if it had never stopped. Written beside, then renamed."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.swa_utils import AveragedModel

from rojsat.learn import machine

LAST, BEST = "last.pt", "best.pt"
"""Files of a run's folder: everything after the last finished epoch, or after some steps of the next; the weights alone
that are kept, those of the best one or others (`rojsat.learn.kept_weights`)."""


@dataclass(frozen=True)
class EpochPosition:
    """Where training stands within an epoch.

    Attributes:
        epoch: from 1.
        steps: batches that are done, of an order that follows from seed and epoch.
        total: sum of their losses, each times its known pixels or chips.
        count: known pixels or chips of them.
        seconds: that they took.
        rate: learning rate that the epoch began with; None: it begins.
    """

    epoch: int
    steps: int = 0
    total: float = 0.0
    count: int = 0
    seconds: float = 0.0
    rate: float | None = None


@dataclass
class State:
    """Everything that changes in training.

    Attributes:
        model: the bare network, not Fabric's wrapper.
        optimizer: bare, likewise.
        schedule: of the learning rate.
        average: of the weights, where one is kept.
        history: one record an epoch, plain types.
        position: within the epoch after those of the history; None at its beginning.
        fingerprint: of the settings that made this run.
    """

    model: nn.Module
    optimizer: Optimizer
    schedule: LRScheduler
    average: AveragedModel | None = None
    history: list[dict[str, Any]] = field(default_factory=list)
    position: EpochPosition | None = None
    fingerprint: str = ""


def write(content: Any, path: Path) -> None:
    """Save tensors and plain types as `path`, which is never incomplete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.partial")
    torch.save(content, beside)
    beside.replace(path)


def save(state: State, folder: Path, random: Sequence[dict[str, Any]] | None = None) -> None:
    """Save the state after the last finished epoch, or at the position within the next.

    Args:
        state: of the training.
        folder: of the checkpoint.
        random: states of the random generators of each process that shares the training; None: those of this one.
    """
    content = {
        "model": state.model.state_dict(),
        "optimizer": state.optimizer.state_dict(),
        "schedule": state.schedule.state_dict(),
        "average": None if state.average is None else state.average.state_dict(),
        "history": state.history,
        "position": None if state.position is None else asdict(state.position),
        "fingerprint": state.fingerprint,
        "random": [machine.random_states()] if random is None else list(random),
    }
    write(content, folder / LAST)


def resume(state: State, folder: Path) -> bool:
    """Fill `state` and every random generator from the checkpoint of `folder`, if there is one.

    Raises:
        ValueError: if other settings wrote it, or several processes.
    """
    content = read(folder, state.fingerprint)
    if content is not None:
        fill(state, content)
    return content is not None


def read(folder: Path, fingerprint: str, processes: int = 1) -> dict[str, Any] | None:
    """The checkpoint of `folder`; None where there is none.

    Args:
        folder: of the checkpoint.
        fingerprint: of the settings now.
        processes: that share the training now.

    Raises:
        ValueError: if other settings, or another number of processes, wrote it.
    """
    path = folder / LAST
    if not path.exists():
        return None
    content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    if content["fingerprint"] != fingerprint:
        raise ValueError(
            f"{path} was written with other settings or other chips (fingerprint {content['fingerprint'][:12]}, now "
            f"{fingerprint[:12]}); delete its folder to train from scratch, or restore those settings to go on"
        )
    if len(content["random"]) != processes:
        raise ValueError(
            f"{path} was written by {len(content['random'])} processes (train.devices times train.nodes), now there "
            f"are {processes}; go on with as many, or delete its folder to train from scratch"
        )
    return content


def fill(state: State, content: dict[str, Any], rank: int = 0) -> None:
    """Fill `state`, and every random generator of the process of that number, from what `read` gave."""
    state.model.load_state_dict(content["model"])
    state.optimizer.load_state_dict(content["optimizer"])
    state.schedule.load_state_dict(content["schedule"])
    if state.average is not None:
        state.average.load_state_dict(content["average"])
    state.history[:] = content["history"]
    state.position = None if content["position"] is None else EpochPosition(**content["position"])
    machine.restore(content["random"][rank])


def load_best(model: nn.Module, folder: Path) -> None:
    """Load the weights that training kept into `model`: those of the best epoch, or others (`train.keep`).

    Raises:
        ValueError: if no epoch was finished in `folder`.
    """
    path = folder / BEST
    if not path.exists():
        raise ValueError(f"{path} does not exist: no epoch has been finished there; train first")
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
