import numpy as np
import pytest
import rasterio
from affine import Affine

from rojsat.geo.scenes.cog import write_cog
from rojsat.maps import mosaics


def raster(path, col, row, value, *, crs="EPSG:32633", nodata=np.nan, dtype=np.float32):
    """A raster of 3 x 2 pixels whose first has nothing, from a column and row of a grid."""
    values = np.full((2, 2, 3), value, dtype)
    values[:, 0, 0] = nodata
    transform = Affine(10, 0, 5e5 + 10 * col, 0, -10, 6.4e6 - 10 * row)
    return write_cog(path, values, transform=transform, crs=crs, nodata=nodata, descriptions=["degree", "seen"])


@pytest.mark.parametrize(("nodata", "dtype"), [(np.nan, np.float32), (0, np.uint8)])
def test_a_mosaic_holds_each_raster_in_its_place_and_moves_with_them(tmp_path, nodata, dtype):
    folder = tmp_path / "å & b"
    options = {"nodata": nodata, "dtype": dtype}
    parts = [raster(folder / "a.tif", 0, 0, 1, **options), raster(folder / "b.tif", 2, 1, 2, **options)]
    mosaics.write(folder / "all.vrt", parts)
    moved = folder.rename(tmp_path / "moved")
    with rasterio.open(moved / "all.vrt") as mosaic:
        assert mosaic.crs == "EPSG:32633" and mosaic.descriptions == ("degree", "seen")
        assert tuple(mosaic.transform)[:6] == (10, 0, 5e5, 0, -10, 6.4e6)
        values = mosaic.read(1)
    none = nodata
    expected = np.array([[none, 1, 1, none, none], [1, 1, 1, 2, 2], [none, none, 2, 2, 2]], dtype)
    np.testing.assert_array_equal(values, expected)


def test_rasters_of_another_coordinate_system_are_refused(tmp_path):
    parts = [raster(tmp_path / "a.tif", 0, 0, 1), raster(tmp_path / "b.tif", 3, 0, 2, crs="EPSG:32634")]
    with pytest.raises(ValueError, match="b.tif is unlike a.tif"):
        mosaics.write(tmp_path / "all.vrt", parts)
    assert not (tmp_path / "all.vrt").exists()
