"""The ground that scenes are searched for: a box around each region, with room around it."""

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pyproj
from rasterio.crs import CRS

from rojsat.geo.vectors import antimeridian

DEGREE = 111_195.0
"""Metres a degree of latitude: a sphere of 6,371 km (IUGG mean radius)."""

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Areas:
    """Regions and the room around them.

    Attributes:
        regions: in any CRS.
        buffer: metres added on each side of a region's bounding box.
    """

    regions: gpd.GeoDataFrame
    buffer: float
    _known: dict[str, tuple[Bounds, ...]] = field(default_factory=dict, compare=False, repr=False)

    def boxes(self, crs: CRS) -> tuple[Bounds, ...]:
        """Left, bottom, right, top of each box in a projected CRS, metres; sorted, without duplicates."""
        key = crs.to_wkt()
        if key not in self._known:
            bounds = self.regions.geometry.to_crs(crs).bounds.to_numpy()
            bounds = bounds[np.isfinite(bounds).all(axis=1)]  # a region too far off has no place in this projection
            room = np.array([-self.buffer, -self.buffer, self.buffer, self.buffer])
            self._known[key] = _sorted(bounds + room)
        return self._known[key]

    def degrees(self) -> tuple[Bounds, ...]:
        """West, south, east, north of each box, degrees.

        Raises:
            ValueError: if a region lies across 180° of longitude, or the room around it does.
        """
        bounds = self.regions.geometry.to_crs("EPSG:4326").bounds.to_numpy()
        up = self.buffer / DEGREE
        poleward = np.abs(bounds[:, [1, 3]]).max(axis=1)
        aside = up / np.cos(np.radians(np.minimum(poleward + up, 89.0)))
        room = np.stack([-aside, np.full_like(aside, -up), aside, np.full_like(aside, up)], axis=1)
        boxes = bounds + room
        for rows, advice in ((bounds, ""), (boxes, f" (with `buffer: {self.buffer:g}`, metres around it)")):
            wrong = antimeridian.fault(rows, pyproj.CRS("EPSG:4326"))
            if wrong:
                names = self.regions["region"]
                raise ValueError(f"region {names.iloc[wrong[0]]!r} {wrong[1]}{advice}; nothing was asked of the API")
        return _sorted(boxes)


def _sorted(bounds: np.ndarray) -> tuple[Bounds, ...]:
    rows = np.unique(bounds, axis=0)
    return tuple((float(left), float(bottom), float(right), float(top)) for left, bottom, right, top in rows)
