import math

import numpy as np
import pytest

from rojsat.evaluation.metrics import Segmentation
from rojsat.page import beside_metrics, cells

SUMMARY = {
    "task": "segmentation",
    "without_image": {"constant": {"r2": -0.01}, "position": {"r2": 0.2}},
    "best_without_image": "position",
    "gain": {"metric": "r2", "against": "position", "value": 0.1, "low": 0.02, "high": 0.2, "regions": 9},
    "beats": True,
}


def text(row):
    return [f"{cell.text} {cell.published}".strip() for cell in row]


def test_a_run_stands_beside_the_best_predictor_without_an_image():
    assert text(beside_metrics.cells(SUMMARY)) == ["0.20 position in the box", "+0.10 0.02 to 0.20\nbetter"]
    few = SUMMARY | {"gain": {"metric": "r2", "against": "position", "value": -0.1, "regions": 1}, "beats": None}
    assert text(beside_metrics.cells(few))[1] == "-0.10 undecided"


def test_a_result_of_before_has_no_number_rather_than_one_that_nobody_evaluated():
    assert text(beside_metrics.cells({"test": {"r2": 0.1}})) == ["not kept", "not kept"]


def test_prevalence_follows_from_precision_recall_and_false_positive_rate():
    rng = np.random.default_rng(0)
    target = (rng.random((1, 40, 40)) < 0.3) * rng.random((1, 40, 40))
    segmentation = Segmentation(threshold=0.4)
    segmentation.update(rng.random((1, 40, 40)), target, np.ones(target.shape, bool))
    metrics = segmentation.compute()
    share = metrics.pop("prevalence")
    assert share == pytest.approx((target > 0).mean())
    assert beside_metrics.prevalence(metrics) == pytest.approx(share)
    assert beside_metrics.prevalence({"support_need": 3.0, "support_clear": 1.0}) == 0.75
    assert math.isnan(beside_metrics.prevalence({"precision": 1.0, "recall": 0.5, "false_positive_rate": 0.0}))
    assert math.isnan(beside_metrics.prevalence({"r2": 0.1}))


def test_a_cell_says_what_an_r2_below_zero_means():
    row = cells.cells({"r2": -0.297, "iou": 0.6}, ["r2", "iou", "f1"])
    assert text(row) == ["-0.30 worse than the mean", "0.60", "n/a"]
