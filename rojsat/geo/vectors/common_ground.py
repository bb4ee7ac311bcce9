"""Outlines that lie on the same ground, in pairs, and how much of each."""

from collections.abc import Callable, Iterator

import geopandas as gpd
import numpy as np
import shapely

from rojsat.geo.vectors import region_areas

SAME = 0.99
"""Share of the ground of both from which two outlines are the same one."""


STEP = 1 << 16
"""Pairs that are looked at together."""


def pairs(outlines: gpd.GeoSeries, is_wanted: Callable[[int, int], bool]) -> Iterator[tuple[int, int, float, float]]:
    """Outlines that overlap: their positions, the share of the first on the second, and of the second on it.

    Only those whose boxes meet are projected.

    Args:
        outlines: N polygons in any coordinate system.
        is_wanted: whether a pair of positions counts; each pair comes both ways round.
    """
    shapes = outlines.to_numpy()
    near = shapely.STRtree(shapes).query(shapes).astype(np.int32)
    near = near[:, near[0] != near[1]]
    rows = np.unique(near)
    projected = outlines.iloc[rows].to_crs(region_areas.EQUAL_AREA).to_numpy()
    for start in range(0, near.shape[1], STEP):
        for first, second in near[:, start : start + STEP].T.tolist():
            if is_wanted(first, second):
                pair = projected[np.searchsorted(rows, [first, second])]
                common = float(shapely.area(shapely.intersection(*pair)))
                if common > 0:
                    yield first, second, *(common / float(shapely.area(outline)) for outline in pair)
