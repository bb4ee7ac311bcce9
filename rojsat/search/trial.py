"""One trial of a search: the values it tries, what it reports."""

import json
from dataclasses import dataclass, field
from typing import Any

import optuna

from rojsat.search.space import Range


class Pruned(Exception):
    """A trial is given up: others were better at the same epoch, or it has no value at all."""


@dataclass
class Trial:
    """One attempt at one slot.

    Attributes:
        slot: number of the trial, from 0.
        values: what to try, by key.
        notes: what earlier attempts at the slot and this one noted.
    """

    slot: int
    values: dict[str, Any]
    notes: dict[str, Any]
    _live: optuna.Trial = field(repr=False)

    def report(self, step: int, value: float, *, last: bool = False) -> None:
        """Report the value of an epoch; after the last one there is nothing to be saved by giving up.

        Raises:
            Pruned: the trial is not worth going on with.
        """
        self._live.report(value, step)
        if not last and self._live.should_prune():
            raise Pruned(f"given up after epoch {step}: worse than the median of the other trials")

    def note(self, key: str, value: Any) -> None:
        """Keep something with the trial, for later attempts and for the table."""
        self.notes[key] = value
        self._live.set_user_attr(key, value)


def store(bounds: Range, value: Any) -> Any:
    """A value as the storage keeps it: lists and mappings as JSON."""
    return json.dumps(value) if bounds.choices and isinstance(value, list | dict) else value


def load(bounds: Range, stored: Any) -> Any:
    """The value that the storage keeps as `stored`."""
    return next((choice for choice in bounds.choices if store(bounds, choice) == stored), stored)


def suggest(live: optuna.Trial, bounds: Range) -> Any:
    """Have a value of the range drawn."""
    if bounds.choices:
        return load(
            bounds,
            live.suggest_categorical(bounds.key, [store(bounds, choice) for choice in bounds.choices]),
        )
    if bounds.is_integer:
        return live.suggest_int(bounds.key, int(bounds.low), int(bounds.high), log=bounds.log)
    return live.suggest_float(bounds.key, float(bounds.low), float(bounds.high), log=bounds.log)
