"""Choice among the acquisitions of a folder: by period and relative orbit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

ORBITS = range(1, 144)
"""Relative orbits of Sentinel-2."""

LAUNCH = pd.Timestamp("2015-06-23")
"""Launch of Sentinel-2A: no scene is older."""


@dataclass(frozen=True)
class Choice:
    """A period and relative orbits.

    Attributes:
        first: first day, UTC; None for no bound.
        last: last day, inclusive; None for no bound.
        orbits: relative orbits; None for all.
    """

    first: pd.Timestamp | None
    last: pd.Timestamp | None
    orbits: frozenset[int] | None

    def admits(self, day: pd.Timestamp, orbit: int) -> bool:
        """Whether it holds an acquisition of that time and relative orbit."""
        date = day.tz_localize(None).normalize()
        early = self.first is not None and date < self.first
        late = self.last is not None and date > self.last
        return not early and not late and (self.orbits is None or orbit in self.orbits)


def choose(start: str | None, end: str | None, orbits: Sequence[int] | None) -> Choice:
    """Read the options of a choice.

    Args:
        start: first day, `2019-07-01`.
        end: last day, inclusive.
        orbits: relative orbits, 1 to 143.

    Raises:
        ValueError: if a day is none, the period ends before it starts, or an orbit does not exist.
    """
    first, last = _day("start", start), _day("end", end)
    if first is not None and last is not None and last < first:
        raise ValueError(f"the period ends ({end}) before it starts ({start})")
    wrong = [orbit for orbit in orbits or () if orbit not in ORBITS]
    if wrong:
        raise ValueError(f"relative orbits {wrong} do not exist; they go from {ORBITS[0]} to {ORBITS[-1]}")
    return Choice(first, last, None if orbits is None else frozenset(orbits))


def read_day(text: str) -> pd.Timestamp:
    """Read a date in the name of a file, `20190831`.

    Raises:
        ValueError: if it is none, or earlier than any of Sentinel-2.
    """
    day = pd.to_datetime(text, format="%Y%m%d")
    if day < LAUNCH:
        raise ValueError(f"{text} is before the launch of Sentinel-2")
    return day


def describe(acquisitions: Iterable[tuple[pd.Timestamp, int]]) -> str:
    """Put the period and relative orbits of acquisitions into words, for a message."""
    days, orbits = zip(*acquisitions, strict=True)
    numbers = ", ".join(str(orbit) for orbit in sorted(set(orbits)))
    return f"{min(days):%Y-%m-%d} to {max(days):%Y-%m-%d}, relative orbits {numbers}"


def _day(name: str, text: str | None) -> pd.Timestamp | None:
    if text is None:
        return None
    try:
        return pd.to_datetime(str(text), format="%Y-%m-%d")
    except ValueError as error:
        raise ValueError(f"{name} is {text!r}, which is no day; write it as 2019-07-01") from error
