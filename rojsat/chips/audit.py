"""The audit of a split: what two of its parts share, and how far apart training and test really are.

Reads the chips' table; `rojsat.chips.pixel_audit` reads the pixels.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations

import pandas as pd

from rojsat.chips import seen
from rojsat.chips.findings import ADVICE, SEVERITY, Finding, Kind, LeakError, finding
from rojsat.chips.neighbours import distance, neighbours
from rojsat.chips.roles import PARTS
from rojsat.chips.stand_parts import together

__all__ = ["DISTANCE", "Audit", "Finding", "LeakError", "audit", "distance"]

DISTANCE = 120.0
"""Ground metres between chips of two parts: two of the coarsest pixels (60 m), so that resampling carries no number
across."""


@dataclass(frozen=True)
class Audit:
    """What a split lets a network know of its test part; `dataclasses.asdict` makes it ready for JSON.

    Attributes:
        chips: number of chips by part.
        regions: number of regions by part.
        distance: smallest ground distance between chips of training and test, metres; None where they share no CRS.
        findings: the worst first.
    """

    chips: Mapping[str, int]
    regions: Mapping[str, int]
    distance: float | None
    findings: tuple[Finding, ...] = field(default=())

    @property
    def leaks(self) -> tuple[Finding, ...]:
        """The findings that stop a run whose split claims regions that training does not have."""
        return tuple(each for each in self.findings if each.severity == "stop")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that a reader of the metrics must know."""
        return tuple(each for each in self.findings if each.severity == "warning")

    def joined(self, findings: Iterable[Finding]) -> "Audit":
        """This audit with more findings."""
        rank = list(SEVERITY)
        return replace(
            self, findings=tuple(sorted([*self.findings, *findings], key=lambda each: rank.index(each.kind)))
        )

    def check(self, split: str) -> None:
        """Refuse leaks.

        Args:
            split: the name of the split that claims regions that training does not have.

        Raises:
            LeakError: naming what leaks, and what to do.
        """
        if self.leaks:
            reasons = "; ".join(f"{each} ({ADVICE[each.kind]})" for each in self.leaks)
            raise LeakError(
                f"split {split} claims regions that are not trained on, but there are {reasons}. "
                "split.allow_leaks=true trains all the same, tagged as leaking"
            )

    def __str__(self) -> str:
        """The verdict, a sentence without its full stop."""
        if self.leaks:
            return f"leak: {'; '.join(map(str, self.leaks))}"
        if self.distance is None:
            return "clean: no region shared; training and test have no CRS in common, so no distance"
        return f"clean: no region shared; training and test are at least {self.distance:.0f} m apart"


def audit(
    index: pd.DataFrame, parts: pd.Series, *, near: float = DISTANCE, threshold_regions: Collection[str] = ()
) -> Audit:
    """Look in the chips' table for what a split lets a network know of its test part.

    Args:
        index: the chips' table: region, date, hash, crs, transform, easting, northing, height, width, and, where chips
            have surroundings, box_row, box_col, box_height, box_width (pixels).
        parts: "train", "val" or "test" a row of `index`; other rows are in no part.
        near: ground metres below which chips of two parts are too near.
        threshold_regions: regions that a threshold of the labels was computed from.
    """
    rows = {part: index[(parts == part).to_numpy()] for part in PARTS}
    counted = Audit(
        chips={part: len(part_rows) for part, part_rows in rows.items()},
        regions={part: int(part_rows["region"].nunique()) for part, part_rows in rows.items()},
        distance=distance(rows["train"], rows["test"]),
    )
    return counted.joined(
        [
            *_shares({part: together(each) for part, each in rows.items()}),
            *_near(neighbours(index, parts), near),
            *_thresholds(rows, threshold_regions),
        ]
    )


def _shares(rows: Mapping[str, pd.DataFrame]) -> Iterator[Finding]:
    """Chips and regions in two parts, dates in training and test, and regions with too few dates for all parts."""
    columns: dict[Kind, str] = {"chips": "hash", "regions": "region"}
    for kind, column in columns.items():
        values = {part: set(part_rows[column].astype(str)) for part, part_rows in rows.items()}
        shared = {pair: values[pair[0]] & values[pair[1]] for pair in combinations(PARTS, 2)}
        if names := set().union(*shared.values()):
            yield finding(kind, names, {part for pair, both in shared.items() if both for part in pair})
    days = {part: set(part_rows["date"]) for part, part_rows in rows.items()}
    if both := days["train"] & days["test"]:
        yield finding("dates", both, ("train", "test"), value=len(both) / len(days["test"]))
    of_training = rows["train"].assign(region=rows["train"]["region"].astype(str)).groupby("region")["date"].nunique()
    in_all = set.intersection(*(set(part_rows["region"].astype(str)) for part_rows in rows.values()))
    held_out = {str(region) for part in ("val", "test") for region in rows[part]["region"]}
    few = set(of_training.index[of_training < len(PARTS)]) - held_out
    if in_all and few:
        yield finding("few_dates", few, ("train",))


def _near(pairs: pd.DataFrame, near: float) -> Iterator[Finding]:
    """Regions of two parts that overlap or touch, come near, or whose surroundings do."""
    apart = pairs[(pairs["gap"] > 0) & (pairs["gap"] < near)]
    close: dict[Kind, pd.DataFrame] = {
        "ground": pairs[pairs["gap"] == 0],
        "near": apart,
        "surroundings": pairs[(pairs["gap"] >= near) & (pairs["outer_gap"] == 0)],
    }
    for kind, table in close.items():
        if len(table):
            names, parts = {*table["region"], *table["other"]}, {*table["part"], *table["other_part"]}
            yield finding(kind, names, parts, value=float(table["gap"].min()))


def _thresholds(rows: Mapping[str, pd.DataFrame], threshold_regions: Collection[str]) -> Iterator[Finding]:
    """Regions of validation and test that a threshold of the labels was computed from."""
    held_out = {part: set(rows[part]["region"].astype(str)) & {*threshold_regions} for part in ("val", "test")}
    if names := set().union(*held_out.values()):
        yield finding("threshold", names, [part for part, regions in held_out.items() if regions])


def without_cloud_mask(index: pd.DataFrame, parts: pd.Series) -> Iterator[Finding]:
    """Dates of chips without a cloud mask.

    Args:
        index: the chips' table: date, kinds.
        parts: "train", "val" or "test" a row of `index`; other rows are in no part.
    """
    lacks = index["kinds"].map(lambda kinds: not {*seen.KINDS} & {*kinds.split(",")}).to_numpy(bool)
    days = {part: set(index.loc[lacks & (parts == part).to_numpy(), "date"]) for part in PARTS}
    if dates := set().union(*days.values()):
        yield finding("clouds", dates, [part for part, of_part in days.items() if of_part])


def left_out(index: pd.DataFrame, kept: Collection[str]) -> Iterator[Finding]:
    """Dates of a role whose chips lack channels.

    Args:
        index: the table of all chips of the role: chip, date.
        kept: chips that have the channels.
    """
    dates = set(index.loc[~index["chip"].isin(list(kept)), "date"])
    if dates:
        yield finding("channels", dates)
