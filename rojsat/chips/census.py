"""The contents of a data set in tables: scenes by overpass, regions by label, chips kept and left out with the reason.

Knows pandas alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Census:
    """The contents of a data set.

    Attributes:
        overpasses: one row a day and relative orbit, in their order: `date`, `relative_orbit` (0 = unknown), `scenes`,
            `regions` (that the scenes cover), `kept` and `left_out` (chips), `cloud` (median share of the chips under
            cloud) and `nodata` (mean share without data), both over all chips that were examined, kept or not, in
            [0, 1]; NaN where unknown.
        regions: one row a role and label: `role`, `label`, `regions`, `shown` (with at least one chip), `chips`.
        reasons: one row a reason for leaving out: `reason`, `regions`, `chips` (0 where complete regions were left
            out).
    """

    overpasses: pd.DataFrame
    regions: pd.DataFrame
    reasons: pd.DataFrame


def take(scenes: pd.DataFrame, regions: pd.DataFrame, index: pd.DataFrame, dropped: pd.DataFrame) -> Census:
    """Count scenes, regions and chips.

    Args:
        scenes: one row a scene: `date`, `relative_orbit`.
        regions: one row a region: `region`, `role`, `label`.
        index: of the chip store.
        dropped: of the chip store.
    """
    return Census(_overpasses(scenes, index, dropped), _regions(regions, index), _reasons(dropped))


OVERPASS = ["date", "relative_orbit"]


def _overpasses(scenes: pd.DataFrame, index: pd.DataFrame, dropped: pd.DataFrame) -> pd.DataFrame:
    columns = [*OVERPASS, "region", "nodata", "cloud"]
    left_out = dropped.dropna(subset="date")[columns]
    examined = pd.concat([index[columns].assign(kept=True), left_out.assign(kept=False)])
    groups = examined.groupby(OVERPASS)
    counted = pd.DataFrame(
        {
            "regions": groups["region"].nunique(),
            "kept": groups["kept"].sum(),
            "left_out": groups["kept"].agg(lambda kept: int((~kept).sum())),
            "cloud": groups["cloud"].median(),
            "nodata": groups["nodata"].mean(),
        }
    )
    counts = scenes.groupby(OVERPASS).size().rename("scenes").to_frame().join(counted)
    integers = ["scenes", "regions", "kept", "left_out"]
    return counts.fillna(dict.fromkeys(integers, 0)).astype(dict.fromkeys(integers, int)).reset_index()


def _regions(regions: pd.DataFrame, index: pd.DataFrame) -> pd.DataFrame:
    chips = index.groupby("region").size()
    table = regions[["region", "role", "label"]].assign(chips=regions["region"].map(chips).fillna(0).astype(int))
    groups = table.assign(label=table["label"].fillna("")).groupby(["role", "label"])
    counts = {"regions": groups.size(), "shown": groups["chips"].agg(lambda chips: int((chips > 0).sum()))}
    return pd.DataFrame(counts | {"chips": groups["chips"].sum()}).reset_index()


def _reasons(dropped: pd.DataFrame) -> pd.DataFrame:
    groups = dropped.groupby("reason")
    counts = {"regions": groups["region"].nunique(), "chips": groups["date"].count()}
    return pd.DataFrame(counts).sort_values("chips", ascending=False, kind="stable").reset_index()


def text(
    name: str,
    census: Census,
    facts: Mapping[str, str],
    warnings: Sequence[str] = (),
    more: Mapping[str, pd.DataFrame] | None = None,
) -> str:
    """The census as Markdown.

    Args:
        name: of the data set.
        census: its tables.
        facts: further lines for its head, by name.
        warnings: sentences that stand before the tables.
        more: further tables by title.
    """
    overpasses = census.overpasses.assign(
        relative_orbit=[f"{orbit:03d}" if orbit else "unknown" for orbit in census.overpasses["relative_orbit"]],
        cloud=[_percent(share) for share in census.overpasses["cloud"]],
        nodata=[_percent(share) for share in census.overpasses["nodata"]],
    )
    lines = [f"# Data set {name}", "", *(f"* {key}: {value}" for key, value in facts.items())]
    lines += ["", "## Warnings", "", *(f"* {sentence}" for sentence in warnings)] if warnings else []
    for title, table in (
        ("Overpasses: scenes of one day and relative orbit", overpasses),
        ("Regions", census.regions),
        ("Left out", census.reasons),
        *(more or {}).items(),
    ):
        lines += ["", f"## {title}", "", *(_table(table) if len(table) else ["Nothing."])]
    return "\n".join(lines) + "\n"


def _percent(share: float) -> str:
    return "" if np.isnan(share) else f"{share:.0%}"


def _table(table: pd.DataFrame) -> list[str]:
    """Rows of a Markdown table, padded so that it reads as plain text too; numbers to the right."""
    cells = [[column.replace("_", " ") for column in table.columns]]
    cells += [[str(value) for value in row] for row in table.itertuples(index=False)]
    widths = [max(len(row[number]) for row in cells) for number in range(len(cells[0]))]
    left = [not (pd.api.types.is_numeric_dtype(table[column]) or column in ("cloud", "nodata")) for column in table]
    lines = [
        "| "
        + " | ".join(
            cell.ljust(n) if to_left else cell.rjust(n) for cell, n, to_left in zip(row, widths, left, strict=True)
        )
        + " |"
        for row in cells
    ]
    rule = (
        "|"
        + "|".join("-" * (n + 2) if to_left else "-" * (n + 1) + ":" for n, to_left in zip(widths, left, strict=True))
        + "|"
    )
    return [lines[0], rule, *lines[1:]]
