"""The same ground under two ids: a stand that two files hold counts twice, and two parts of a split may share it."""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from rojsat.geo.vectors import common_ground

_SHOWN = 5
"""Pairs that a message names; of more it says how many."""


def find(regions: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    """Ids of regions of one role and label with one outline, each pair once, sorted.

    Args:
        regions: with the columns `region`, `role`, `label`, in any coordinate system.
    """
    names = regions["region"].astype(str).to_numpy(object)
    texts = regions["role"].astype(str) + " " + regions["label"].fillna("")
    kinds = pd.factorize(texts)[0]
    alike = common_ground.pairs(
        regions.geometry, lambda first, second: first < second and kinds[first] == kinds[second]
    )
    same = [(names[first], names[second]) for first, second, *shares in alike if min(shares) >= common_ground.SAME]
    return sorted((min(pair), max(pair)) for pair in same)


def warning(pairs: Sequence[tuple[str, str]]) -> str:
    """What a person should know of them: a sentence without its full stop."""
    more = f", ... {len(pairs)} pairs in all" if len(pairs) > _SHOWN else ""
    named = ", ".join(f"{first} and {second}" for first, second in pairs[:_SHOWN])
    return f"the same ground stands under two ids, and counts twice: {named}{more}; keep one of each in data.regions"
