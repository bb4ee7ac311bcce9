"""Hard ground covers its share of the worked pixels and makes points denser, whatever the need."""

from dataclasses import replace

import numpy as np
import pytest

from rojsat.geo.sources.simulated import clearing_objects, growth, hard_ground, landcover, units, walkers
from rojsat.geo.sources.simulated.layout import WorldLayout, transform

LAYOUT = WorldLayout(180, 216, scenes=(), stands=1, objects=((40, 36), (38, 44), (33, 41)), stand_area=200, town=16)


@pytest.fixture(scope="module")
def world():
    land, objects = clearing_objects.insert(landcover.build(LAYOUT, 1), LAYOUT, "drawn", 1)
    return land, objects, growth.need(land, units.draw(land, objects, "drawn", 1), 1)


def worked_pixels(land, objects):
    worked = np.zeros(land.unit.shape, bool)
    for item in objects:
        worked[item.window] |= item.area
    return worked


def test_its_share_of_the_worked_pixels_is_the_key(world):
    land, objects, _ = world
    worked = worked_pixels(land, objects)
    assert not hard_ground.draw(land, objects, 0, 1).any()
    for share in (0.1, 0.3):
        assert hard_ground.draw(land, objects, share, 1)[worked].mean() == pytest.approx(share, abs=0.01)


def test_points_are_denser_on_it_at_the_same_need(world):
    land, objects, need = world
    worked = worked_pixels(land, objects)
    even = replace(need, degree=np.where(np.isfinite(need.degree), 0.3, np.nan))
    hard = hard_ground.draw(land, objects, 0.3, 1)
    fixes, grid, heat = walkers.walk(objects, even, hard, 1), transform(), np.zeros(land.unit.shape)
    at = (grid.f - fixes["y"].to_numpy()) // 10, (fixes["x"].to_numpy() - grid.c) // 10
    np.add.at(heat, tuple(axis.astype(int) for axis in at), 1)
    assert np.median(heat[worked & hard]) > 1.4 * np.median(heat[worked & ~hard])
