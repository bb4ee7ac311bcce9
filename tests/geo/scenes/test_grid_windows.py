import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox
from odc.geo.geom import BoundingBox

from rojsat.geo.scenes import grid_windows
from rojsat.geo.scenes.grid_windows import GridWindows

CRS = "EPSG:32633"


@pytest.mark.parametrize(
    "transform",
    [
        Affine(10, 0, 500000, 0, -10, 6400000),
        Affine(10, 0, 500003.7, 0, -10, 6399998.2),
        Affine(9.9, 0, 500000, 0, 9.9, 6400000),
        Affine(8, 6, 500000, 6, -8, 6400000),
    ],
)
def test_windows_of_many_boxes_are_those_of_one_box_after_the_other(transform):
    rng = np.random.default_rng(0)
    pixels = GeoBox((500, 300), transform, CRS)
    corners = np.array([500000, 6400000]) + rng.uniform(-5000, 5000, (300, 2)).round(3)
    corners[::2] = corners[::2].round(-1)  # on edges of pixels
    bounds = np.concatenate([corners, corners + rng.choice([0, 0.001, 10, 73.2, 450], (300, 2))], 1)
    names = [str(number) for number in range(300)]
    windows = grid_windows.enclosing(pixels, bounds)
    grids = GridWindows(names, [pixels], np.zeros(300, int), windows)
    one_by_one = {name: pixels.enclosing(BoundingBox(*box, CRS)) for name, box in zip(names, bounds, strict=True)}
    assert dict(grids) == one_by_one
