"""Need and clear by rule, for stands of Metsäkeskus and the Finnish forest data standard: a label for each day.

`docs/decisions/finnish_labels.md` says which rule, and why.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from rojsat.chips import roles
from rojsat.config import lookup
from rojsat.geo.degrees import UNKNOWN, Labels
from rojsat.geo.finland import finnish_stands, kept_tables, stand_labels, stand_regions
from rojsat.geo.finland.finnish_stands import StandTable
from rojsat.geo.finland.stand_labels import STRONG, WEAK, LabelRule
from rojsat.geo.scenes import catalog, outline_pixels

STRENGTHS = (STRONG, WEAK)

COLUMNS = ["region", "date", "label", "strength", "reason", "hectares"]


def masks(
    raw: Path,
    regions: gpd.GeoDataFrame,
    grids: Mapping[str, GeoBox],
    *,
    proposed: int = LabelRule.proposed,
    completed: float = LabelRule.completed,
    observed: float = LabelRule.observed,
    inner_buffer: float = LabelRule.inner_buffer,
    smallest: float = LabelRule.smallest,
    strengths: Sequence[str] = STRENGTHS,
) -> Labels:
    """Label the stands for the day of every scene.

    A mask is 1 inside the inner buffer of a stand that is in need on some day, 0 of one that is clear on all days that
    it has a label; all else is unknown. The chips of a day have the label of that day; those of days on which a stand
    is clear count as 0, and there are none of days without a label.

    Args:
        raw: the raw data set, with the tables of `stand_regions`.
        regions: its regions.
        grids: grid of each region.
        proposed: years at most between a proposed tending and the image.
        completed: years at most between a completed tending and the image.
        observed: years at most between the observation of a stand and the image.
        inner_buffer: metres that are cut off all around a stand, against mixed pixels.
        smallest: hectares that a stand must have inside that buffer.
        strengths: which labels count: those of completed tendings (`strong`), of proposals or none (`weak`).

    Raises:
        UnknownNameError: if there is no such strength.
        ValueError: if a limit is negative, no file of regions holds Finnish stands, or no stand has a label on the day
            of any scene; the message then counts the reasons.
    """
    for strength in strengths:
        if strength not in STRENGTHS:
            raise lookup.unknown("data.labels.options.strengths:", strength, STRENGTHS)
    rule = LabelRule(proposed, completed, observed, inner_buffer, smallest)
    tables = kept_tables.read(raw / stand_regions.FOLDER)
    if not tables:
        raise ValueError(
            f"labels finnish_rule: no file of data.regions has a source of Finnish stands "
            f"({', '.join(stand_regions.SOURCES)}), so there is nothing to label by rule"
        )
    days = sorted({scene.date for scene in catalog.read(raw)})
    dated = pd.concat([rows for table in tables for rows in _each_day(table, days, rule, strengths)], ignore_index=True)
    labelled = dated[dated["label"].notna() & dated["region"].isin(regions["region"])]
    if not len(labelled):
        raise ValueError(f"no stand has a label on the days of the scenes ({_period(days)}): {_reasons(dated)}")
    degrees, missed = _masks(labelled, _inner(tables, rule), grids)
    unlabelled = dated[dated["region"].isin(set(regions["region"]) - set(labelled["region"]))]
    why = unlabelled.groupby("region")["reason"].unique()
    dropped = {str(region): f"no label on any day: {', '.join(sorted(reasons))}" for region, reasons in why.items()}
    dropped |= dict.fromkeys(missed, "no pixel's centre lies inside the inner buffer")
    return Labels(degrees, dropped, _facts(labelled, degrees) | {"missed": missed}, dated)


def _each_day(
    table: StandTable, days: Sequence[str], rule: LabelRule, strengths: Sequence[str]
) -> Iterator[pd.DataFrame]:
    """The labels of a table with `COLUMNS`, a day after the other."""
    for day, labels in stand_labels.each_day(table, [date.fromisoformat(day) for day in days], rule):
        rows = pd.DataFrame(labels.drop(columns=["geometry", "inner_hectares"])).rename(columns={"stand": "region"})
        unwanted = rows["strength"].notna() & ~rows["strength"].isin(list(strengths))
        rows.loc[unwanted, "reason"] = rows["strength"] + " label left out: " + rows["reason"]
        rows.loc[unwanted, ["label", "strength"]] = None
        yield rows.assign(date=day.isoformat())[COLUMNS]


def _inner(tables: Sequence[StandTable], rule: LabelRule) -> dict[str, Any]:
    """Outlines of the stands inside the buffer."""
    inner: dict[str, Any] = {}
    for table in tables:
        outlines = table.stands.geometry.buffer(-rule.inner_buffer)
        inner |= dict(zip(table.stands["stand"], outlines, strict=True))
    return inner


def _masks(
    labelled: pd.DataFrame, inner: dict[str, Any], grids: Mapping[str, GeoBox]
) -> tuple[dict[str, NDArray[np.float32]], list[str]]:
    """Masks of the labelled regions, and those that hold no pixel."""
    degrees: dict[str, NDArray[np.float32]] = {}
    missed = []
    need = labelled["label"].eq(roles.NEED).groupby(labelled["region"]).any()
    for region in sorted(set(need.index) & set(grids)):
        pixels = outline_pixels.centres(inner[region], finnish_stands.CRS, grids[region])
        if pixels.any():
            degrees[region] = np.where(pixels, np.float32(need[region]), np.float32(UNKNOWN))
        else:
            missed.append(region)
    return degrees, missed


def _facts(labelled: pd.DataFrame, degrees: dict[str, NDArray[np.float32]]) -> dict[str, Any]:
    stands = labelled.assign(kind=labelled["label"] + ", " + labelled["strength"]).groupby("kind")["region"].nunique()
    return {
        "stands": {str(kind): int(count) for kind, count in stands.items()},
        "pixels": {"labelled": int(sum((mask != UNKNOWN).sum() for mask in degrees.values()))},
    }


def _period(days: Sequence[str]) -> str:
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _reasons(dated: pd.DataFrame) -> str:
    stands = dated.groupby("reason")["region"].nunique().sort_values(ascending=False)
    return ", ".join(f"{count} stands {reason}" for reason, count in stands.items())
