from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox

from rojsat.config.lookup import UnknownNameError
from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.cog import write_cog
from rojsat.geo.scenes.planes import CACHE, Reader
from rojsat.maps import map_rasters
from rojsat.server.map_tiles import CLOSED


def grid(left, top, width, height):
    return GeoBox((height, width), Affine(10, 0, 500000 + 10 * left, 0, -10, 6400000 - 10 * top), "EPSG:32633")


def read(world, window, resampling="bilinear", number=0):
    with Reader(catalog.read(world)[number], resampling) as reader:
        return reader.read(window)


def test_a_10_m_band_is_cropped_to_the_pixel(world):
    blue = read(world, grid(10, 20, 15, 10))["boa"][1]
    rows, cols = np.mgrid[20:30, 10:25]
    assert (blue == 1000 + 60 * rows + cols + 1).all()
    assert blue.dtype == np.uint16


def test_a_20_m_band_lies_where_it_was_on_the_10_m_grid(world):
    window = grid(11, 20, 14, 10)  # begins in the middle of a 20 m pixel
    edge = read(world, window, "nearest")["boa"][3]
    assert (edge == 2000 + 100 * (np.arange(11, 25) // 2)).all()
    # A ramp of 100 each 20 m stays one: a 10 m pixel's centre lies 5 m beside that of its 20 m pixel.
    smooth = read(world, window, "bilinear")["boa"][3]
    assert (smooth == 2000 + (np.arange(11, 25) + 0.5) * 50 - 50).all()


def test_a_60_m_band_and_its_hole_lie_where_they_were(world):
    coast = read(world, grid(24, 24, 24, 24))["boa"][0]
    hole = np.zeros((24, 24), bool)
    hole[6:12, 6:12] = True  # 10 m pixels 30 to 35
    assert (coast[~hole] == 1500).all()  # neighbours of the hole are not darkened
    assert (coast[hole] == 0).all()


def test_a_reflectance_of_zero_is_no_nodata(world):
    red = read(world, grid(0, 0, 3, 3))["boa"][2]
    assert red[0, 0] == 1
    assert red[1, 1] == 3000


def test_all_kinds_come_as_stored(world):
    arrays = read(world, grid(10, 20, 15, 10))
    assert {kind: (array.shape, str(array.dtype)) for kind, array in arrays.items()} == {
        "boa": ((4, 10, 15), "uint16"),
        "toa": ((1, 10, 15), "uint16"),
        "tci": ((3, 10, 15), "uint8"),
        "scl": ((10, 15), "uint8"),
    }
    assert (arrays["scl"] == 8).sum() == 4  # one 20 m pixel
    assert (arrays["scl"][:2, :2] == 8).all()
    assert arrays["tci"][:, 0, 0].tolist() == [21, 11, 31]
    assert (arrays["toa"] == 7).all()


def test_outside_the_scene_there_is_no_data(world):
    arrays = read(world, grid(-3, -2, 6, 6))
    assert (arrays["boa"][:, :2] == 0).all() and (arrays["boa"][:, :, :3] == 0).all()
    assert (arrays["boa"][1:, 2:, 3:] > 0).all()
    assert (read(world, grid(100, 100, 4, 4))["boa"] == 0).all()


def test_a_window_does_not_change_the_pixels(world):
    scene = read(world, grid(0, 0, 60, 60), "cubic")
    part = read(world, grid(20, 14, 9, 7), "cubic")
    for kind, array in part.items():
        assert (scene[kind][..., 14:21, 20:29] == array).all(), kind


def test_what_cannot_be_stored_is_refused(world):
    scene = catalog.read(world)[0]
    with pytest.raises(UnknownNameError, match="Did you mean 'bilinear'"):
        Reader(scene, "bilinaer")
    odd = {name: replace(asset, offset=0.0) if name == "B04" else asset for name, asset in scene.assets.items()}
    with pytest.raises(ValueError, match="bands differ in scale and offset"):
        Reader(replace(scene, assets=odd), "bilinear")
    floats = {"B02": replace(scene.assets["B02"], dtype="float32")}
    with pytest.raises(ValueError, match="store reflectance as uint16"):
        Reader(replace(scene, assets=floats), "bilinear")
    with pytest.raises(ValueError, match="has no band"):
        Reader(replace(scene, assets={"SCL": scene.assets["SCL"]}), "bilinear")
    path, asset = world / "big.tif", scene.assets["B02"]
    write_cog(path, np.full((60, 60), 70000, np.uint32), transform=asset.transform, crs=scene.crs, nodata=0)
    big = {"B02": replace(asset, href=str(path), dtype="uint32")}
    with Reader(replace(scene, assets=big), "bilinear") as reader, pytest.raises(ValueError, match="70000: not uint16"):
        reader.read(grid(0, 0, 2, 2))


def test_near_a_cloud_counts_as_cloud_within_the_margin(world):
    scene, window = catalog.read(world)[0], grid(4, 14, 20, 20)
    with Reader(scene, "bilinear", cloud_margin=40) as reader:
        arrays = reader.read(window)
    rows, cols = np.mgrid[:20, :20] // 2  # 20 m pixels; the cloud is the one at (3, 3)
    assert (arrays["cloud"] == (np.hypot(rows - 3, cols - 3) <= 2)).all()
    assert (arrays["scl"] == read(world, window)["scl"]).all()  # stored as delivered
    with Reader(scene, "bilinear", cloud_margin=40) as reader:  # a cloud outside the window counts too
        assert reader.read(grid(14, 20, 4, 2))["cloud"].tolist() == [[1, 1, 0, 0]] * 2


def test_grids_announced_beforehand_read_the_same(world):
    windows = [grid(10, 20, 15, 10), grid(12, 22, 9, 9), grid(-3, -2, 6, 6)]
    with Reader(catalog.read(world)[0], "cubic", windows) as reader:
        for window in windows:
            for kind, array in reader.read(window).items():
                assert (array == read(world, window, "cubic")[kind]).all(), kind


def test_a_damaged_raster_is_named(world):
    path = world / "s1" / "B04.tif"
    intact = path.read_bytes()
    path.write_bytes(intact[: len(intact) // 2] + bytes(len(intact) - len(intact) // 2))
    with (
        Reader(catalog.read(world)[0], "bilinear") as reader,
        pytest.raises(ValueError, match=r"B04\.tif cannot be read"),
    ):
        reader.read(grid(0, 0, 60, 60))


@pytest.mark.parametrize(
    ("dtype", "nodata", "saturated", "stored", "expected"),
    [
        (np.uint16, 0, 65535, [0, 1, 65534, 65535], [0, 1, 65534, 0]),
        (np.uint16, 0, 40000, [0, 1, 40000, 65535], [0, 1, 0, 65535]),  # as the product's XML says
        (np.uint16, 65535, 65535, [0, 1, 65534, 65535], [1, 1, 65534, 0]),
        (np.uint16, 9, 65535, [0, 9, 65535, 8], [1, 0, 0, 8]),
        (
            np.int16,
            -9999,
            65535,
            [-9999, -12, 0, 3995],
            [0, 1, 1, 3995],
        ),  # dark water after the atmosphere's correction
        (np.int32, 0, 65535, [0, 1, 2, 60000], [0, 1, 2, 60000]),
        (np.int16, 0, 65535, [-5, -6, -7, 900], "75% of its numbers around a region are negative"),
        (np.int32, 0, 65535, [1, 2, 3, 70000], "holds 1 to 70000: not uint16"),
    ],
)
def test_stored_numbers_become_those_of_the_chip_store(tmp_path, dtype, nodata, saturated, stored, expected):
    transform = Affine(10, 0, 500000, 0, -10, 6400000)
    path = write_cog(
        tmp_path / "B02.tif", np.array([stored], dtype), transform=transform, crs="EPSG:32633", nodata=nodata
    )
    asset = catalog.Asset(str(path), (1, 4), transform, np.dtype(dtype).name, nodata, saturated=saturated)
    scene = catalog.Scene("s", pd.Timestamp("2019-08-01", tz="UTC"), 65, "EPSG:32633", {"B02": asset})
    with Reader(scene, "nearest") as reader:
        if isinstance(expected, str):
            with pytest.raises(ValueError, match=expected):
                reader.read(grid(0, 0, 4, 1))
        else:
            assert reader.read(grid(0, 0, 4, 1))["boa"][0, 0].tolist() == expected


@pytest.mark.parametrize("cache", [CACHE, map_rasters.CACHE, CLOSED["GDAL_CACHEMAX"]])
def test_the_cache_of_gdal_is_named_in_bytes(cache):
    # rasterio hands a whole number on as bytes, where GDAL's own option would have MB: 64 would be no cache.
    assert 2**24 <= cache <= 2**30
