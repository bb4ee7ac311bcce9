"""Scenes of one day and orbit are one overpass: one of them is cut, the others fill what it lacks."""

from dataclasses import replace

import pandas as pd
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox

from rojsat.geo.cutting import overpasses
from rojsat.geo.cutting.regions import Region, region_facts
from rojsat.geo.scenes.catalog import Asset, Scene

CRS = "EPSG:32633"


def scene(name, left, width, date="2019-08-01", orbit=65, shift=0):
    """A scene of 100 rows of 10 m pixels, `width` columns from column `left` on, moved `shift` metres to the east."""
    transform = Affine(10, 0, 500000 + 10 * left + shift, 0, -10, 6400000)
    asset = Asset(f"{name}.tif", (100, width), transform, "uint16")
    return Scene(name, pd.Timestamp(f"{date}T10:00", tz="UTC"), orbit, CRS, {"B02": asset})


def region(name, left, top, cleared=None):
    """A region of 10 x 10 pixels."""
    grid = GeoBox((10, 10), Affine(10, 0, 500000 + 10 * left, 0, -10, 6400000 - 10 * top), CRS)
    return Region(name, "stand", "need", cleared, grid, ((slice(0, 10), slice(0, 10)),))


def planned(scenes, regions):
    """Of each scene the regions that are cut from it, each with the names of all scenes that show it."""
    return [
        [(visit.region.id, *(scene.id for scene in visit.scenes)) for visit in visits]
        for visits in overpasses.plan(scenes, regions, region_facts(regions))
    ]


def test_a_region_is_cut_from_the_scene_that_covers_most_of_it():
    west, east = scene("west", 0, 55), scene("east", 52, 48)
    a, b = region("a", 46, 0), region("b", 0, 0)
    assert planned([west, east], [a, b]) == [
        [("b", "west"), ("a", "west", "east")],
        [],
    ]
    assert planned([east, west], [a]) == [[], [("a", "west", "east")]]


def test_a_scene_on_the_pixels_of_the_region_comes_first():
    off, own = scene("off", 0, 100, shift=5), scene("own", 45, 55)
    assert planned([off, own], [region("a", 42, 0)]) == [[], [("a", "own", "off")]]


@pytest.mark.parametrize("other", [{"date": "2019-08-02"}, {"orbit": 22}])
def test_another_day_or_orbit_is_another_overpass(other):
    scenes = [scene("first", 0, 100), scene("second", 0, 100, **other)]
    assert planned(scenes, [region("a", 0, 0)]) == [[("a", "first")], [("a", "second")]]


def test_regions_go_from_west_to_east_and_what_no_scene_shows_is_left_out():
    regions = [region("east", 60, 2), region("west", 10, 5), region("far", 500, 0)]
    assert planned([scene("all", 0, 100)], regions) == [[("west", "all"), ("east", "all")]]


@pytest.mark.parametrize(("cleared", "is_late"), [(None, False), ("2019-07-31", True), ("2019-08-01", False)])
def test_a_visit_after_the_day_of_clearing_is_late(cleared, is_late):
    regions = [region("a", 0, 0, cleared)]
    [[visit]] = overpasses.plan([scene("s", 0, 100)], regions, region_facts(regions))
    assert visit.is_late == is_late


def test_a_scene_of_nothing_but_surroundings_fills_them_and_is_no_overpass_by_itself():
    wide = replace(region("a", 40, 0), margin=8)
    around, own = scene("around", 51, 40), scene("own", 20, 30, shift=5)  # pixels of its own, but nothing of the box
    assert planned([around, own], [wide]) == [[], [("a", "own", "around")]]
    assert planned([around], [wide]) == [[]]
