"""The heat that becomes degree 1."""

import json

import numpy as np
import pytest

from rojsat.chips import degree_scale
from rojsat.chips.degree_scale import StoredHeat, of_training, stored_heat

HEAT = StoredHeat(percentile=50, zeros=False, threshold=40.0, unit="points a pixel")


def mask(*values):
    return np.array([values], np.float32)


def test_the_percentile_is_of_all_known_pixels_of_the_regions_given():
    scale = of_training(HEAT, {"b": mask(-1, 0, 3), "a": mask(1, 2, -1)})
    assert scale.factor == 2  # the median of 1, 2, 3
    assert scale.regions == ("a", "b")
    with_zeros = of_training(StoredHeat(50, True, 40.0, "points a pixel"), {"b": mask(-1, 0, 3), "a": mask(1, 2, -1)})
    assert with_zeros.factor == 1.5
    assert of_training(HEAT, {"a": mask(4, 8, 12)}).factor == 8


def test_heat_is_cut_at_the_limit_and_divided_by_it():
    np.testing.assert_array_equal(degree_scale.degrees(mask(-1, 0, 1, 2, 5), 2.0), mask(-1, 0, 0.5, 1, 1))
    assert degree_scale.degrees(mask(1), 2.0).dtype == np.float32


@pytest.mark.parametrize("masks", [{}, {"a": mask(-1, -1)}, {"a": mask(0, 0)}])
def test_regions_without_heat_scale_nothing(masks):
    with pytest.raises(ValueError, match="50 percentile of the heat of the . training regions is 0: set .*zeros"):
        of_training(HEAT, masks)


def test_facts_say_what_degree_1_is():
    facts = of_training(HEAT, {"a": mask(4, 8, 12)}).facts()
    assert json.loads(json.dumps(facts)) == {
        "scale": "training_regions",
        "regions": 1,
        "percentile": 50,
        "factor": 8.0,
        "threshold": 320.0,
        "unit": "points a pixel",
    }
    assert degree_scale.words(facts).startswith("Degree 1 is 320 points a pixel, the 50th percentile of the 1 training")
    assert stored_heat({"unscaled": HEAT.facts()}) == HEAT
    assert stored_heat({}) is None
