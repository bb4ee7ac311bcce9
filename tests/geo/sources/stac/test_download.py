"""Which blocks are downloaded."""

import geopandas as gpd
import numpy as np
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from rasterio.crs import CRS
from shapely.geometry import box

from rojsat.geo.sources.stac.areas import Areas
from rojsat.geo.sources.stac.download import touched

TRANSFORM = Affine(10, 0, 5e5, 0, -10, 6e6)
PLACE, LENGTH = (st.integers(low, high).map(lambda n: n / 4) for low, high in ((-8000, 28000), (4, 12000)))
"""Quarters of a metre: exact in floating point, so that the edges of blocks are too."""


@given(st.lists(st.tuples(PLACE, PLACE, LENGTH, LENGTH), max_size=4))
def test_exactly_the_blocks_that_a_box_touches(boxes):
    shape, block = (300, 420), (128, 64)
    bounds = [(5e5 + x, 6e6 - y - h, 5e5 + x + w, 6e6 - y) for x, y, w, h in boxes]
    windows = touched(shape, block, TRANSFORM, bounds)
    downloaded = np.zeros(shape, int)
    for window in windows:
        rows, cols = window.toslices()
        downloaded[rows, cols] += 1
        assert (rows.start % block[0], cols.start % block[1]) == (0, 0)
    assert downloaded.max(initial=0) <= 1
    touched_pixels = np.zeros(shape, bool)
    for x, y, w, h in boxes:
        rows = slice(max(int(y // 10), 0), max(int(-(-(y + h) // 10)), 0))
        cols = slice(max(int(x // 10), 0), max(int(-(-(x + w) // 10)), 0))
        touched_pixels[rows, cols] = True
    assert (downloaded[touched_pixels] == 1).all()
    for window in windows:
        grown = [slice(max(part.start - 1, 0), part.stop + 1) for part in window.toslices()]
        assert touched_pixels[tuple(grown)].any()  # one pixel of rounding
    assert windows == sorted(windows, key=lambda window: (window.row_off, window.col_off))


def test_boxes_have_room_around_in_metres_and_degrees():
    regions = gpd.GeoDataFrame(geometry=[box(5e5, 6e6, 5e5 + 100, 6e6 + 50)] * 2, crs="EPSG:32633").to_crs("EPSG:4326")
    areas = Areas(regions, 200.0)
    (metres,) = areas.boxes(CRS.from_epsg(32633))
    np.testing.assert_allclose(metres, (499800, 5999800, 500300, 6000250), atol=0.5)
    ((west, south, east, north),) = areas.degrees()
    outer = gpd.GeoSeries([box(west, south, east, north)], crs="EPSG:4326").to_crs("EPSG:32633").bounds.to_numpy()[0]
    np.testing.assert_allclose(outer, metres, atol=3)
