import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox

from rojsat.geo.scenes import native_grid
from rojsat.geo.scenes.native_grid import Finder, NativeGrid

MERCATOR = GeoBox((70, 80), Affine(10, 0, 1_760_000, 0, -10, 6_390_000), "EPSG:3857")  # Czechia: 6.5 m on the ground
UTM = GeoBox((70, 80), Affine(6.5, 0, 502_003.7, 0, -6.5, 5_500_011.1), "EPSG:32633")
BLOCKS = GeoBox((70, 80), Affine(10, 0, 502_000, 0, -10, 5_500_000), "EPSG:32633")

CASES = {
    "10 m in a rotated grid of 6.5 m": (MERCATOR, NativeGrid("EPSG:32633", 10, 0, 0)),
    "20 m, moved by 10 m": (MERCATOR, NativeGrid("EPSG:32633", 20, 10, 0)),
    "60 m of the next zone, moved": (MERCATOR, NativeGrid("EPSG:32634", 60, 20, 50)),
    "10 m in a grid of 6.5 m": (UTM, NativeGrid("EPSG:32633", 10, 0, 0)),
    "20 m in the grid of 10 m": (BLOCKS, NativeGrid("EPSG:32633", 20, 0, 10)),
}


def cells(grid, native):
    """Number of the cell of every pixel, along x and along y."""
    x, y = native_grid.centres(grid, native.crs)
    return np.floor((x - native.left) / native.size).astype(int), np.floor((y - native.top) / native.size).astype(int)


def copied(grid, native, value):
    """What a pixel has of its cell's value, uint16."""
    across, up = cells(grid, native)
    return value(across - across.min(), up - up.min()).astype(np.uint16)


def noise(across, up, seed=0):
    return np.random.default_rng(seed).integers(1, 3000, (up.max() + 1, across.max() + 1))[up, across]


@pytest.mark.parametrize("name", CASES)
def test_the_grid_of_copied_pixels_is_found_and_holes_do_not_matter(name):
    grid, native = CASES[name]
    plane = copied(grid, native, noise)
    has_data = np.random.default_rng(1).random(plane.shape) > 0.2
    assert Finder(grid).find(plane, has_data) == native
    assert Finder(grid).find(np.where(has_data, plane, 0), has_data) == native


@pytest.mark.parametrize("name", CASES)
def test_between_the_centres_of_pixels_a_slope_is_a_line_again(name):
    grid, native = CASES[name]
    plane = copied(grid, native, lambda across, up: 500 + 40 * across + 25 * up)
    smooth = native_grid.interpolate(plane, np.ones(plane.shape, bool), grid, native)
    x, y = (
        (axis - border) / native.size
        for axis, border in zip(native_grid.centres(grid, native.crs), (native.left, native.top), strict=True)
    )
    across, up = cells(grid, native)
    exact = 500 + 40 * (x - 0.5 - across.min()) + 25 * (y - 0.5 - up.min())
    inside = np.ones(plane.shape, bool)
    for axis, own in ((x, across), (y, up)):  # half a cell from the edge there is nothing to interpolate with
        inside &= (axis > own.min() + 0.5) & (axis < own.max() + 0.5)
    inside[:20] = inside[-20:] = inside[:, :20] = inside[:, -20:] = False
    assert inside.sum() > 500
    assert np.abs(smooth[inside] - exact[inside]).max() <= 0.5
    assert np.abs(plane[inside] - exact[inside]).max() > 10


def test_pixels_without_data_stay_and_have_no_weight():
    native = CASES["20 m, moved by 10 m"][1]
    plane = copied(MERCATOR, native, lambda across, up: np.full(across.shape, 700))
    has_data = np.random.default_rng(0).random(plane.shape) > 0.5
    plane[~has_data] = 65535
    np.testing.assert_array_equal(native_grid.interpolate(plane, has_data, MERCATOR, native), plane)


@pytest.mark.parametrize(
    "plane",
    [
        np.random.default_rng(0).integers(1, 3000, (70, 80)),
        np.full((70, 80), 500),
        np.add.outer(np.arange(70), np.arange(80)) // 3 + 1,
    ],
    ids=["fine", "flat", "smooth"],
)
@pytest.mark.parametrize("grid", [MERCATOR, UTM, BLOCKS], ids=["mercator", "utm", "blocks"])
def test_an_image_that_is_no_copy_has_no_native_grid(plane, grid):
    assert Finder(grid).find(plane.astype(np.uint16), np.ones(plane.shape, bool)) is None


def test_too_little_data_tells_nothing():
    grid, native = CASES["20 m, moved by 10 m"]
    has_data = np.zeros(grid.shape, bool)
    has_data[:4, :4] = True
    assert Finder(grid).find(copied(grid, native, noise), has_data) is None
