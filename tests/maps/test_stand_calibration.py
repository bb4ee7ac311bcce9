import json

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import uniform_filter

from rojsat.evaluation import map_calibration
from rojsat.evaluation.report_files import Predictions
from rojsat.maps import stand_calibration

LEVEL = 0.9


def predictions(errors):
    """Regions whose target is 0.5 and whose prediction errs by (N, H, W)."""
    target = np.full(errors.shape, 0.5, np.float32)
    rows = pd.DataFrame({"region": [f"r{number}" for number in range(len(errors))]})
    known = np.ones(errors.shape, bool)
    return Predictions(rows, (target - errors).astype(np.float32), target, known, known)


def fields(count, seed):
    """Errors that are alike over some pixels, (N, 40, 40)."""
    rng = np.random.default_rng(seed)
    return uniform_filter(rng.normal(0, 0.6, (count, 40, 40)), (0, 6, 6), mode="wrap")


def test_of_regions_that_err_everywhere_alike_it_is_split_conformal_prediction_over_regions():
    errors = np.random.default_rng(0).uniform(-0.4, 0.4, 19)
    halves = stand_calibration.of(predictions(errors[:, None, None] * np.ones((1, 40, 40))), LEVEL)
    expected = map_calibration.half_width(errors.tolist(), LEVEL)
    assert list(halves) == ["9", "25", "100", "400", "1600"]
    assert list(halves.values()) == pytest.approx([expected] * 5, rel=1e-5)


@pytest.mark.parametrize("side", [5, 10, 20])
def test_squares_of_further_regions_lie_within_it_and_small_ones_err_more(side):
    halves = stand_calibration.of(predictions(fields(40, 1)), LEVEL)
    assert list(halves.values()) == sorted(halves.values(), reverse=True)
    means = fields(400, 2).reshape(400, 40 // side, side, 40 // side, side).mean(axis=(2, 4))
    assert 0.88 < (np.abs(means) <= halves[str(side**2)]).mean() < 0.97


def test_sizes_that_few_regions_have_are_left_out_and_a_stand_takes_the_next_smaller_one():
    made = predictions(fields(12, 3))
    made.known[4:, 15:] = False  # eight regions are too low for squares of 20 and 40 pixels
    halves = stand_calibration.of(made, LEVEL)
    assert list(halves) == ["9", "25", "100"]
    stored = json.loads(json.dumps(halves, sort_keys=True))  # as a model's files have it: "100" comes before "25"
    calibration = {"level": LEVEL, "regions": [0.1] * 12, stand_calibration.KEY: stored}
    for pixels, size in ((9, "9"), (24, "9"), (25, "25"), (5000, "100")):
        assert stand_calibration.half_width(calibration, pixels) == halves[size]
    assert stand_calibration.half_width(calibration, 8) is None
    assert stand_calibration.sizes(calibration)[-1] == (1.0, halves["100"])


def test_too_few_regions_promise_nothing_and_models_of_older_versions_have_errors_of_regions():
    assert stand_calibration.of(predictions(fields(8, 4)), LEVEL) == {}
    assert stand_calibration.half_width({"level": LEVEL, "regions": [0.1] * 8, "squares": {}}, 50) is None
    assert stand_calibration.half_width({"level": LEVEL, "regions": [0.1] * 9}, 50) == 0.1
