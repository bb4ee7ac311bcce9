"""What a rule made of Finnish stands, in the report of a data set: labels with reason and hectares, codes unknown."""

from pathlib import Path

import pandas as pd

from rojsat.chips import roles
from rojsat.geo import masks
from rojsat.geo.finland import kept_tables, stand_regions

UNKNOWN = "unknown"

_ORDER = {roles.NEED: 0, roles.CLEAR: 1, UNKNOWN: 2}


def tables(raw: Path, mask_folder: Path, index: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Tables by title; none of a data set whose labels no rule made.

    Args:
        raw: the raw data set.
        mask_folder: its masks.
        index: of its chip store.
    """
    dated = masks.dated(mask_folder)
    if dated is None:
        return {}
    codes = pd.concat([table.unknown_codes() for table in kept_tables.read(raw / stand_regions.FOLDER)])
    return {
        "Labels by rule, by year of the images": by_reason(dated),
        "Chips by label and strength": by_strength(index),
        "Codes that no list has": codes.groupby(["list", "code"], as_index=False).agg(times=("times", "sum")),
    }


def facts(raw: Path) -> dict[str, str]:
    """Where stands come from, whom to name for them, and what their files lack."""
    files = kept_tables.facts(raw / stand_regions.FOLDER)
    if not files:
        return {}
    named = sorted({file["attribution"] for file in files if file["attribution"]})
    absent = sorted({layer for file in files for layer in file["absent"]})
    return {
        "stands": ", ".join(f"{file['path']} ({file['source']})" for file in files),
        **({"attribution": "; ".join(named)} if named else {}),
        **({"what these files lack": ", ".join(absent)} if absent else {}),
    }


def by_reason(dated: pd.DataFrame) -> pd.DataFrame:
    """Stands and hectares by year, label, strength and reason, of all stands; one with two labels in a year is in both.

    Args:
        dated: as `masks.dated` gives it.
    """
    named = dated.assign(year=dated["date"].str[:4]).fillna({"label": UNKNOWN, "strength": ""})
    keys = ["year", "label", "strength", "reason"]
    once = named.drop_duplicates([*keys, "region"])
    totals = once.groupby(keys, as_index=False).agg(stands=("region", "size"), hectares=("hectares", "sum"))
    ordered = totals.assign(order=totals["label"].map(_ORDER)).sort_values(["year", "order", "strength", "reason"])
    return ordered.drop(columns="order").assign(hectares=ordered["hectares"].map("{:.2f}".format))


def by_strength(index: pd.DataFrame) -> pd.DataFrame:
    """Stands and chips of each label and strength."""
    groups = index.groupby(["label", "strength"], as_index=False)
    return groups.agg(stands=("region", "nunique"), chips=("chip", "size"))


def with_labels(regions: pd.DataFrame, index: pd.DataFrame) -> pd.DataFrame:
    """The regions with the labels that their chips have, `need/clear` where they change from day to day.

    Args:
        regions: of the raw data set.
        index: of its chip store.
    """
    if "strength" not in index:
        return regions
    words = index.groupby("region")["label"].agg(lambda labels: "/".join(sorted(set(labels), key=_ORDER.__getitem__)))
    labels = regions["region"].map(words)
    return regions.assign(label=labels.astype(object).where(labels.notna(), None))
