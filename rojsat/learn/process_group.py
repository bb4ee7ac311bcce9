"""What the processes of one training agree on, by Lightning Fabric; a single process agrees with itself at no cost.

Each has the same weights and its own share of every batch. The first alone validates and writes; what it finds is sent
to the others, so that all go on, or end, alike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch

from rojsat.learn import machine
from rojsat.learn.fabric import Fabric

Value = TypeVar("Value")


@dataclass(frozen=True)
class Ranks:
    """The processes that Fabric has launched; `rank` is the number of this one from 0, `count` that of all."""

    fabric: Fabric

    @property
    def rank(self) -> int:
        """Number of this process, from 0."""
        return self.fabric.global_rank

    @property
    def count(self) -> int:
        """Processes in all."""
        return self.fabric.world_size

    @property
    def is_first(self) -> bool:
        """Whether this process is the one that validates and writes."""
        return self.rank == 0

    def sums(self, *values: float) -> list[float]:
        """Sums over all processes; every process must call it."""
        if self.count == 1:
            return list(values)
        total = torch.tensor(values, dtype=torch.float64, device=self.fabric.device)
        torch.distributed.all_reduce(total)
        return total.tolist()

    def of_first(self, work: Callable[[], Value]) -> Value:
        """What the first process makes; every process must call it.

        Raises:
            ValueError: in all processes, if that is what came of it.
        """
        if self.count == 1:
            return work()
        outcome: Any = None
        if self.is_first:
            try:
                outcome = work()
            except ValueError as error:
                outcome = error
        outcome = self.fabric.broadcast(outcome)
        if isinstance(outcome, ValueError):
            raise outcome
        return outcome

    def of_each(self, value: Value) -> list[Value]:
        """The values of all processes, in the order of their numbers; every process must call it."""
        if self.count == 1:
            return [value]
        return [self.fabric.broadcast(value, src=rank) for rank in range(self.count)]

    def seed_others(self, seed: int) -> None:
        """Start every random generator of each process but the first from a seed of its own.

        So that dropout does not draw the same in all of them. Order and augmentation follow from other generators.
        """
        if self.rank:
            machine.seed_all(int(np.random.SeedSequence((seed, self.rank)).generate_state(1)[0]))
