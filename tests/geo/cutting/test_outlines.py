import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox

from rojsat.geo.cutting import outlines
from rojsat.geo.cutting.regions import Region
from tests.geo.conftest import CRS, ground

GRID = GeoBox((10, 15), Affine(10, 0, 500100, 0, -10, 6399800), CRS)  # pixels 10 to 25 across, 20 to 30 down


def surrounded(polygon, margin=30):
    return outlines.surround(Region("1", "stand", None, None, GRID, ()), margin, polygon, CRS)


@pytest.mark.parametrize(("margin", "pixels"), [(30, 3), (31, 4), (30.0000001, 3)])
def test_surroundings_are_full_pixels_of_the_same_grid(margin, pixels):
    region = surrounded(ground(10, 20, 25, 30), margin)
    assert region.margin == pixels
    assert region.chip_grid == GRID.pad(pixels)
    assert region.outline.shape == tuple(region.chip_grid.shape)


def test_an_outline_holds_the_pixels_whose_centres_lie_in_the_polygon():
    outline = surrounded(ground(10.4, 20, 24.4, 30)).outline
    assert outline.dtype == np.uint8
    assert outline.sum() == 14 * 10
    assert (outline[3:13, 3:17] == 1).all()


def test_a_polygon_without_a_pixel_centre_has_the_pixels_that_it_touches():
    assert surrounded(ground(12.6, 22.6, 12.9, 22.9)).outline.sum() == 1
