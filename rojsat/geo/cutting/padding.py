"""Chips of a role have one size: the largest region makes all others larger, by padding that nobody needs."""

import logging
from collections.abc import Sequence

from rojsat.geo.cutting.overpasses import Region

log = logging.getLogger(__name__)

MORE = 4.0
"""Times as many pixels as without one region, from which its padding is reported."""


def warn(regions: Sequence[Region]) -> None:
    """Warn of one region that makes all chips of its role `MORE` times as large as the others need.

    Args:
        regions: to be cut, each in one window.
    """
    for role in sorted({region.role for region in regions}):
        shapes = {region.id: tuple(region.grid.shape) for region in regions if region.role == role}
        if len(shapes) == 1:
            continue
        region = max(shapes, key=lambda name: shapes[name][0] * shapes[name][1])
        with_it, without = _size([*shapes.values()]), _size([shape for name, shape in shapes.items() if name != region])
        if with_it[0] * with_it[1] > MORE * without[0] * without[1]:
            log.warning(
                "region %r makes all %d %s chips a date %d x %d pixels, where the others need %d x %d: "
                "data.chips.size=%d cuts it into windows; where it has several parts, `parts: regions` of its file in "
                "data.regions makes them regions of their own",
                *(region, len(shapes), role, *with_it, *without, max(without)),
            )


def _size(shapes: Sequence[tuple[int, ...]]) -> tuple[int, int]:
    """Height and width that hold all."""
    return max(height for height, _ in shapes), max(width for _, width in shapes)
