"""Chips of a role have one size: the largest region makes all others larger, by padding that nobody needs."""

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rojsat.geo.cutting.regions import Region, RegionFacts

log = logging.getLogger(__name__)

MORE = 4.0
"""Times as many pixels as without one region, from which its padding is reported."""


def warn(regions: Sequence[Region], facts: RegionFacts) -> None:
    """Warn of one region that makes all chips of its role `MORE` times as large as the others need.

    Args:
        regions: to be cut, each in one window.
        facts: of these.
    """
    for number, role in enumerate(facts.role_names):
        rows = np.flatnonzero(facts.roles == number)
        if len(rows) == 1:
            continue
        shapes = facts.shapes[rows]
        largest = int(shapes.prod(axis=1).argmax())
        with_it, without = _size(shapes), _size(np.delete(shapes, largest, axis=0))
        if with_it[0] * with_it[1] > MORE * without[0] * without[1]:
            log.warning(
                "region %r makes all %d %s chips a date %d x %d pixels, where the others need %d x %d: "
                "data.chips.size=%d cuts it into windows; where it has several parts, `parts: regions` of its file in "
                "data.regions makes them regions of their own",
                *(regions[int(rows[largest])].id, len(shapes), role, *with_it, *without, max(without)),
            )


def _size(shapes: NDArray[np.int32]) -> tuple[int, int]:
    """Height and width that hold all, (N, 2)."""
    height, width = shapes.max(axis=0).tolist()
    return height, width
