"""Days since the latest harvest at every pixel of a grid, as they are known on a day: later harvests are not seen."""

from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.features import rasterize

from rojsat.chips.harvest_years import LEAST_KNOWN, YEAR

MOST = np.iinfo(np.uint16).max
"""Days that can be stored: 179 years. A harvest before that counts as so long ago."""


@dataclass(frozen=True)
class HarvestedPixels:
    """Which pixels of a grid were harvested when.

    Attributes:
        days: ISO days, ascending.
        pixels: (D, h, w) bool: whether the centre of each pixel lies in a harvest of each day.
        inside: (h, w) bool: pixels of the region itself.
    """

    days: tuple[str, ...]
    pixels: NDArray[np.bool_]
    inside: NDArray[np.bool_]

    def before(self, day: str) -> NDArray[np.uint16]:
        """(h, w): days from the latest harvest before `day` (ISO, exclusive) to it, 1 or more; 0: none is known."""
        elapsed = np.zeros(self.inside.shape, np.uint16)
        for harvest, is_harvested in zip(self.days, self.pixels, strict=True):
            if harvest < day:
                elapsed[is_harvested] = min((date.fromisoformat(day) - date.fromisoformat(harvest)).days, MOST)
        return elapsed

    def years(self, day: str) -> float:
        """The region's: the median of its pixels with a harvest before `day`; NaN where half of them have none."""
        own = self.before(day)[self.inside]
        known = own[own > 0]
        return float(np.median(known)) / YEAR if len(known) and len(known) >= LEAST_KNOWN * len(own) else float("nan")


def on_grid(harvests: gpd.GeoDataFrame, grid: GeoBox, inside: NDArray[np.bool_]) -> HarvestedPixels:
    """Rasterise the harvests by the centres of the pixels.

    Args:
        harvests: as `harvest_table` has them, in the CRS of the grid.
        grid: of the pixels.
        inside: pixels of the region itself, (h, w).
    """
    box = grid.boundingbox
    rows = harvests.sindex.query(shapely.box(box.left, box.bottom, box.right, box.top), predicate="intersects")
    near = harvests.iloc[np.sort(rows)]
    days, layers = [], []
    for day, outlines in near.groupby("date", sort=True).geometry:
        layer = rasterize(outlines, out_shape=tuple(grid.shape), transform=grid.affine, dtype="uint8") > 0
        if layer.any():
            days.append(str(day))
            layers.append(layer)
    return HarvestedPixels(tuple(days), np.array(layers, bool).reshape(len(days), *grid.shape), inside)
