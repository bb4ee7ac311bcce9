"""Splits: which chips train, which validate, which test. Each function of `__all__` is one way.

A split takes the chips' table (columns `region` and `date` at least) and gives one part a row, of `PARTS` or `UNUSED`.
Those with the option `fold` give as many divisions as there are folds: each is tested on something else.
"""

import hashlib
import inspect
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rojsat.chips import column_split, local_split, year_splits
from rojsat.chips.block_split import blocks
from rojsat.chips.column_split import by_column
from rojsat.chips.fold_splits import k_fold_regions, leave_one_region_out, stratified
from rojsat.chips.roles import PARTS, UNUSED
from rojsat.chips.sheet_splits import grid_sheets, tm35fin_sheets
from rojsat.chips.split_file import file
from rojsat.chips.year_splits import leave_one_year_out, years, years_and_regions
from rojsat.config import lookup

__all__ = [
    "blocks",
    "by_column",
    "dates",
    "file",
    "grid_sheets",
    "hashed",
    "k_fold_regions",
    "leave_one_region_out",
    "leave_one_year_out",
    "local_labels",
    "regions",
    "stratified",
    "tm35fin_sheets",
    "years",
    "years_and_regions",
]

HELD_OUT = [
    "blocks",
    "by_column",
    "grid_sheets",
    "k_fold_regions",
    "leave_one_region_out",
    "stratified",
    "tm35fin_sheets",
]
"""Splits that `local_labels` adds to: each fold holds ground out, in all its years."""

CLAIMS_UNSEEN = {name: name not in ("dates", "leave_one_year_out", "years") for name in __all__}
"""Whether a split claims that its test regions are not trained on: what training has of them is then an error."""


def folds_of(name: str, index: pd.DataFrame, options: Mapping[str, Any]) -> int:
    """Count the folds of a split.

    Args:
        name: of `__all__`.
        index: what the split takes.
        options: of the split.

    Returns:
        1 for a split without folds; the folds of the others are numbered from 0.
    """
    if name == leave_one_region_out.__name__:
        return int(index["region"].astype(str).nunique())
    if name == leave_one_year_out.__name__:
        return len(year_splits.years_of(index))
    if name == by_column.__name__ and options.get("folds") is None:
        return column_split.count(index, str(options["column"]))
    if name == local_labels.__name__:
        return folds_of(options["split"], index, options.get("options") or {})
    folds = inspect.signature(globals()[name]).parameters.get("folds")
    return 1 if folds is None else int(options.get("folds", folds.default))


def has_folds(name: str) -> bool:
    """Whether a split of `__all__` has the option `fold`."""
    return "fold" in inspect.signature(globals()[name]).parameters


def local_labels(
    index: pd.DataFrame,
    *,
    split: str,
    options: Mapping[str, Any] | None = None,
    count: int,
    draw: int = 0,
    seed: int = 0,
    near: float = local_split.NEAR,
    fold: int = 0,
) -> pd.Series:
    """Another split with a few labelled stands of each test part in training, see `local_split.shared`.

    Args:
        index: as the split takes it, with the column `label`.
        split: its name; it has folds, and its test regions are not trained on.
        options: of it, without the fold.
        count: stands that join training, from 0.
        draw: number of the draw, from 0.
        seed: of which half of the stands tests, and of the draws.
        near: ground metres that local stands are away from those that test or validate.
        fold: the one that tests, from 0.

    Returns:
        "train", "val", "test" or `UNUSED` a row, with the index of `index`.

    Raises:
        ValueError: another split than that, what it refuses, or fewer stands than `count`.
    """
    if split not in HELD_OUT:
        raise lookup.unknown("split of local_labels:", split, HELD_OUT)
    bound = lookup.bind(globals()[split], {**(options or {}), "fold": fold}, f"split {split}")
    return local_split.shared(index, bound(index), count=count, draw=draw, seed=seed, near=near)


