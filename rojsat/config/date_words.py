"""The words of `inputs.dates` for the two dates of a change, which differ from region to region."""

import datetime
from collections.abc import Sequence

from rojsat.config import all_dates

BEFORE, AFTER = "before", "after"

PAIR = (BEFORE, AFTER)
"""The channels of both dates of a region, stacked."""

DIFFERENCE = ("difference",)
"""The channels after minus those before."""

ASKED = (PAIR, DIFFERENCE)


def is_pair(dates: Sequence[str] | None) -> bool:
    """Whether `inputs.dates` asks for the two dates of a change, in whatever form."""
    return dates is not None and tuple(dates) in ASKED


def is_difference(dates: Sequence[str] | None) -> bool:
    """Whether `inputs.dates` asks for their difference."""
    return dates is not None and tuple(dates) == DIFFERENCE


def fault(dates: Sequence[str] | None) -> str | None:
    """What is wrong with `inputs.dates`; None if nothing is."""
    for date in () if all_dates.is_asked(dates) or is_pair(dates) else dates or ():
        try:
            datetime.date.fromisoformat(date)
        except ValueError:
            words = "2019-08-31, or [all], [before, after] or [difference] alone"
            return f"inputs.dates: {date!r} is no date; write {words}"
    return None
