"""Counts of dark pixels."""

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.crs import CRS

from rojsat.geo.sources.stac import dark_pixels
from rojsat.geo.sources.stac.block_store import Stored
from rojsat.geo.sources.stac.offsets import Evidence


def stored(folder, name, array):
    step = 1200 // array.shape[0]
    transform = Affine(step, 0, 5e5, 0, -step, 6e6)
    grid = {"width": array.shape[1], "height": array.shape[0], "count": 1, "crs": "EPSG:32633", "transform": transform}
    with rasterio.open(folder / f"{name}.tif", "w", driver="GTiff", dtype=array.dtype, **grid) as raster:
        raster.write(array, 1)
    return Stored(folder / f"{name}.tif", "EPSG:32633", array.shape, transform, str(array.dtype), 0)


@pytest.fixture
def scene(tmp_path):
    """120 rows of 10 m; by thirds of the columns: vegetation, cloud, water; the first row is nodata."""
    classes = np.repeat(np.array([[4, 9, 6]], np.uint8), 20, axis=1).repeat(60, axis=0)
    dark, low = np.full((120, 120), 300, np.uint16), np.full((120, 120), 1200, np.uint16)
    dark[0] = 0
    return {name: stored(tmp_path, name, array) for name, array in {"B02": dark, "B04": low, "SCL": classes}.items()}


def everywhere(crs):
    assert crs == CRS.from_epsg(32633)
    return [(5e5, 6e6 - 1200, 5e5 + 1200, 6e6)]


def test_vegetation_and_water_are_counted(scene):
    assert dark_pixels.count(scene, everywhere) == Evidence(80 * 119 + 80 * 120, 80 * 119, 80 * 239, clear=True)


def test_without_classes_all_are(scene):
    del scene["SCL"]
    assert dark_pixels.count(scene, everywhere) == Evidence(120 * 239, 120 * 119, 120 * 239, clear=False)


def test_without_visible_bands_none_are(scene):
    assert dark_pixels.count({"SCL": scene["SCL"]}, everywhere) == Evidence()


def test_only_the_boxes_are_looked_at(scene):
    assert dark_pixels.count(scene, lambda crs: []) == Evidence(clear=True)
