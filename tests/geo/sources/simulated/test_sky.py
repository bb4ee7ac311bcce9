"""Clouds cover what was asked and throw shadows away from the sun; the scene map errs as the real one does."""

import numpy as np
import pytest

from rojsat.chips.bands import BOA
from rojsat.geo.sources.simulated import clearing_objects, ground, growth, landcover, orbits, render, season, sky, units
from rojsat.geo.sources.simulated.layout import WorldLayout
from rojsat.geo.sources.simulated.noise import stream

LAYOUT = WorldLayout(300, 300, scenes=((65, 8),), stands=1, objects=((20, 20),), town=24)
SUN = season.Sun(zenith=50.0, azimuth=165.0)


@pytest.fixture(scope="module")
def world():
    land, objects = clearing_objects.insert(landcover.build(LAYOUT, 0), LAYOUT, "tight", 0)
    grown = units.draw(land, objects, "tight", 0)
    share = growth.fractions(land, grown, growth.need(land, grown, 0), 0)
    return ground.prepare(land, grown, share, "weak", 0)


@pytest.mark.parametrize("cover", [0.0, 0.3, 0.8])
def test_clouds_cover_what_was_asked(cover):
    drawn = sky.draw(stream(1, "sky"), (240, 300), cover, SUN)
    assert abs((drawn.cloud > 0).mean() - cover) < 0.25
    assert all(plane.min() >= 0 and plane.max() <= 1 for plane in (drawn.cloud, drawn.cirrus, drawn.haze))


def test_shadows_lie_north_of_their_clouds_and_match_them():
    drawn = sky.draw(stream(2, "sky"), (240, 300), 0.3, SUN)
    down, right = drawn.shift
    assert down < 0  # the sun stands in the south: rows grow southwards
    cloud = drawn.cloud[-down:, max(-right, 0) : 300 - max(right, 0)]
    shadow = drawn.shadow[:down, max(right, 0) : 300 + min(right, 0)]
    np.testing.assert_array_equal(cloud, shadow)


def test_cloud_is_white_and_shadow_is_dark():
    surface = np.full((12, 60, 60), 0.1, np.float32)
    thick = np.zeros((60, 60), np.float32)
    thick[:20] = 1
    none = np.zeros_like(thick)
    sky.cover_ground(surface, sky.Sky(thick, thick + 0.1, np.roll(thick, 30, 0), none, none, (30, 0)))
    assert surface[BOA.index("B04"), 5, 5] > 0.5
    assert surface[BOA.index("B08"), 35, 5] < 0.04 < surface[BOA.index("B02"), 35, 5]
    assert surface[BOA.index("B08"), 55, 5] == np.float32(0.1)


def test_the_scene_map_is_right_about_as_often_as_the_real_one(world):
    """Sen2Cor: overall accuracy 0.81 to 0.90 (ATBD 2.10, CMIX 2022); thin cloud is what it misses most."""
    right, cloud, thick, thin = [], [], [], []
    for acquisition in orbits.acquisitions(LAYOUT, 0):
        rendering = render.scene(world, acquisition, 0)
        scl, true = rendering.assets["SCL"], rendering.truth
        right.append((scl == true).mean())
        called = np.isin(scl, (8, 9, 10))
        cloud.append((called == np.isin(true, (8, 9, 10))).mean())
        thick.append(called[true == 9])
        thin.append(called[(true == 8) | (true == 10)])
    assert 0.70 < np.mean(right) < 0.92
    assert 0.84 < np.mean(cloud) < 0.98
    assert np.concatenate(thick).mean() > 0.9
    assert 0.15 < np.concatenate(thin).mean() < 0.85
