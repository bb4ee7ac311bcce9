"""Cloud Optimized GeoTIFFs keep numbers, grid, nodata, scale and offset."""

import numpy as np
import pytest
import rasterio
from affine import Affine

from rojsat.geo.scenes.cog import write_cog

GRID = {"transform": Affine(20.0, 0.0, 500_000.0, 0.0, -20.0, 6_500_000.0), "crs": "EPSG:32633"}


def test_a_file_keeps_everything_and_has_the_cloud_optimized_layout(tmp_path):
    array = np.arange(600 * 520, dtype=np.uint16).reshape(600, 520)
    numbers = {"nodata": 0, "scale": 1e-4, "offset": -0.1}
    path = write_cog(tmp_path / "sub" / "B05.tif", array, descriptions=["B05"], **numbers, **GRID)
    with rasterio.open(path) as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.overviews(1)
        assert (raster.scales, raster.offsets, raster.nodata) == ((1e-4,), (-0.1,), 0)
        assert raster.transform == GRID["transform"] and raster.crs == GRID["crs"]
        assert raster.descriptions == ("B05",)
        np.testing.assert_array_equal(raster.read(1), array)
    assert [file.name for file in path.parent.iterdir()] == ["B05.tif"]


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
def test_several_bands_of_any_type(tmp_path, dtype):
    array = np.random.default_rng(0).integers(0, 99, (3, 9, 7)).astype(dtype)
    with rasterio.open(write_cog(tmp_path / "x.tif", array, nodata=None, **GRID)) as raster:
        np.testing.assert_array_equal(raster.read(), array)
        assert raster.nodata is None and raster.scales == (1.0,) * 3


def test_the_same_array_gives_the_same_bytes(tmp_path):
    array = np.ones((3, 5, 5), np.float32)
    files = [write_cog(tmp_path / name, array, nodata=-1, **GRID).read_bytes() for name in ("a.tif", "b.tif")]
    assert files[0] == files[1]


@pytest.mark.parametrize(("shape", "names"), [((4,), None), ((2, 3, 3), ["one"])])
def test_a_wrong_shape_is_named(tmp_path, shape, names):
    with pytest.raises(ValueError, match=r"x\.tif"):
        write_cog(tmp_path / "x.tif", np.zeros(shape), nodata=None, descriptions=names, **GRID)
