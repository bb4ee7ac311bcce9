"""Boxes and blocks in metres of the ground."""

import numpy as np
import pandas as pd
import pytest

from rojsat.chips import ground_metres

SIXTY_NORTH = 8399737.89
"""Metres of Web Mercator, where two are one of the ground."""


@pytest.mark.parametrize(("crs", "metres"), [("EPSG:32633", 50), ("EPSG:3857", 25)])
def test_gaps_are_ground_metres_and_0_where_boxes_touch(crs, metres):
    box = np.array([[0, SIXTY_NORTH - 100, 100, SIXTY_NORTH]])
    others = box + np.array([[150, 0, 150, 0], [100, 0, 100, 0], [50, 50, 50, 50]])
    np.testing.assert_allclose(ground_metres.gaps(box, others, crs), [[metres, 0, 0]], rtol=1e-4)


def test_a_box_in_surroundings_is_the_region_and_the_chip_is_all():
    row = {"transform": [10.0, 0, 0, 0, -10.0, 0], "easting": 1000.0, "northing": 5000.0, "height": 20, "width": 30}
    chips = pd.DataFrame([row | {"box_row": 2, "box_col": 3, "box_height": 4, "box_width": 5}])
    np.testing.assert_array_equal(ground_metres.outer_edges(chips), [[1000, 4800, 1300, 5000]])
    np.testing.assert_array_equal(ground_metres.own_edges(chips), [[1030, 4940, 1080, 4980]])


@pytest.mark.parametrize("latitude", [0.0, 45.0, 60.0, 68.0])
def test_blocks_of_web_mercator_are_as_large_on_the_ground_at_any_latitude(latitude):
    radius, angle = ground_metres.EARTH_RADIUS, np.radians(latitude)
    steps = np.arange(0, 20_000, 500) / radius
    north = radius * np.arcsinh(np.tan(angle + steps))
    _, rows = ground_metres.blocks_of("EPSG:3857", np.zeros_like(north), north, 2000)
    assert set(np.bincount(rows - rows.min())[1:-1]) == {4}  # 500 m apart along the meridian
    east = steps * radius / np.cos(angle)
    columns, _ = ground_metres.blocks_of("EPSG:3857", east, np.full_like(east, north[0]), 2000)
    assert len(set(columns)) == pytest.approx(10, abs=1)
