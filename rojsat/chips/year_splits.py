"""Splits by years: trained on some, tested on others, whose weather, phenology and processing differ."""

from collections.abc import Sequence

import pandas as pd

from rojsat.chips.fold_splits import FOLDS, VAL, by_region, check_fold, deal
from rojsat.chips.roles import UNUSED


def years(index: pd.DataFrame, *, test: Sequence[int], val: float = VAL, seed: int = 0) -> pd.Series:
    """All regions in other years than those trained on. The regions are the same: it says nothing of unseen ground.

    Args:
        index: columns `region` and `date` (ISO).
        test: years that test.
        val: regions that validate, in the other years: a number from 1, or a share below 1, at least one.
        seed: of the draw.

    Returns:
        "train", "val" or "test" a row, with the index of `index`.

    Raises:
        ValueError: a year has no chips, or none is left to train on.
    """
    tested = _in_years(index, test, "years")
    part = pd.Series("test", index=index.index, dtype=object)
    part[~tested] = by_region(index[~tested], set(), val, seed, "years")
    return part


def leave_one_year_out(index: pd.DataFrame, *, fold: int, val: float = VAL, seed: int = 0) -> pd.Series:
    """One year tests, all others train and validate. The regions are the same: it says nothing of unseen ground.

    Where labels change with the year, they can be read off the year alone: a predictor that knows nothing else stands
    beside every run (`rojsat.learn.without_image`).

    Args:
        index: columns `region` and `date` (ISO).
        fold: number of the year that tests, in their order, from 0.
        val: regions that validate, in the other years: a number from 1, or a share below 1, at least one.
        seed: of the draw.

    Returns:
        "train", "val" or "test" a row, with the index of `index`.

    Raises:
        ValueError: there is no such fold, or none is left to train on.
    """
    existing = years_of(index)
    check_fold("leave_one_year_out", fold, len(existing), len(existing), "years with chips")
    return years(index, test=[existing[fold]], val=val, seed=seed)


def years_of(index: pd.DataFrame) -> list[int]:
    """The years that there are chips of, sorted."""
    return sorted({int(date[:4]) for date in index["date"].astype(str)})


def years_and_regions(
    index: pd.DataFrame, *, test: Sequence[int], folds: int = FOLDS, fold: int = 0, seed: int = 0, val: float = VAL
) -> pd.Series:
    """Other regions in other years: neither the ground nor the year was trained on.

    Regions are dealt to folds as `k_fold_regions` does. What is left, tested regions in years of training and training
    regions in years of the test, is used by nobody.

    Args:
        index: columns `region` and `date` (ISO).
        test: years that test.
        folds: how many.
        fold: the one whose regions test, from 0.
        seed: of the order in which regions are dealt, and of the draw.
        val: regions that validate, drawn from the other folds: a number from 1, or a share below 1, at least one.

    Returns:
        "train", "val", "test" or `UNUSED` a row, with the index of `index`.

    Raises:
        ValueError: a year has no chips, there are fewer regions than folds, no such fold, or none is left to train on.
    """
    tested = _in_years(index, test, "years_and_regions")
    regions = index["region"].astype(str)
    dealt = deal(regions, seed)
    check_fold("years_and_regions", fold, folds, len(dealt))
    test_regions = {name for name, number in dealt.items() if number % folds == fold}
    part = by_region(index, test_regions, val, seed, "years_and_regions")
    part[tested != (part == "test")] = UNUSED
    for needed in ("train", "test"):
        if not (part == needed).any():
            raise ValueError(
                f"split years_and_regions: fold {fold} has no chip to {needed} on; see the years of its chips"
            )
    return part


def _in_years(index: pd.DataFrame, test: Sequence[int], split: str) -> pd.Series:
    """Whether a chip is of the years that test."""
    own = index["date"].astype(str).str[:4].astype(int)
    existing = sorted(set(own))
    if not test or set(test) - set(existing) or not set(existing) - set(test):
        raise ValueError(
            f"split {split}: test={list(test)}, but it names some of the years that there are chips of, and not all: "
            f"{', '.join(map(str, existing))}"
        )
    return own.isin(test)
