import re

import numpy as np
import pytest

from rojsat.chips import plane_distribution
from rojsat.maps import pixel_faults
from tests.support import map_scenes

AIR = {"B02": 0.07, "B03": 0.045, "B04": 0.025, "B05": 0.02, "B08": 0.008}
"""What the air adds at the top of the atmosphere."""


def forest(seed):
    return {band: plane.ravel() for band, plane in map_scenes.spectra((40, 40), seed).items()}


def swapped(pixels, first, second):
    return {**pixels, first: pixels[second], second: pixels[first]}


def times(factor):
    return lambda pixels: {band: values * factor for band, values in pixels.items()}


def stored_as(values):
    return lambda pixels: {band: values(plane) for band, plane in pixels.items()}


MISTAKES = {
    "reflectance x 10000": (times(10000), "scale"),
    "in per cent": (times(100), "scale"),
    "scaled twice": (times(1e-4), "scale"),
    "offset missing": (stored_as(lambda plane: plane + 0.1), "offset .* missing"),
    "offset twice": (stored_as(lambda plane: plane - 0.1), "offset counts twice"),
    "an offset where there is none": (stored_as(lambda plane: np.maximum(plane - 0.1, -0.0999)), "offset counts twice"),
    "L1C for L2A": (lambda pixels: {b: v * 0.92 + AIR.get(b, 0) for b, v in pixels.items()}, "top of the atmosphere"),
    "red and near infrared swapped": (lambda pixels: swapped(pixels, "B04", "B08"), "B04 and B08 are swapped"),
    "blue and near infrared swapped": (lambda pixels: swapped(pixels, "B02", "B08"), "B02 and B08 are swapped"),
    "short-wave bands swapped": (lambda pixels: swapped(pixels, "B11", "B12"), "B11 and B12 are swapped"),
    "a picture of 8 bits": (stored_as(lambda plane: np.clip(np.rint(plane * 700), 0, 255) / 255), "."),
    "snow": (stored_as(lambda plane: 0.7 + 0.01 * plane), "."),
}
"""What is done to the pixels of a forest, and what the sentence says."""


@pytest.fixture(scope="module")
def distribution():
    return plane_distribution.describe(forest(0))


@pytest.mark.parametrize("name", MISTAKES)
def test_a_planted_mistake_is_refused_in_one_sentence(distribution, name):
    change, expected = MISTAKES[name]
    sentence = pixel_faults.fault(change(forest(1)), distribution)
    assert sentence is not None and "\n" not in sentence
    assert re.search(expected, sentence), sentence


@pytest.mark.parametrize("change", [times(1), times(0.6), times(1.6), stored_as(lambda plane: plane + 0.015)])
def test_another_forest_or_season_is_not_refused(distribution, change):
    assert pixel_faults.fault(change(forest(2)), distribution) is None


def test_few_pixels_say_nothing_and_far_ones_are_flagged_one_by_one(distribution):
    few = {band: values[:50] * 10000 for band, values in forest(1).items()}
    assert pixel_faults.fault(few, distribution) is None
    pixels = forest(1)
    pixels["B03"][7] = 0.9
    assert np.flatnonzero(pixel_faults.outside(pixels, distribution)).tolist() == [7]
