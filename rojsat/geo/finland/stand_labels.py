"""Labels of Finnish stands by rule, for images of one day; `docs/decisions/finnish_labels.md` says why."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import Geometry

from rojsat.chips import roles
from rojsat.geo.finland import codes
from rojsat.geo.finland.finnish_stands import OBSERVED, Operation, StandTable
from rojsat.geo.vectors import region_shapes

SEEDLINGS = ("T1", "T2")
"""Development classes of seedling stands: weak labels are of these alone. A0 and S0 are none."""

TENDED = (*SEEDLINGS, "02")
"""Development classes that a stand has soon after a tending."""

STRONG, WEAK = "strong", "weak"
"""Strong: a tending was completed. Weak: one was proposed, or none was."""

_YEAR = 365.25  # days
_M2_PER_HECTARE = 10_000

Verdict = tuple[str | None, str | None, str]
"""Label, strength and reason; no label and no strength where the rule does not know."""


@dataclass(frozen=True)
class LabelRule:
    """How far apart dates may be, and how much of a stand is used.

    Attributes:
        proposed: years at most between the year of a proposal and that of the image.
        completed: years at most between a completed tending and the image.
        observed: years at most between the observation of a stand and the image.
        inner_buffer: metres that are cut off all around a stand, against mixed pixels.
        smallest: hectares that a stand must have inside that buffer.

    Raises:
        ValueError: if one of them is negative.
    """

    proposed: int = 2
    completed: float = 2
    observed: float = 3
    inner_buffer: float = 10
    smallest: float = 0.1

    def __post_init__(self) -> None:
        """Check the range."""
        for name, value in vars(self).items():
            if value < 0:
                raise ValueError(f"{name} is {value}; it must be 0 or more")


def label(table: StandTable, image: date, rule: LabelRule) -> gpd.GeoDataFrame:
    """Label the stands of a table as they are on the day of an image.

    Args:
        table: what a reader read.
        image: day of the image.
        rule: limits of dates and sizes.

    Returns:
        One row a stand, in order: `stand`, `label` (`need`, `clear` or None), `strength` (`strong`, `weak` or None),
        `reason`, `hectares` of its outline, `inner_hectares` inside the buffer, and the inner outline, None where
        there is none.
    """
    (_, labels), *_ = each_day(table, [image], rule)
    return labels


def each_day(table: StandTable, images: Sequence[date], rule: LabelRule) -> Iterator[tuple[date, gpd.GeoDataFrame]]:
    """The labels of a table for images of several days, a day after the other, as `label` gives them.

    Args:
        table: what a reader read.
        images: days of the images.
        rule: limits of dates and sizes.
    """
    operations = defaultdict(list)
    for operation in table.operations or ():
        operations[operation.stand].append(operation)
    observed = defaultdict(list)
    for tree_stand in table.tree_stands:
        if tree_stand.type == OBSERVED and tree_stand.date is not None and tree_stand.strata > 0:
            observed[tree_stand.stand].append(tree_stand.date)
    outlines = list(table.stands.geometry)
    inner_outlines = [_inner(outline, rule.inner_buffer) for outline in outlines]
    unusable = [_unusable(outline, inner, rule) for outline, inner in zip(outlines, inner_outlines, strict=True)]
    facts: dict[str, Any] = {
        "hectares": [_hectares(outline) for outline in outlines],
        "inner_hectares": [_hectares(inner) for inner in inner_outlines],
        "geometry": inner_outlines,
    }
    classes = list(zip(table.stands["stand"], table.stands["development_class"], unusable, strict=True))
    for image in images:
        verdicts = []
        for stand, development_class, fault in classes:
            known = None if table.operations is None else operations[stand]
            verdict = _verdict(development_class, known, observed[stand], image, rule)
            verdicts.append((stand, *(verdict if verdict[0] is None or fault is None else fault)))
        frame = pd.DataFrame(verdicts, columns=["stand", "label", "strength", "reason"], dtype=object)
        texts = frame.where(frame.notna(), None)
        yield image, gpd.GeoDataFrame(texts.assign(**facts), geometry="geometry", crs=table.stands.crs)


def counts(labels: pd.DataFrame) -> pd.DataFrame:
    """Stands and hectares of each label, strength and reason; label `unknown` where there is none.

    Args:
        labels: as `label` gives them.

    Returns:
        Columns `label`, `strength`, `reason`, `stands`, `hectares`; need before clear before unknown.
    """
    named = pd.DataFrame(labels.drop(columns="geometry")).fillna({"label": "unknown", "strength": ""})
    groups = named.groupby(["label", "strength", "reason"], as_index=False)
    totals = groups.agg(stands=("stand", "size"), hectares=("hectares", "sum"))
    order = totals["label"].map({roles.NEED: 0, roles.CLEAR: 1, "unknown": 2})
    return totals.assign(order=order).sort_values(["order", "strength", "reason"]).drop(columns="order")


def _inner(outline: Geometry | None, metres: float) -> Geometry | None:
    if outline is None or region_shapes.fault(outline):
        return None
    inner = outline.buffer(-metres)
    return None if inner.is_empty else inner


def _hectares(outline: Geometry | None) -> float:
    return 0.0 if outline is None else outline.area / _M2_PER_HECTARE


def _unusable(outline: Geometry | None, inner: Geometry | None, rule: LabelRule) -> Verdict | None:
    """Why no pixel of a stand can be used; None if some can."""
    if outline is None:
        return None, None, "no outline"
    if region_shapes.fault(outline):
        return None, None, "outline at fault"
    if _hectares(inner) < rule.smallest or inner is None:
        return None, None, "too small inside the buffer"
    return None


def _verdict(
    development_class: str | None,
    operations: Sequence[Operation] | None,
    observed: Sequence[date],
    image: date,
    rule: LabelRule,
) -> Verdict:
    if development_class is None or not codes.known("development_class", development_class):
        return None, None, "development class unknown"
    if development_class not in TENDED:
        return None, None, f"development class {development_class}"
    if operations is None:
        return None, None, "the file has no operations"
    tendings, others = _completed(operations, tendings=True), _completed(operations, tendings=False)
    if any(day > image for day in others):
        return None, None, "other operation completed after the image"
    tended = _by_tending(tendings, others, image, rule)
    if tended is not None:
        return tended
    if development_class not in SEEDLINGS:
        return None, None, "young forest without a tending near the image"
    return _by_proposal(operations, image, rule) or _by_observation(operations, observed, image, rule)


def _completed(operations: Sequence[Operation], *, tendings: bool) -> list[date]:
    return [
        operation.completed
        for operation in operations
        if operation.completed is not None and (codes.work(operation.code or "") == codes.TENDING) == tendings
    ]


def _by_tending(tendings: Sequence[date], others: Sequence[date], image: date, rule: LabelRule) -> Verdict | None:
    """The strong label of a stand; None if no tending was completed near the image."""
    near = [day for day in tendings if _years(day, image) <= rule.completed]
    before, after = [day for day in near if day <= image], [day for day in near if day > image]
    if before and after:
        return None, None, "tendings completed before and after the image"
    if before and any(day >= max(before) for day in others):
        return None, None, "other operation completed since the tending"
    if before:
        return roles.CLEAR, STRONG, "tending completed before the image"
    if after:
        return roles.NEED, STRONG, "tending completed after the image"
    return None


def _by_proposal(operations: Sequence[Operation], image: date, rule: LabelRule) -> Verdict | None:
    """The weak label of a seedling stand with a proposal, or why there is none; None if nothing is proposed."""
    if any(operation.code is None or not codes.known("operation", operation.code) for operation in operations):
        return None, None, "operation of unknown code"
    works = [(codes.work(operation.code or ""), operation.proposed) for operation in operations]
    tendings = [year for work, year in works if work == codes.TENDING and year is not None]
    near = [year for year in tendings if abs(year - image.year) <= rule.proposed]
    if near and any(min(near) <= day.year and day <= image for day in _completed(operations, tendings=True)):
        return None, None, "tending completed since its proposal"
    if near:
        return roles.NEED, WEAK, "tending proposed near the image"
    if tendings:
        return None, None, "tending proposed for another time"
    if any(work == codes.WEEDING and year is not None for work, year in works):
        return None, None, "weeding proposed"
    return None


def _by_observation(operations: Sequence[Operation], observed: Sequence[date], image: date, rule: LabelRule) -> Verdict:
    """The weak label of a seedling stand without a proposal, or why there is none."""
    if any(day > image for day in _completed(operations, tendings=True)):
        return None, None, "tending completed long after the image"
    if not observed:
        return None, None, "not observed"
    nearest = min(observed, key=lambda day: abs((day - image).days))
    if _years(nearest, image) > rule.observed:
        return None, None, "observed too far from the image"
    first, last = sorted((nearest, image))
    if any(operation.completed is not None and first <= operation.completed <= last for operation in operations):
        return None, None, "operation completed between observation and image"
    return roles.CLEAR, WEAK, "observed without a proposal"


def _years(day: date, image: date) -> float:
    return abs((day - image).days) / _YEAR
