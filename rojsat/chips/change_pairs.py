"""Which two chips of a stand show it before and after a tending, or on the same two dates without one. pandas only.

A stand that was tended has the two clear dates around it that are nearest to each other, in one season. A stand that
was not has the two dates of a tended stand of its own development class: neither dates nor class tell them apart.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from rojsat.chips.roles import CLEAR, NEED
from rojsat.config.date_words import AFTER, BEFORE

log = logging.getLogger(__name__)

MOMENT = "moment"
"""Column of the index: `before` or `after` of the two chips of a stand, None of all others."""

TENDED = "tended_between"
"""Column of the index: whether the stand was tended between these two; None of all others."""

COLUMNS = (MOMENT, TENDED)

HISTORIES = "histories"
"""Fact of masks: what was done to each stand, as `marked` is given it."""

LEAST_CLEAR = 0.5
"""Share of the pixels of a region that must be clear on both dates."""

SEASON = 45
"""Days within which two days of the year are the same season, whatever their years."""

APART = 30
"""Days around the completion of a tending of which no date is taken: the work lasts, and is reported when done."""

YEAR = 365

Pair = tuple[str, str]
"""ISO days before and after."""


def marked(index: pd.DataFrame, histories: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """The index with `COLUMNS`; the log says how many stands have two chips, and why others have none.

    Args:
        index: the chips' table: chip, region, row, col, date, nodata, cloud.
        histories: of each stand `development_class`, `tended` (ISO day or None), `quiet_from` and `quiet_until`, ISO
            days between which nothing else was done to it.
    """
    hidden = index["nodata"] + index["cloud"].fillna(0)
    clear = index[(hidden <= 1 - LEAST_CLEAR) & index["region"].isin(list(histories))].assign(hidden=hidden)
    clear = clear.sort_values(["hidden", "chip"]).drop_duplicates(["region", "row", "col", "date"])
    windows = {str(chips["chip"].min()): chips.set_index("date")["chip"] for _, chips in _windows(clear)}
    regions = clear.set_index("chip")["region"]
    stands = {name: histories[regions[name]] for name in sorted(windows)}
    pairs, aside = _pairs({name: sorted(windows[name].index) for name in stands}, stands)
    moments: dict[str, str] = {}
    tended: dict[str, bool] = {}
    for name, pair in pairs.items():
        for moment, day in zip((BEFORE, AFTER), pair, strict=True):
            moments[windows[name][day]] = moment
            tended[windows[name][day]] = stands[name]["tended"] is not None
    _report(Counter(tended[windows[name][pair[0]]] for name, pair in pairs.items()), aside)
    columns: dict[str, Any] = {MOMENT: index["chip"].map(moments), TENDED: index["chip"].map(tended)}
    return index.assign(**columns).astype(dict.fromkeys(COLUMNS, object))


def of_pairs(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """The chips before and after of every window of a region that has both.

    Args:
        rows: of the index.

    Raises:
        ValueError: if the store knows no changes.
    """
    if MOMENT not in rows:
        raise ValueError(
            "inputs.dates asks for the dates before and after a tending, and these chips know of none: it needs a data "
            "set with data.labels.source=completed_tendings"
        )
    for _, window in _windows(rows[rows[MOMENT].notna()]):
        by_moment = window.set_index(MOMENT)["chip"]
        if {BEFORE, AFTER} <= {*by_moment.index}:
            yield str(by_moment[BEFORE]), str(by_moment[AFTER])


def labelled(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the index with the label of their pair: need where the stand was tended between, else clear."""
    return rows.assign(label=rows[TENDED].map({True: NEED, False: CLEAR}))


def counts(index: pd.DataFrame) -> dict[str, str]:
    """How many stands have two dates, in words for a report; nothing of a store that knows no changes."""
    if TENDED not in index:
        return {}
    stands = index[index[MOMENT] == AFTER].groupby(TENDED)["region"].nunique()
    return {"pairs of dates": f"{stands.get(True, 0)} stands tended between two dates, {stands.get(False, 0)} not"}


def _windows(rows: pd.DataFrame) -> Any:
    return rows.groupby(["region", "row", "col"], sort=True)


def _pairs(
    dates: Mapping[str, list[str]], stands: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, Pair], Counter[str]]:
    """The two dates of each stand that has some, and why others have none."""
    pairs: dict[str, Pair] = {}
    aside: Counter[str] = Counter()
    tended = [name for name, stand in stands.items() if stand["tended"] is not None]
    for name in tended:
        around = _around(dates[name], stands[name])
        if around is None:
            aside["tended without two clear dates of one season around it"] += 1
        else:
            pairs[name] = around
    needed = Counter((stands[name]["development_class"], pair) for name, pair in pairs.items())
    used: Counter[tuple[str, Pair]] = Counter()
    for name, stand in stands.items():
        if stand["tended"] is not None:
            continue
        possible = [key for key in sorted(needed) if key[0] == stand["development_class"] and _fits(key[1], stand)]
        possible = [key for key in possible if set(key[1]) <= set(dates[name])]
        if not possible:
            aside["not tended and without the two dates of a tended stand of its class"] += 1
            continue
        chosen = min(possible, key=lambda key: (used[key] / needed[key], key))
        used[chosen] += 1
        pairs[name] = chosen[1]
    return pairs, aside


def _around(dates: list[str], stand: Mapping[str, Any]) -> Pair | None:
    """The two dates around a tending that are nearest to each other."""
    completed = pd.Timestamp(stand["tended"])
    earlier = [day for day in dates if (completed - pd.Timestamp(day)).days >= APART]
    later = [day for day in dates if (pd.Timestamp(day) - completed).days >= APART]
    possible = [(first, last) for first in earlier for last in later]
    fitting = [pair for pair in possible if _season_apart(pair) <= SEASON and _fits(pair, stand)]
    return min(fitting, key=lambda pair: (_days(pair), _season_apart(pair), pair), default=None)


def _fits(pair: Pair, stand: Mapping[str, Any]) -> bool:
    """Whether nothing else was done to a stand between two dates."""
    return bool(stand["quiet_from"] < pair[0] and pair[1] < stand["quiet_until"])


def _days(pair: Pair) -> int:
    return int((pd.Timestamp(pair[1]) - pd.Timestamp(pair[0])).days)


def _season_apart(pair: Pair) -> int:
    """Days between two days of the year, across the turn of the year too."""
    first, last = (pd.Timestamp(day).day_of_year for day in pair)
    return int(min(abs(first - last), YEAR - abs(first - last)))


def _report(stands: Counter[bool], aside: Mapping[str, int]) -> None:
    left = ", ".join(f"{count} {reason}" for reason, count in sorted(aside.items())) or "none"
    log.info("%d stands tended between two dates, %d not; left aside: %s", stands[True], stands[False], left)
