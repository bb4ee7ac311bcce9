"""Which chips make a sample: one by itself, those of chosen dates of a region, or those of all its dates."""

from collections.abc import Iterator, Sequence

import pandas as pd

from rojsat.chips import change_pairs
from rojsat.config import all_dates, date_words


def groups(rows: pd.DataFrame, dates: Sequence[str] | None) -> Iterator[list[str]]:
    """The chips of every sample; of several orbits on a date, the one with most pixels seen.

    Args:
        rows: chips.
        dates: None, ISO dates, [all], [before, after] or [difference], see `sample_arrays.read`.

    Yields:
        Ids, of several dates in the order of `dates`, of all dates the newest last, of a change before and after.
    """
    if dates is None:
        yield from ([chip] for chip in rows["chip"])
        return
    if date_words.is_pair(dates):
        yield from (list(pair) for pair in change_pairs.of_pairs(rows))
        return
    clearest = rows.assign(hidden=rows["nodata"] + rows["cloud"].fillna(0)).sort_values(["hidden", "chip"])
    for _, window in clearest.groupby(["region", "row", "col"], sort=True):
        by_date = window.drop_duplicates("date").set_index("date")["chip"]
        if all_dates.is_asked(dates):
            yield [str(chip) for chip in by_date.sort_index()]
        elif all(date in by_date for date in dates):
            yield [str(by_date[date]) for date in dates]


def nothing(rows: pd.DataFrame, dates: Sequence[str] | None) -> str:
    """Why there is no sample, and which dates there are."""
    if not len(rows):
        return "no chips to read: this role or part of the split is empty"
    if date_words.is_pair(dates):
        return "no stand has two clear dates around a tending, or the same two dates without one"
    available = ", ".join(sorted(rows["date"].unique())[:10])
    return f"no region has chips of all dates {list(dates or ())}; inputs.dates can name: {available}"
