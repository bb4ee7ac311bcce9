"""Tight boxes just hold their object; drawn ones are as a person draws them."""

import numpy as np
import pytest
from scipy import ndimage

from rojsat.geo.sources.simulated import clearing_objects, landcover, units
from rojsat.geo.sources.simulated.layout import PASSED, WorldLayout

LAYOUT = WorldLayout(300, 360, scenes=(), stands=1, town=16)
SEEDS = range(4)


@pytest.fixture(scope="module")
def worlds():
    land = landcover.build(LAYOUT, 0)
    return {
        boxes: [clearing_objects.insert(land, LAYOUT, boxes, seed) for seed in SEEDS]
        for boxes in clearing_objects.BOXES
    }


def areas(worlds, boxes):
    return [item.area for _, objects in worlds[boxes] for item in objects if item.area.any()]


def margins(area):
    """Pixels from each side of the box to the object: top, bottom, left, right."""
    rows, columns = (np.nonzero(area.any(axis))[0] for axis in (1, 0))
    return rows[0], area.shape[0] - 1 - rows[-1], columns[0], area.shape[1] - 1 - columns[-1]


def position_share(outlines):
    """Variance of worked or not that the mean by position in the box, 12 x 12 bins, explains."""
    bins, worked = [], []
    for area in outlines:
        rows, columns = np.indices(area.shape)
        bins.append((rows * 12 // area.shape[0] * 12 + columns * 12 // area.shape[1]).ravel())
        worked.append(area.ravel())
    bin_number, target = np.concatenate(bins), np.concatenate(worked).astype(float)
    means = np.bincount(bin_number, target) / np.bincount(bin_number)
    return 1 - (target - means[bin_number]).var() / target.var()


def test_objects_in_drawn_boxes_lie_off_centre_with_uneven_margins(worlds):
    tight, drawn = (np.array([margins(area) for area in areas(worlds, boxes)]) for boxes in ("tight", "drawn"))
    assert np.ptp(tight, axis=1).max() <= 2
    off_centre = np.abs(drawn[:, 0] - drawn[:, 1]) + np.abs(drawn[:, 2] - drawn[:, 3])
    assert np.median(off_centre) > 8 and np.median(np.ptp(drawn, axis=1)) > 8


def test_the_position_in_a_drawn_box_tells_little_of_the_object(worlds):
    assert position_share(areas(worlds, "tight")) > 2 * position_share(areas(worlds, "drawn"))


def test_some_drawn_boxes_hold_two_objects_each_a_stand_of_its_own(worlds):
    two = 0
    for land, objects in worlds["drawn"]:
        for item in objects:
            labels, count = ndimage.label(item.area)
            large = [label for label in range(1, count + 1) if (labels == label).sum() > 60]
            if len(large) == 2:
                first, second = (set(land.unit[item.window][labels == label]) for label in large)
                two += first.isdisjoint(second)
    assert 0.1 < two / len(areas(worlds, "drawn")) < 0.5


def test_sizes_of_drawn_boxes_differ_between_areas_and_have_the_same_maximum(worlds):
    sizes = {boxes: [{(i.height, i.width) for i in objects} for _, objects in worlds[boxes]] for boxes in worlds}
    assert all(size == set(LAYOUT.objects) for size in sizes["tight"])
    assert len({frozenset(size) for size in sizes["drawn"]}) == len(SEEDS)
    assert {tuple(np.max(list(size), axis=0)) for size in sizes["drawn"]} == {(67, 70)}


def test_the_fourth_is_none(worlds):
    for boxes in worlds:
        for _, objects in worlds[boxes]:
            assert [item.name for item in objects if not item.area.any()] == [PASSED]


def test_no_young_forest_stands_in_a_drawn_box_without_an_object(worlds):
    for seed, (land, objects) in zip(SEEDS, worlds["drawn"], strict=True):
        grown, passed = units.draw(land, objects, "drawn", seed), objects[int(PASSED) - 1]
        forest = land.cover[passed.window] == landcover.FOREST
        assert forest.any() and not grown.young[land.unit[passed.window][forest]].any()


def test_more_drawn_boxes_touch_young_forest_that_nobody_cleared(worlds):
    touched = {}
    for boxes in worlds:
        touched[boxes] = 0
        for seed, (land, objects) in zip(SEEDS, worlds[boxes], strict=True):
            grown = units.draw(land, objects, boxes, seed)
            own = {stand for item in objects for stand in land.unit[item.window][item.area]}
            for item in objects:
                unit = land.unit[item.window][land.cover[item.window] == landcover.FOREST]
                near, count = np.unique(unit, return_counts=True)
                young = np.array([grown.young[stand] and stand not in own for stand in near])
                touched[boxes] += count[young].sum() > 0.1 * item.area.size
    assert touched["drawn"] > touched["tight"] + 3
