"""GPS points in columns, 32 bytes a point, and the ones that lie in a box."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray

STEP = 1 << 20
"""Points that are transformed, read or written at a time, so that little memory is needed on the way."""

NOWHERE = -1
"""Number of the region of a point that lies in none."""


@dataclass(frozen=True)
class Points:
    """Points of GPS tracks, sorted by track and time, those without time last.

    Attributes:
        x: (N,) float64, in units of `crs`.
        y: (N,) float64.
        time: (N,) datetime64[ms] UTC, NaT where unknown.
        region: (N,) int32, numbers in `regions`, -1 where a point lies in none.
        track: (N,) int32, numbers in `tracks`.
        regions: ids of the clearing objects.
        tracks: names of the tracks.
        crs: coordinate system.
        facts: what reading and cleaning counted, ready for JSON.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    time: NDArray[np.datetime64]
    region: NDArray[np.int32]
    track: NDArray[np.int32]
    regions: tuple[str, ...]
    tracks: tuple[str, ...]
    crs: pyproj.CRS
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.x)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north end, in units of `crs`; there must be a point."""
        return float(self.x.min()), float(self.y.min()), float(self.x.max()), float(self.y.max())

    def take(self, rows: NDArray[Any]) -> "Points":
        """The points of some rows, (M,) numbers or (N,) booleans."""
        columns = {name: getattr(self, name)[rows] for name in ("x", "y", "time", "region", "track")}
        return replace(self, **columns)

    def to_crs(self, crs: Any) -> "Points":
        """The same points in another coordinate system."""
        target = pyproj.CRS.from_user_input(crs)
        if target == self.crs:
            return self
        x, y = transform(self.x, self.y, self.crs, target)
        return replace(self, x=x, y=y, crs=target)

    def by_region(self) -> dict[str, int]:
        """Number of points in each clearing object."""
        counts = np.bincount(self.region[self.region >= 0], minlength=len(self.regions))
        return dict(zip(self.regions, counts.tolist(), strict=True))


def transform(
    x: NDArray[np.float64], y: NDArray[np.float64], source: pyproj.CRS, target: pyproj.CRS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates in another system, x before y in both; inf where that is impossible."""
    if source == target:
        return x, y
    transformer = pyproj.Transformer.from_crs(source, target, always_xy=True)
    east, north = np.empty(len(x)), np.empty(len(x))
    for start in range(0, len(x), STEP):
        part = slice(start, start + STEP)
        east[part], north[part] = transformer.transform(x[part], y[part])
    return east, north


class Index:
    """Points sorted from south to north, so that those in a box are found without a search through all."""

    def __init__(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        self._x, self._order = x, np.argsort(y).astype(np.int32)
        self._y = y[self._order]

    def within(self, left: float, bottom: float, right: float, top: float) -> NDArray[np.int32]:
        """Rows of the points in the box, edges included, ascending."""
        first, last = np.searchsorted(self._y, bottom, "left"), np.searchsorted(self._y, top, "right")
        rows = self._order[first:last]
        x = self._x[rows]
        return np.sort(rows[(x >= left) & (x <= right)])
