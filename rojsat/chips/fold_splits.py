"""Splits by folds of regions: every region is tested once, by a model that it had no part in. numpy and pandas only."""

import hashlib
import math
from collections.abc import Iterable

import pandas as pd

FOLDS = 5
"""Folds where none are asked for."""

VAL = 0.2
"""Share of the regions left to train on that validate, where none is asked for."""


def leave_one_region_out(index: pd.DataFrame, *, fold: int, val: float = 1, seed: int = 0) -> pd.Series:
    """One region tests, all others train and validate.

    Args:
        index: column `region`.
        fold: number of the region that tests, in the order of their sorted names, from 0.
        val: regions that validate, drawn from the others: a number from 1, or a share below 1, at least one.
        seed: of the draw.

    Returns:
        "train", "val" or "test" a row, with the index of `index`.

    Raises:
        ValueError: there is no such fold, or none is left to train on.
    """
    names = sorted(set(index["region"].astype(str)))
    check_fold("leave_one_region_out", fold, len(names), len(names))
    return by_region(index, {names[fold]}, val, seed, "leave_one_region_out")


def k_fold_regions(
    index: pd.DataFrame, *, folds: int = FOLDS, fold: int = 0, seed: int = 0, val: float = VAL
) -> pd.Series:
    """Regions dealt to folds of like size; one fold tests, the others train and validate.

    Args:
        index: column `region`.
        folds: how many.
        fold: the one that tests, from 0.
        seed: of the order in which regions are dealt, and of the draw.
        val: regions that validate, drawn from the other folds: a number from 1, or a share below 1, at least one.

    Returns:
        "train", "val" or "test" a row, with the index of `index`.

    Raises:
        ValueError: there are fewer regions than folds, no such fold, or none is left to train on.
    """
    dealt = deal(index["region"].astype(str), seed)
    check_fold("k_fold_regions", fold, folds, len(dealt))
    test = {name for name, number in dealt.items() if number % folds == fold}
    return by_region(index, test, val, seed, "k_fold_regions")


def stratified(index: pd.DataFrame, *, folds: int = FOLDS, fold: int = 0, seed: int = 0, val: float = VAL) -> pd.Series:
    """Labelled regions dealt to folds label by label, so that each fold has about the share of each label.

    Args:
        index: columns `region` and `label`.
        folds: how many.
        fold: the one that tests, from 0.
        seed: of the order in which regions are dealt, and of the draw.
        val: regions of each label that validate: a number from 1, or a share below 1, at least one.

    Returns:
        "train", "val" or "test" a row, with the index of `index`.

    Raises:
        ValueError: a region has no label or two, or a label has fewer regions than folds.
    """
    by_label = _regions_by_label(index)
    part = pd.Series("train", index=index.index, dtype=object)
    before = 0
    for label, names in by_label.items():
        check_fold("stratified", fold, folds, len(names), f"regions labelled {label}")
        inside = index["region"].astype(str).isin(names)
        # a label goes on where the one before it stopped, so that folds are of like size
        test = {name for name, number in deal(names, seed).items() if (number + before) % folds == fold}
        part[inside] = by_region(index[inside], test, val, seed, "stratified")
        before += len(names)
    return part


def _regions_by_label(index: pd.DataFrame) -> dict[str, list[str]]:
    """Names of the regions by label, both sorted."""
    labels: dict[str, set[str]] = {}
    for region, label in zip(index["region"].astype(str), index["label"], strict=True):
        labels.setdefault(region, set()).add("" if pd.isna(label) else str(label))
    if unlabelled := sorted(region for region, own in labels.items() if "" in own):
        raise ValueError(
            f"split stratified: {_few(unlabelled)} have no label; it is for stands, k_fold_regions needs no labels"
        )
    if several := sorted(region for region, own in labels.items() if len(own) > 1):
        raise ValueError(f"split stratified: {_few(several)} have chips of different labels")
    classes = sorted(set().union(*labels.values()))
    return {label: sorted(region for region, own in labels.items() if label in own) for label in classes}


def _few(names: list[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")


def check_fold(split: str, fold: int, folds: int, count: int, kind: str = "regions") -> None:
    """Refuse a fold that cannot be.

    Args:
        split: its name, for the message.
        fold: the one that tests.
        folds: how many.
        count: of what is dealt to them.
        kind: what that is.

    Raises:
        ValueError: saying what is possible.
    """
    if folds < 2 or folds > count:
        possible = (
            f"from 2 to {count} are possible" if count > 1 else "2 are the least; add more, or choose another split"
        )
        raise ValueError(f"split {split}: folds={folds}, but there are {count} {kind}; {possible}")
    if not 0 <= fold < folds:
        raise ValueError(f"split {split}: fold={fold}, but folds are numbered from 0 to {folds - 1}")


def deal(names: Iterable[str], seed: int) -> dict[str, int]:
    """Number names in an order that follows from the seed and the names alone, from 0."""
    order = sorted(set(names), key=lambda name: hashlib.sha256(f"{seed}/{name}".encode()).hexdigest())
    return {name: number for number, name in enumerate(order)}


def draw(names: Iterable[str], val: float, seed: int, split: str) -> set[str]:
    """Draw the names that validate.

    Args:
        names: all that do not test.
        val: a number from 1, or a share below 1, at least one of them.
        seed: of the draw.
        split: its name, for the message.

    Raises:
        ValueError: `val` is neither, or none is left to train on.
    """
    order = list(deal(names, seed + 1))  # another order than that of the folds
    if val <= 0 or (val > 1 and val != int(val)):
        raise ValueError(f"split {split}: val={val} is neither a number of regions nor a share between 0 and 1")
    count = int(val) if val >= 1 else math.ceil(round(val * len(order), 9))  # rounded: 0.1 * 30 is not quite 3
    if count >= len(order):
        raise ValueError(
            f"split {split}: val={val} leaves none of the {len(order)} regions that do not test to train on"
        )
    return set(order[: max(1, count)])


def by_region(index: pd.DataFrame, test: set[str], val: float, seed: int, split: str) -> pd.Series:
    """The part of every row where the regions `test` test, and regions drawn from the others validate."""
    regions = index["region"].astype(str)
    validating = draw(set(regions) - test, val, seed, split)
    return regions.map(dict.fromkeys(validating, "val") | dict.fromkeys(test, "test")).fillna("train").astype(object)
