import json

import numpy as np
import pandas as pd
import pytest

from rojsat.evaluation import conformal, map_calibration
from rojsat.evaluation.report_files import Predictions


def predictions(errors):
    """A region an error: degree 0.4 everywhere, target that much more; one pixel of each is not known."""
    shape = (len(errors), 5, 5)
    degree, known = np.full(shape, 0.4, np.float32), np.ones(shape, bool)
    known[:, 0, 0] = False
    target = degree + np.array(errors, np.float32)[:, None, None]
    target[~known] = -1
    rows = pd.DataFrame({"region": [f"r{number:02}" for number in range(len(errors))]})
    return Predictions(rows, degree, target, known, np.ones(shape, bool))


def test_errors_of_regions_and_intervals_of_pixels_survive_json():
    errors = np.linspace(-0.2, 0.2, 12)
    content = json.loads(json.dumps(map_calibration.of(predictions(errors))))
    np.testing.assert_allclose(content["regions"], errors, atol=1e-6)
    low, high = map_calibration.of_pixels(content).intervals(np.full((2, 2), 0.4, np.float32))
    assert low.shape == (2, 2) and low.dtype == np.float32
    assert (low <= 0.4 - 0.15).all() and (high >= 0.4 + 0.15).all() and (high - low < 0.5).all()


def test_few_regions_promise_nothing():
    content = map_calibration.of(predictions([0.1] * 8))
    assert map_calibration.of_pixels(content) is None
    assert map_calibration.half_width(content["regions"], conformal.LEVEL) is None
    assert map_calibration.of(predictions([]))["regions"] == []


@pytest.mark.parametrize("count", [9, 19, 40])
def test_a_further_region_is_covered_as_often_as_promised(count):
    rng, covered = np.random.default_rng(count), []
    for _ in range(2000):
        *errors, further = rng.normal(0, 0.1, count + 1)
        covered.append(abs(further) <= map_calibration.half_width(errors, 0.9))
    assert 0.88 <= np.mean(covered) <= 0.9 + 1 / (count + 1) + 0.02
    assert count >= map_calibration.least_regions(0.9) == 9
