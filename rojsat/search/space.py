"""The space of a search: which keys of an experiment are tried, in which ranges. Knows no library of search."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rojsat.config import checks, compose, decides, keys
from rojsat.config.keys import ConfigError, check_key
from rojsat.config.schema import Experiment

_WORDS = {"low", "high", "log", "choices"}


@dataclass(frozen=True)
class Range:
    """What one key may be.

    Attributes:
        key: of the experiment, dots between levels.
        low: smallest value; whole numbers are tried where both bounds are integers.
        high: largest value.
        log: whether a factor counts, not a difference.
        choices: the values there are; where given, there are no bounds.
    """

    key: str
    low: float | int = 0
    high: float | int = 0
    log: bool = False
    choices: tuple[Any, ...] = ()

    @property
    def is_integer(self) -> bool:
        """Whether only whole numbers are tried."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    @property
    def ends(self) -> tuple[Any, ...]:
        """The values that must fit into the experiment: all choices, or both bounds."""
        return self.choices or (self.low, self.high)

    def __str__(self) -> str:
        """As a person would write it."""
        if self.choices:
            return f"{self.key} one of {', '.join(str(choice) for choice in self.choices)}"
        return f"{self.key} from {self.low:g} to {self.high:g}{', log scale' if self.log else ''}"

    def holds(self, value: Any) -> bool:
        """Whether the value is one that may be tried."""
        return value in self.choices if self.choices else bool(self.low <= value <= self.high)


def read(experiment: Experiment) -> list[Range]:
    """The ranges of `tune.space`, each checked against the experiment.

    Raises:
        rojsat.config.ConfigError: a key that does not exist or that a search may not change; bounds that are none; a
            value that does not fit the key; a value of the experiment outside of its range.
    """
    ranges = [_range(experiment, key, words) for key, words in _flat(experiment.tune.space)]
    if not ranges:
        raise ConfigError("tune.space is empty: which keys are to be tried, in which ranges?")
    for bounds in ranges:
        for value in bounds.ends:
            checks.check(apply(experiment, {bounds.key: value}))
    start(experiment, ranges)
    return ranges


def _flat(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Keys with dots, and the words of their range; those that are null are left out."""
    for name, words in content.items():
        key = f"{prefix}{name}"
        if words is None:
            continue
        if not isinstance(words, dict):
            raise ConfigError(f"tune.space.{key}={words!r}: a range is {{low, high, log}} or {{choices: [...]}}")
        if words.keys() & _WORDS:
            yield key, words
        else:
            yield from _flat(words, f"{key}.")


def _range(experiment: Experiment, key: str, words: Mapping[str, Any]) -> Range:
    """The range of one key."""
    where = f"tune.space.{key}"
    check_key(key, "tune.space")
    if not decides.is_searchable(key):
        raise ConfigError(
            f"{where}: a search varies what training sees ({', '.join(decides.searchable_parts())}), and nothing that "
            f"trials are compared by or that changes their speed alone. Write an experiment for another {key}"
        )
    unknown = sorted(words.keys() - _WORDS)
    if unknown:
        raise ConfigError(f"{where}: {', '.join(unknown)} does not exist; there are low, high, log, choices")
    if words.get("choices"):
        return Range(key, choices=tuple(words["choices"]))
    low, high, log = words.get("low"), words.get("high"), words.get("log", False)
    for bound in (low, high):
        if not isinstance(bound, int | float) or isinstance(bound, bool):
            raise ConfigError(f"{where}: low and high are numbers, not {low!r} and {high!r}")
    if not low < high or (log and low <= 0):  # type: ignore[operator]
        raise ConfigError(f"{where}: low < high, and 0 < low with log, not {low!r} and {high!r}")
    if isinstance(keys.value(experiment, key), float):
        low, high = float(low), float(high)  # type: ignore[arg-type]
    bounds = Range(key, low, high, bool(log))  # type: ignore[arg-type]
    if isinstance(keys.value(experiment, key), int) and not bounds.is_integer:
        raise ConfigError(f"{where}: {key} is a whole number; so are its bounds, not {low!r} and {high!r}")
    return bounds


def start(experiment: Experiment, ranges: list[Range]) -> dict[str, Any]:
    """The experiment's own values of the ranges: the first trial. A key that it leaves open is not among them.

    Raises:
        rojsat.config.ConfigError: a value outside of its range.
    """
    values = {bounds.key: keys.value(experiment, bounds.key) for bounds in ranges}
    first = {key: value for key, value in values.items() if value is not None}
    for bounds in ranges:
        if bounds.key in first and not bounds.holds(first[bounds.key]):
            raise ConfigError(
                f"tune.space.{bounds.key}: the experiment's own value {first[bounds.key]!r} is the first trial and "
                f"must lie in the range; widen it, or set {bounds.key}=VALUE"
            )
    return first


def apply(experiment: Experiment, values: Mapping[str, Any]) -> Experiment:
    """A copy of the experiment with other values.

    Raises:
        rojsat.config.ConfigError: a value of the wrong type.
    """
    try:
        return compose.with_values(experiment, values)
    except ConfigError as error:
        raise ConfigError(f"tune.space: {error}") from error
