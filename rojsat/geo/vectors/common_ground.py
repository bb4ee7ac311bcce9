"""Outlines that lie on the same ground, in pairs, and how much of each."""

from collections.abc import Callable, Iterator
from typing import Any

import shapely
from numpy.typing import NDArray

SAME = 0.99
"""Share of the ground of both from which two outlines are the same one."""


def pairs(outlines: NDArray[Any], is_wanted: Callable[[int, int], bool]) -> Iterator[tuple[int, int, float, float]]:
    """Outlines that touch or overlap: their positions, the share of the first on the second, and of the second on it.

    Args:
        outlines: (N,) polygons in an equal-area coordinate system.
        is_wanted: whether a pair of positions counts; each pair comes both ways round, and each with itself.
    """
    for first, second in shapely.STRtree(outlines).query(outlines, predicate="intersects").T.tolist():
        if is_wanted(first, second):
            common = shapely.area(shapely.intersection(outlines[first], outlines[second]))
            yield first, second, *(float(common / shapely.area(outlines[number])) for number in (first, second))
