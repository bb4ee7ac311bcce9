"""Boxes of chips on the ground: where they are, and how many metres lie between them. Knows numpy and pandas only.

Units of a projected coordinate system are metres, but not those of the ground in Web Mercator (EPSG:3857), which grows
with latitude: at 60 degrees a unit is half a metre.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rojsat.chips import boxes

EARTH_RADIUS = 6378137.0
"""Equatorial radius of WGS 84, metres; the sphere of Web Mercator."""

Edges = NDArray[np.float64]
"""(N, 4): left, bottom, right and top, units of the CRS."""


def own_edges(rows: pd.DataFrame) -> Edges:
    """The edges of the regions' own boxes.

    Args:
        rows: crs, transform, easting, northing, height, width, and, where chips have surroundings, box_row, box_col,
            box_height, box_width (pixels).
    """
    table = boxes.with_boxes(rows)
    down, across, height, width = (_pixel(rows) * table[name].to_numpy(float) for name in boxes.COLUMNS)
    left, top = rows["easting"].to_numpy(float) + across, rows["northing"].to_numpy(float) - down
    return np.stack([left, top - height, left + width, top], axis=1)


def outer_edges(rows: pd.DataFrame) -> Edges:
    """The edges of the chips with what surrounds the boxes; `rows` as for `own_edges`."""
    height, width = (_pixel(rows) * rows[name].to_numpy(float) for name in ("height", "width"))
    left, top = rows["easting"].to_numpy(float), rows["northing"].to_numpy(float)
    return np.stack([left, top - height, left + width, top], axis=1)


def gaps(edges: Edges, others: Edges, crs: str) -> NDArray[np.float64]:
    """Ground metres between boxes (N, 4) and (M, 4) of one CRS: (N, M); 0 where they overlap or touch."""
    a, b = edges[:, None], others[None]  # (N, 1, 4), (1, M, 4)
    across = np.maximum(0, np.maximum(a[..., 0] - b[..., 2], b[..., 0] - a[..., 2]))
    along = np.maximum(0, np.maximum(a[..., 1] - b[..., 3], b[..., 1] - a[..., 3]))
    return np.asarray(np.hypot(across, along) * of_unit(crs, a[..., 3]))


def of_unit(crs: str, northing: np.ndarray) -> np.ndarray | float:
    """Ground metres a unit of the CRS: 1, but cos(latitude) in Web Mercator (Snyder 1987, equation 7-4)."""
    return 1 / np.cosh(northing / EARTH_RADIUS) if is_web_mercator(crs) else 1.0


def blocks_of(crs: str, east: np.ndarray, north: np.ndarray, size: float) -> tuple[np.ndarray, np.ndarray]:
    """Column and row, (N,) int64, of the blocks that points lie in: squares of `size` ground metres from the origin.

    In Web Mercator rows are counted along the meridian (its latitude: Snyder 1987, equation 7-4), and columns along the
    parallel in the middle of their row.

    Args:
        crs: of the points.
        east: (N,) units of the CRS.
        north: (N,) likewise.
        size: side of a block, ground metres.
    """
    if not is_web_mercator(crs):
        return np.floor(east / size).astype(np.int64), np.floor(north / size).astype(np.int64)
    row = np.floor(EARTH_RADIUS * np.arctan(np.sinh(north / EARTH_RADIUS)) / size)
    middle = (row + 0.5) * size / EARTH_RADIUS  # latitude, radians
    return np.floor(east * np.cos(middle) / size).astype(np.int64), row.astype(np.int64)


def is_web_mercator(crs: str) -> bool:
    """Whether units of the CRS are no metres of the ground."""
    return crs.upper() == "EPSG:3857"


def _pixel(rows: pd.DataFrame) -> NDArray[np.float64]:
    """Size of the pixels of every chip, units of the CRS, (N,)."""
    return np.array([abs(transform[0]) for transform in rows["transform"]], float)
