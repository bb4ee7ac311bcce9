"""A few labelled stands of the ground that is tested join training, and the test stays the same. numpy and pandas only.

How many labels does a new municipality need? A split holds its stands out; half of them test, whatever the count, and
of the others some are drawn that train beside all other municipalities.
"""

import pandas as pd

from rojsat.chips import neighbours
from rojsat.chips.fold_splits import deal
from rojsat.chips.roles import UNUSED

NEAR = 120.0
"""Metres that local stands are away from those that test or validate, as `split.distance` of an experiment."""


def shared(
    index: pd.DataFrame, parts: pd.Series, *, count: int, draw: int = 0, seed: int = 0, near: float = NEAR
) -> pd.Series:
    """The parts of a fold with local stands in training; those of its test that neither test nor train are `UNUSED`.

    Half of the test's labelled stands test, whatever the count and the draw; stands of the other half that are too near
    to them, or to those that validate, are left aside; of the rest `count` are drawn. Unlabelled stands test.

    Args:
        index: columns `region` and `label`, and those that `neighbours.neighbours` needs.
        parts: of a split whose test regions are not trained on.
        count: stands that join training, from 0.
        draw: number of the draw, from 0: another one has other stands.
        seed: of which half tests, and of the draws.
        near: ground metres below which stands are too near.

    Returns:
        "train", "val", "test" or `UNUSED` a row, with the index of `index`.

    Raises:
        ValueError: fewer stands than `count` can be drawn.
    """
    if count < 0 or draw < 0:
        raise ValueError(f"split local_labels: count={count} and draw={draw} are 0 or more")
    spared, pool = halves(index, parts, seed, near)
    if count > len(pool):
        raise ValueError(
            f"split local_labels: {count} local stands are asked for, and {len(pool)} of this fold can be drawn: half "
            f"of its labelled stands, {len(spared)}, test, and others are nearer than {near:g} m to these or to "
            "validation. Ask for fewer, or give folds more stands (evaluate.fold_options.options.folds)"
        )
    local = set(drawn(pool, count, draw, seed))
    regions = index["region"].astype(str)
    changed = parts.copy()
    changed[(parts == "test").to_numpy() & ~regions.isin(spared).to_numpy() & index["label"].notna().to_numpy()] = (
        UNUSED
    )
    changed[regions.isin(local).to_numpy()] = "train"
    return changed


def halves(index: pd.DataFrame, parts: pd.Series, seed: int, near: float) -> tuple[list[str], list[str]]:
    """The labelled stands of the test that go on to test, and those that local ones are drawn from; both sorted."""
    rows = index.assign(region=index["region"].astype(str))
    labelled = sorted(set(rows.loc[(parts == "test").to_numpy() & rows["label"].notna().to_numpy(), "region"]))
    order = sorted(labelled, key=deal(labelled, seed + 2).__getitem__)  # another order than those of folds and val
    tested, others = order[: (len(order) + 1) // 2], order[(len(order) + 1) // 2 :]
    held = rows[(parts == "val").to_numpy() | (parts == "test").to_numpy()]
    assumed = held["region"].map(lambda region: "train" if region in others else "test")
    pairs = neighbours.neighbours(held, assumed)
    close = set(pairs.loc[pairs["gap"] < near, ["region", "other"]].to_numpy().ravel())
    return sorted(tested), sorted(set(others) - close)


def drawn(pool: list[str], count: int, draw: int, seed: int) -> list[str]:
    """The first `count` stands in the order of a draw: a larger count has those of the smaller ones too."""
    order = deal(pool, hash_of(seed, draw))
    return sorted(pool, key=order.__getitem__)[:count]


def hash_of(seed: int, draw: int) -> int:
    """A seed of its own for each draw."""
    return 1_000_003 * (draw + 1) + seed
