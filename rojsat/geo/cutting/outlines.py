"""Surroundings of a region: how far its chips reach beyond its box, its outline and harvests on their pixels."""

import math
from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
from shapely.geometry.base import BaseGeometry

from rojsat.geo.cutting.made_rows import MadeRows
from rojsat.geo.cutting.regions import Region
from rojsat.geo.harvests import harvested_pixels
from rojsat.geo.scenes import outline_pixels
from rojsat.geo.scenes.grid import STEP


def surround(region: Region, margin: float, polygon: BaseGeometry, crs: str) -> Region:
    """The region with surroundings and outline.

    Args:
        region: without them.
        margin: metres on every side, rounded up to full pixels.
        polygon: of the region.
        crs: of the polygon.
    """
    pixels = math.ceil(round(margin / region.grid.affine.a, STEP))
    wider = replace(region, margin=pixels)
    return replace(wider, outline=outline_pixels.inside(polygon, crs, wider.chip_grid).astype(np.uint8))


class Surrounded(MadeRows[Region]):
    """Regions with surroundings and outlines."""

    def __init__(self, regions: Sequence[Region], margin: float, polygons: Sequence[BaseGeometry], crs: str) -> None:
        """Take regions without them.

        Args:
            regions: N regions.
            margin: see `surround`.
            polygons: of each region.
            crs: of these.
        """
        self._regions, self._margin, self._polygons, self._crs = regions, margin, polygons, crs

    def __len__(self) -> int:
        return len(self._regions)

    def row(self, number: int) -> Region:
        """The region of a row."""
        return surround(self._regions[number], self._margin, self._polygons[number], self._crs)


def harvested(regions: Sequence[Region], harvests: gpd.GeoDataFrame, table: gpd.GeoDataFrame) -> list[Region]:
    """The regions with the harvests on the pixels of their chips.

    Args:
        regions: with their surroundings.
        harvests: as `harvest_table` has them, in any CRS.
        table: the regions' polygons.
    """
    polygons = table.set_index("region").geometry
    by_crs = {crs: harvests.to_crs(crs) for crs in {str(region.grid.crs) for region in regions}}
    marked = []
    for region in regions:
        inside = outline_pixels.inside(polygons[region.id], str(table.crs), region.chip_grid)
        pixels = harvested_pixels.on_grid(by_crs[str(region.grid.crs)], region.chip_grid, inside)
        marked.append(replace(region, harvested=pixels))
    return marked
