"""Split by a column of the regions' files, such as the municipality: all regions of a value are on one side."""

import pandas as pd

from rojsat.chips import kept_facts
from rojsat.chips.fold_splits import VAL, by_region, check_fold, deal


def by_column(
    index: pd.DataFrame, *, column: str, folds: int | None = None, fold: int = 0, seed: int = 0, val: float = VAL
) -> pd.Series:
    """The regions of one value of a column test, or those of several; the others train and validate.

    Args:
        index: column `region`, and those of `rojsat.chips.kept_facts`.
        column: of the files of regions, kept by `columns` of `data.regions`.
        folds: to which its values are dealt; None: every value is a fold, in the order of their sorted names.
        fold: the one that tests, from 0.
        seed: of the order in which values are dealt, and of the draw.
        val: regions that validate, drawn from those of the other values: a number from 1, or a share below 1, at least
            one. They are regions, not values: of three municipalities one would be half of what is left to train on.

    Returns:
        "train", "val" or "test" a row, with the index of `index`.

    Raises:
        ValueError: no such column, a region without a value, fewer values than folds, no such fold, or none is left to
            train on.
    """
    values = kept_facts.of_column(index, column)
    numbers = {name: number for number, name in enumerate(sorted(set(values)))} if folds is None else deal(values, seed)
    count = len(numbers) if folds is None else folds
    check_fold("by_column", fold, count, len(numbers), f"values of the column {column}")
    chosen = {name for name, number in numbers.items() if number % count == fold}
    test = set(index.loc[values.isin(chosen), "region"].astype(str))
    if both := test & set(index.loc[~values.isin(chosen), "region"].astype(str)):
        raise ValueError(f"split by_column: parts of {', '.join(sorted(both)[:5])} have different values of {column}")
    return by_region(index, test, val, seed, "by_column")


def count(index: pd.DataFrame, column: str) -> int:
    """How many values a column has; `ValueError` as `by_column`."""
    return int(kept_facts.of_column(index, column).nunique())
