"""What was done to Finnish stands and when, for images before and after: the latest tending, and quiet around it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from rojsat.geo.finland import codes
from rojsat.geo.finland.finnish_stands import StandTable
from rojsat.geo.finland.stand_labels import TENDED

Done = tuple[date, bool]
"""A completed operation: its day, and whether it is a tending."""


@dataclass(frozen=True)
class History:
    """One stand; days are ISO.

    Attributes:
        development_class: code of `codes.yaml`, of the day of the file.
        tended: day of its latest completed tending; None: none is known.
        quiet_from: no other operation was completed after this day ...
        quiet_until: ... and before this one.
    """

    development_class: str
    tended: str | None
    quiet_from: str
    quiet_until: str

    def facts(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)


def of(table: StandTable, until: date | None = None) -> tuple[dict[str, History], dict[str, str]]:
    """The histories of the stands of a table.

    Before the first operation that the file has completed, and after the last, nobody knows what was not written down.

    Args:
        table: what a reader read.
        until: day up to which the file is complete; None: that of its last completed operation.

    Returns:
        Histories by stand, and why each of the other stands has none.

    Raises:
        ValueError: if the file has no completed operation.
    """
    done: defaultdict[str, list[Done]] = defaultdict(list)
    for operation in table.operations or ():
        if operation.completed is not None:
            is_tending = codes.work(operation.code or "") == codes.TENDING
            done[operation.stand].append((operation.completed, is_tending))
    days = [day for operations in done.values() for day, _ in operations]
    if not days:
        raise ValueError("no operation is completed in the file of stands: what changed, and when, is not known")
    period = min(days), until or max(days)
    histories, aside = {}, {}
    for stand, development_class in zip(table.stands["stand"], table.stands["development_class"], strict=True):
        if development_class not in TENDED:
            aside[stand] = f"development class {development_class or 'unknown'}"
        elif (history := _history(development_class, done[stand], period)) is None:
            aside[stand] = "other operation completed on the day of its tending"
        else:
            histories[stand] = history
    return histories, aside


def _history(development_class: str, done: Sequence[Done], period: tuple[date, date]) -> History | None:
    """The history of one stand; None if something else was done on the day of its latest tending."""
    tendings, others = ({day for day, is_tending in done if is_tending is kind} for kind in (True, False))
    if not tendings:
        borders = sorted({*period, *(day for day in others if period[0] <= day <= period[1])})
        gaps = list(pairwise(borders)) or [period]
        first, last = max(gaps, key=lambda gap: gap[1] - gap[0])
        return History(development_class, None, first.isoformat(), last.isoformat())
    latest = max(tendings)
    if latest in others:
        return None
    rest = (tendings | others) - {latest}
    first = max((day for day in rest if day < latest), default=min(period[0], latest))
    last = min((day for day in rest if day > latest), default=max(period[1], latest))
    return History(development_class, latest.isoformat(), first.isoformat(), last.isoformat())
