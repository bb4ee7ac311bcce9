"""What a planted mistake is, and what comes of it: caught, warned of, right in spite of it, or silently wrong."""

import logging
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.silent_errors.sandbox import Sandbox, StoppedError

CAUGHT, WARNED, RIGHT = "caught", "warned", "right"
UNCLEAR, SILENT, CRASHED = "stopped, not named", "silently wrong", "crashed"
NONE = "none"
OUTCOMES = (CAUGHT, WARNED, RIGHT, UNCLEAR, SILENT, CRASHED, NONE)
"""All that can come of a mistake, best first; the last: there is no such script."""


@dataclass(frozen=True)
class Trial:
    """One planted mistake, ready to be tried.

    Attributes:
        right: the value that the input was made from.
        rojsat: runs the commands, then gives rojsat's value; raises `StoppedError` where a command ends before.
        by_hand: the value of a short script on the same input; None: there is no such script.
        tolerance: absolute difference that rounding of the stored numbers explains.
    """

    right: Any
    rojsat: Callable[[], Any]
    by_hand: Callable[[], Any] | None = None
    tolerance: float = 2e-4


@dataclass(frozen=True)
class Case:
    """A planted mistake.

    Attributes:
        name: of its function.
        mistake: what is wrong with the input.
        names: regular expression, any case, of what a message must name to count.
        kind: module that it stands in.
        plant: writes the input into a place.
    """

    name: str
    mistake: str
    names: str
    kind: str
    plant: Callable[[Sandbox], Trial]


@dataclass(frozen=True)
class Outcome:
    """What came of a case for one of the two.

    Attributes:
        outcome: one of `OUTCOMES`.
        value: the value that was given, if any.
        words: of a message, the line that names the thing.
    """

    outcome: str
    value: Any = None
    words: str = ""


CASES: dict[str, Case] = {}
"""All cases, in the order in which their modules are imported."""


def case(names: str) -> Callable[[Callable[[Sandbox], Trial]], Callable[[Sandbox], Trial]]:
    """Put a function among the cases; its docstring says the mistake."""

    def add(plant: Callable[[Sandbox], Trial]) -> Callable[[Sandbox], Trial]:
        mistake = " ".join((plant.__doc__ or "").split()).rstrip(".")
        kind = plant.__module__.rpartition(".")[2].replace("_", " ")
        CASES[plant.__name__] = Case(plant.__name__, mistake, names, kind, plant)
        return plant

    return add


def attempt(one_case: Case, folder: Path) -> dict[str, Any]:
    """Plant a mistake in an empty folder and try it in both ways: a row of the table."""
    sandbox = Sandbox(folder)
    trial = one_case.plant(sandbox)
    by_rojsat = _rojsat(one_case, trial, sandbox)
    by_script = _by_hand(one_case, trial)
    return {
        "case": one_case.name,
        "kind": one_case.kind,
        "mistake": one_case.mistake,
        "rojsat": by_rojsat.outcome,
        "by hand": by_script.outcome,
        "right": _plain(trial.right),
        "rojsat's": _plain(by_rojsat.value),
        "by hand's": _plain(by_script.value),
        "words": by_rojsat.words,
    }


def _rojsat(one_case: Case, trial: Trial, sandbox: Sandbox) -> Outcome:
    try:
        value = trial.rojsat()
    except StoppedError as stop:
        words = _named(one_case, _last_message(stop.text))
        if stop.status != 2:
            return Outcome(CRASHED, None, stop.text.strip().splitlines()[-1])
        return Outcome(CAUGHT if words else UNCLEAR, None, words or stop.text.strip().splitlines()[-1])
    return _weighed(one_case, trial, value, sandbox.text)


def _by_hand(one_case: Case, trial: Trial) -> Outcome:
    if trial.by_hand is None:
        return Outcome(NONE)
    messages: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())
    logging.getLogger().addHandler(handler)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            value = trial.by_hand()
    except Exception as error:  # whatever a script ends with ends it
        words = _named(one_case, str(error))
        return Outcome(CAUGHT if words else UNCLEAR, None, words or str(error))
    finally:
        logging.getLogger().removeHandler(handler)
    messages += [str(warning.message) for warning in caught]
    return _weighed(one_case, trial, value, "\n".join(messages))


def _weighed(one_case: Case, trial: Trial, value: Any, text: str) -> Outcome:
    words = _named(one_case, text)
    if words:
        return Outcome(WARNED, value, words)
    return Outcome(RIGHT if _same(value, trial.right, trial.tolerance) else SILENT, value)


def _named(one_case: Case, text: str) -> str:
    """The first line of a text that names the thing; empty where none does."""
    lines = (line.strip() for line in text.splitlines())
    return next((line for line in lines if re.search(one_case.names, line, re.IGNORECASE)), "")


def _last_message(text: str) -> str:
    """What a command ended with: from its name to the end."""
    start = text.rfind("python -m rojsat")
    return text[max(start, 0) :]


def _same(value: Any, right: Any, tolerance: float) -> bool:
    if isinstance(right, int | float) and isinstance(value, int | float | np.number):
        return bool(abs(float(value) - float(right)) <= tolerance)
    return bool(value == right)


def _plain(value: Any) -> Any:
    return round(float(value), 5) if isinstance(value, float | np.floating) else value
