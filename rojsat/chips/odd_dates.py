"""Dates of a chip store that a person would not have taken: copies of another date, and snow."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from rojsat.chips.reader import Chips

SNOW = 11
"""SCL value of snow."""

MOST_SNOW = 0.5
"""Share of a date's classified pixels under snow from which it is reported."""

_SHOWN = 5
"""Dates that a sentence names; of more it says how many."""


def sentences(chips: Chips) -> list[str]:
    """A sentence for each kind of odd dates; none where all are as they should be.

    Args:
        chips: the store; its SCL is read, where it has any.
    """
    return [*_copies(chips.index), *_of_snow(chips)]


def _copies(index: pd.DataFrame) -> Iterator[str]:
    """Dates on which a region has the same pixels bit for bit as on another."""
    same = index[index.duplicated(["region", "hash"], keep=False)]
    pairs = sorted({tuple(sorted(set(chips["date"]))) for _, chips in same.groupby(["region", "hash"])})
    if pairs:
        yield (
            "The same pixels bit for bit stand under several dates: "
            f"{_listed([' and '.join(dates) for dates in pairs])}; one of them is a copy: take it out of the data set, "
            "or mend its name."
        )


def _of_snow(chips: Chips) -> Iterator[str]:
    """Dates of which most is snow in the scene classification."""
    counts: dict[str, np.ndarray] = {}
    for name, date, kinds in chips.index[["chip", "date", "kinds"]].itertuples(index=False):
        if "scl" in kinds.split(","):
            classes = chips.read(name).arrays["scl"]
            count = np.array([(classes == SNOW).sum(), (classes > 0).sum()])
            counts[date] = counts.get(date, np.zeros(2)) + count
    shares = {date: snow / classified for date, (snow, classified) in sorted(counts.items()) if classified}
    white = [f"{date} ({share:.0%})" for date, share in shares.items() if share > MOST_SNOW]
    if white:
        yield (
            f"Most of the ground is under snow (SCL {SNOW}), which counts as clear ground: {_listed(white)}; leave "
            "these dates out of the data set unless snow is what you look for."
        )


def _listed(words: list[str]) -> str:
    more = f", ... {len(words)} in all" if len(words) > _SHOWN else ""
    return ", ".join(words[:_SHOWN]) + more
