"""The same ground under two ids: a stand that two files hold counts twice, and two parts of a split may share it."""

from collections.abc import Sequence

import geopandas as gpd
import shapely

from rojsat.geo.vectors import region_areas

SAME = 0.99
"""Share of the ground of both from which two outlines are the same one."""

_SHOWN = 5
"""Pairs that a message names; of more it says how many."""


def find(regions: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    """Ids of regions of one role and label with one outline, each pair once, sorted.

    Args:
        regions: with the columns `region`, `role`, `label`, in any coordinate system.
    """
    projected = regions.to_crs(region_areas.EQUAL_AREA)
    outlines, names = projected.geometry.to_numpy(), projected["region"].astype(str).to_numpy()
    kinds = list(zip(projected["role"], projected["label"].fillna(""), strict=True))
    pairs = []
    for first, second in shapely.STRtree(outlines).query(outlines, predicate="intersects").T:
        if first < second and kinds[first] == kinds[second]:
            common = shapely.area(shapely.intersection(outlines[first], outlines[second]))
            if common >= SAME * max(shapely.area(outlines[first]), shapely.area(outlines[second])):
                pairs.append((names[first], names[second]))
    return sorted(tuple(sorted(pair)) for pair in pairs)


def warning(pairs: Sequence[tuple[str, str]]) -> str:
    """What a person should know of them: a sentence without its full stop."""
    more = f", ... {len(pairs)} pairs in all" if len(pairs) > _SHOWN else ""
    named = ", ".join(f"{first} and {second}" for first, second in pairs[:_SHOWN])
    return f"the same ground stands under two ids, and counts twice: {named}{more}; keep one of each in data.regions"
