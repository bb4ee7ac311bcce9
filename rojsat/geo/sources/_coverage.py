"""Whether scenes and regions share any ground: checked before anything long starts."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
from shapely import box, transform, union_all
from shapely.geometry.base import BaseGeometry

from rojsat.geo.scenes.catalog import Scene

DEGREES = "EPSG:4326"


def check(scenes: Sequence[Scene], regions: gpd.GeoDataFrame) -> None:
    """Check that at least one region lies on at least one scene.

    Args:
        scenes: scenes in any CRS.
        regions: regions in any CRS.

    Raises:
        ValueError: if no scene touches any region; the message names both bounding boxes, and says so where the
            regions would lie on the scenes if their coordinates were swapped.
    """
    outlines = gpd.GeoSeries([scene.grid.extent.to_crs(DEGREES).geom for scene in scenes], crs=DEGREES)
    covered = union_all(outlines.to_numpy())
    region_shapes = regions.geometry.to_crs(DEGREES)
    if region_shapes.intersects(covered).any():
        return
    raise ValueError(
        f"no scene touches any region: the scenes lie within {_bounds(outlines.total_bounds)}, the regions within "
        f"{_bounds(region_shapes.total_bounds)} (west, south, east, north in degrees).{_hint(region_shapes, covered)}"
    )


def _bounds(bounds: Sequence[float]) -> str:
    return ", ".join(f"{degrees:.4f}" for degrees in bounds)


def _hint(region_shapes: gpd.GeoSeries, covered: BaseGeometry) -> str:
    swapped = transform(box(*region_shapes.total_bounds), lambda points: points[:, ::-1])
    if np.isfinite(region_shapes.total_bounds).all() and swapped.intersects(covered):
        return " With x and y swapped they would overlap: the file of the regions holds latitude before longitude"
    return " Check the coordinate system of the regions and the choice of scenes"
