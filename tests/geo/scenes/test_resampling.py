import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox
from rasterio.enums import Resampling

from rojsat.geo.scenes import resampling

EAST, NORTH = 500000, 6400000


def grid(step, left, top, height, width):
    """A grid of pixels of `step` metres, placed in metres."""
    return GeoBox((height, width), Affine(step, 0, EAST + left, 0, -step, NORTH - top), "EPSG:32633")


def stored(height, width, holes=0.0, seed=0):
    rng = np.random.default_rng(seed)
    array = rng.integers(1, 60000, (2, height, width)).astype(np.uint16)
    array[:, rng.random((height, width)) < holes] = 0
    return array


def resampled(array, native, target, method):
    """The grid's window read and resampled, as a reader does it."""
    window = resampling.find_window(native, target, Resampling[method])
    return window.resample(array[:, *window.roi], Resampling[method])


CASES = [
    (20, grid(10, 0, 0, 40, 60), 0.0),
    (20, grid(10, 50, 30, 21, 17), 0.0),
    (20, grid(10, 50, 30, 21, 17), 0.3),
    (60, grid(10, 10, 20, 33, 44), 0.0),
    (60, grid(10, 10, 20, 33, 44), 0.2),
    (60, grid(10, -100, -50, 33, 44), 0.0),
    (10, grid(10, 30, 40, 9, 8), 0.2),
]


@pytest.mark.parametrize(("step", "target", "holes"), CASES)
@pytest.mark.parametrize("method", ["nearest", "bilinear"])
def test_integers_agree_with_gdal(step, target, holes, method):
    native = grid(step, 0, 0, 20, 30)
    array = stored(20, 30, holes)
    exact = resampled(array, native, target, method)
    gdal = resampling._warp(array, native, target, Resampling[method])
    assert ((exact == 0) == (gdal == 0)).all()
    assert np.abs(exact.astype(int) - gdal).max() <= (method == "bilinear")  # rounding of a half


@pytest.mark.parametrize("method", ["nearest", "bilinear", "cubic"])
def test_a_window_does_not_change_its_pixels(method):
    native, array = grid(20, 0, 0, 30, 30), stored(30, 30, 0.1)
    scene = resampled(array, native, grid(10, 0, 0, 60, 60), method)
    part = resampled(array, native, grid(10, 200, 200, 11, 13), method)
    assert (part == scene[:, 20:31, 20:33]).all()


def test_ground_of_another_zone_lands_where_it_is():
    native = GeoBox.from_bbox((799000, 6400000, 801000, 6402000), "EPSG:32632", resolution=10)
    east = np.arange(200)[None] * 10 + 5
    array = np.broadcast_to(1000 + east, (1, 200, 200)).astype(np.uint16)  # metres from the western edge
    centre = native.extent.to_crs("EPSG:32633").boundingbox
    x, y = round(centre.left / 2 + centre.right / 2, -1), round(centre.top / 2 + centre.bottom / 2, -1)
    target = GeoBox((20, 20), Affine(10, 0, x, 0, -10, y), "EPSG:32633")
    landed = resampled(array, native, target, "bilinear")[0]
    for row, col in [(0, 0), (19, 0), (7, 13)]:
        point = target[row : row + 1, col : col + 1].extent.to_crs("EPSG:32632").centroid.coords[0]
        assert landed[row, col] == pytest.approx(1000 + point[0] - 799000, abs=2)  # metres


def test_an_unknown_kernel_is_named():
    with pytest.raises(ValueError, match="Did you mean 'cubic'"):
        resampling.kernel("kubic")