def dates(index: pd.DataFrame, *, val: float = 0.1, test: float = 0.1) -> pd.Series:
    """The last dates of every region test, those before them validate (Svensson 2020, first split).

    All chips of one region and date go together. A region with fewer than three dates trains.

    Args:
        index: columns `region` and `date` (ISO, so that sorting sorts in time).
        val: share of a region's dates in [0, 1); at least one date.
        test: likewise.

    Returns:
        "train", "val" or "test" a row, with the index of `index`.

    Raises:
        ValueError: if the shares leave nothing to train on.
    """
    _check_shares(val, test)
    part = pd.Series("train", index=index.index, dtype=object)
    for region, group in index.groupby("region", sort=True):
        days = sorted(group["date"].unique())
        if len(days) < len(PARTS):
            continue
        first_test, first_val = _cuts(len(days), val, test, str(region))
        part[group.index[group["date"].isin(days[first_val:first_test])]] = "val"
        part[group.index[group["date"].isin(days[first_test:])]] = "test"
    return part


def regions(
    index: pd.DataFrame, *, val: Sequence[str], test: Sequence[str], months: Sequence[int] | None = None
) -> pd.Series:
    """Complete regions by name: the network is tested on ground it was not trained on (Svensson 2020, second split).

    Args:
        index: column `region`.
        val: regions that validate.
        test: regions that test.
        months: 1 to 12; those regions are evaluated on chips of these months alone, null: on all. Other dates are left
            out, so that networks trained on different seasons are evaluated on the same chips.

    Returns:
        "train", "val", "test" or `UNUSED` a row, with the index of `index`.

    Raises:
        ValueError: if a region has no chip (of these months), stands in both lists, or none is left to train on.
    """
    val, test = [str(name) for name in val], [str(name) for name in test]
    if wrong := sorted(set(months or ()) - set(range(1, 13))):
        raise ValueError(f"split regions: months are numbers from 1 to 12, not {wrong}")
    evaluated = pd.Series(True, index.index) if months is None else pd.to_datetime(index["date"]).dt.month.isin(months)
    existing = sorted(index["region"].astype(str).unique())
    unknown = sorted({*val, *test} - set(existing))
    if unknown:
        raise ValueError(f"split regions: no chips of {', '.join(unknown)}; there are: {', '.join(existing)}")
    if both := sorted(set(val) & set(test)):
        raise ValueError(f"split regions: {', '.join(both)} can be in val or in test, not in both")
    if not set(existing) - {*val, *test}:
        raise ValueError("split regions: val and test name all regions; leave at least one to train on")
    named = dict.fromkeys(val, "val") | dict.fromkeys(test, "test")
    part = index["region"].astype(str).map(named).fillna("train").astype(object)
    part[(part != "train") & ~evaluated] = UNUSED
    if gone := sorted(region for region in named if not (part[index["region"].astype(str) == region] != UNUSED).any()):
        raise ValueError(f"split regions: no chips of {', '.join(gone)} in months {list(months or ())}")
    return part


def hashed(index: pd.DataFrame, *, val: float = 0.2, test: float = 0.2, salt: str = "") -> pd.Series:
    """Complete regions by the hash of their name: adding a region moves no other.

    Args:
        index: column `region`.
        val: expected share of the regions, [0, 1).
        test: likewise.
        salt: a different salt gives a different draw.

    Returns:
        "train", "val" or "test" a row, with the index of `index`.

    Raises:
        ValueError: if the shares leave nothing to train on.
    """
    _check_shares(val, test)

    def draw_part(region: str) -> str:
        draw = int(hashlib.sha256(f"{salt}{region}".encode()).hexdigest()[:16], 16) / 2**64  # [0, 1)
        return "test" if draw < test else "val" if draw < test + val else "train"

    return index["region"].astype(str).map(draw_part).astype(object)


def _check_shares(val: float, test: float) -> None:
    if val < 0 or test < 0 or val + test >= 1:
        raise ValueError(f"val={val} and test={test} are shares: none below 0, together below 1")


def _cuts(count: int, val: float, test: float, region: str) -> tuple[int, int]:
    """Positions, among `count` sorted dates, where test and validation begin."""
    first_test = count - max(1, math.ceil(round(test * count, 9)))  # rounded: 0.1 * 30 is not quite 3
    first_val = first_test - max(1, math.ceil(round(val * count, 9)))
    if first_val < 1:
        raise ValueError(f"split dates: val={val} and test={test} leave none of region {region}'s {count} dates")
    return first_test, first_val
