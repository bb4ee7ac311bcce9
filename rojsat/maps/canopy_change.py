"""Stands that look cleared already: their canopy signal fell, between two dates, more than that of the other stands.

Leaves, sun and weather change all stands between two dates; what a stand changes beyond the median of all stands is its
own. Nothing is trained: the rule is this file.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

LEAST_DROP = 0.1
"""Smallest fall of the index that counts: changes of the normalized burn ratio within 0.1 are those of ground where
nothing happened (Key and Benson 2006, Landscape Assessment, table LA-2)."""

SPREADS = 3.0
"""The fall must be as many times the spread of all stands between the two dates: 1.4826 times their median absolute
deviation, which of normal numbers is the standard deviation."""

SEASON = 45
"""Days within which two days of the year are the same season, whatever their years."""

LEAST_CLEAR = 0.5
"""Share of the pixels of a stand that must be clear on both dates."""

LEAST_STANDS = 8
"""Stands that must be clear on both dates: the spread of fewer says little."""

NORMAL = 1.4826
"""Standard deviation of normal numbers over their median absolute deviation."""

YEAR = 365


@dataclass(frozen=True)
class Change:
    """What became of the canopy of a stand between two dates.

    Attributes:
        before: the earlier date, ISO.
        after: its newest clear date.
        drop: how far its index fell beyond the median of all stands; negative: it rose.
        threshold: above which this is a clearing.
    """

    before: str
    after: str
    drop: float
    threshold: float

    @property
    def cleared(self) -> bool:
        """Whether the stand looks cleared."""
        return self.drop > self.threshold


def changes(signals: pd.DataFrame, labelled: Mapping[str, str] | None = None) -> dict[str, Change]:
    """Compare every stand on its newest clear date with an earlier one of the same season.

    The earlier date is the last clear one up to the day on which the stand was looked at; where that is not known, the
    first clear one.

    Args:
        signals: of `canopy_signal.read`.
        labelled: ISO day on which a stand was looked at, by its id.

    Returns:
        By the id of the stand; those without two such dates, or with too few stands to compare with, are not in it.
    """
    clear = signals[(signals["clear"] >= LEAST_CLEAR) & signals["value"].notna()]
    clear = clear.sort_values(["region", "date", "clear", "value"]).drop_duplicates(["region", "date"], keep="last")
    values = clear.pivot(index="region", columns="date", values="value").astype(float)
    pairs: dict[tuple[str, str], list[str]] = {}
    for region, row in values.iterrows():
        pair = _dates([str(date) for date in row.dropna().index], (labelled or {}).get(str(region)))
        if pair is not None:
            pairs.setdefault(pair, []).append(str(region))
    decided: dict[str, Change] = {}
    for (before, after), regions in pairs.items():
        change = (values[after] - values[before]).dropna()
        if len(change) < LEAST_STANDS:
            continue
        usual = float(change.median())
        threshold = max(LEAST_DROP, SPREADS * NORMAL * float((change - usual).abs().median()))
        decided |= {name: Change(before, after, usual - float(change[name]), threshold) for name in regions}
    return decided


def _dates(clear: list[str], labelled: str | None) -> tuple[str, str] | None:
    """The two dates of a stand to compare; None if there are none."""
    if not clear:
        return None
    newest = max(clear)
    earlier = [date for date in sorted(clear) if date < newest and _apart(date, newest) <= SEASON]
    if labelled is not None:
        earlier = [date for date in earlier if date <= labelled][-1:]
    return (earlier[0], newest) if earlier else None


def _apart(first: str, second: str) -> int:
    """Days between two days of the year, across the turn of the year too."""
    days = abs(pd.Timestamp(first).day_of_year - pd.Timestamp(second).day_of_year)
    return min(days, YEAR - days)
