"""Points as well-known binary, in batches: no object is made for a point."""

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

_POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])
"""A 2-D point as OGC 06-103r4 (8.2) lays it out: byte order 1 (little endian), type 1, two coordinates."""


_POINTS, _LINES = (0,), (1, 2)
"""Numbers that shapely gives to points, and to lines and rings."""

_COLLECTIONS = (4, 5, 7)
"""To multipoints, to several lines, and to collections of anything."""


def encode(x: NDArray[np.float64], y: NDArray[np.float64]) -> pa.Array:
    """Points as an Arrow array of (N,) binary."""
    points = np.empty(len(x), _POINT)
    points["order"], points["type"], points["x"], points["y"] = 1, 1, x, y
    offsets = np.arange(len(x) + 1, dtype=np.int32) * np.int32(_POINT.itemsize)
    return pa.Array.from_buffers(pa.binary(), len(x), [None, pa.py_buffer(offsets), pa.py_buffer(points)])


def decode(
    column: pa.Array,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]]:
    """Coordinates of an Arrow array of (M,) binary that holds points, lines, or collections of them.

    Returns:
        x and y, (N,), NaN where a point has none, the row of `column`, (N,), that each comes from, and (N,) whether it
        is the vertex of a line.

    Raises:
        ValueError: if a geometry is of another kind, or no geometry at all.
    """
    points = _plain(column)
    if points is not None:
        return points["x"].copy(), points["y"].copy(), np.arange(len(points)), np.zeros(len(points), bool)
    shapes, rows = shapely.from_wkb(column.to_numpy(zero_copy_only=False)), np.arange(len(column))
    while np.isin(shapely.get_type_id(shapes), _COLLECTIONS).any():
        shapes, index = shapely.get_parts(shapes, return_index=True)
        rows = rows[index]
    kinds = shapely.get_type_id(shapes)
    strange = sorted(shapely.GeometryType(kind).name for kind in set(kinds.tolist()) - {-1, *_POINTS, *_LINES})
    if strange:
        raise ValueError(f"it holds {', '.join(strange)}; GPS tracks must come as points or lines")
    if not np.isin(kinds, _LINES).any():
        return shapely.get_x(shapes), shapely.get_y(shapes), rows, np.zeros(len(rows), bool)
    (x, y), index = (part.T for part in shapely.get_coordinates(shapes, return_index=True))
    return x, y, rows[index], np.isin(kinds, _LINES)[index]


def _plain(column: pa.Array) -> NDArray[np.void] | None:
    """The points as (N,) `_POINT` without a copy, if they all are what `encode` writes."""
    if column.null_count or len(column) == 0:
        return None
    wide = pa.types.is_large_binary(column.type)
    if not (wide or pa.types.is_binary(column.type)):
        raise ValueError(f"its geometry column holds {column.type}, not WKB")
    _, places, content = column.buffers()
    offsets = np.frombuffer(places, np.int64 if wide else np.int32)[column.offset : column.offset + len(column) + 1]
    if not (np.diff(offsets) == _POINT.itemsize).all():
        return None
    points = np.frombuffer(content, _POINT, len(column), int(offsets[0]))
    return points if (points["order"] == 1).all() and (points["type"] == 1).all() else None
