import numpy as np
import pytest

from rojsat.config import metric_names
from rojsat.evaluation.metrics import Classification, Segmentation


@pytest.mark.parametrize("task, metrics", [("segmentation", Segmentation()), ("classification", Classification())])
def test_what_is_looked_at_is_computed_and_has_a_label(task, metrics):
    looked_at = {*metric_names.HEADLINE[task], *metric_names.DETAILS[task], *metric_names.FEW[task]}
    assert looked_at <= set(metrics.compute()) & set(metric_names.METRICS)


def test_every_metric_of_segmentation_has_a_label():
    assert set(Segmentation().compute()) <= set(metric_names.METRICS)


def test_axes_name_the_unit_where_there_is_one():
    assert metric_names.axis("masked_mse") == "masked MSE (degree²)"
    assert metric_names.axis("iou") == "IoU"
    assert metric_names.axis("soft_iou") == "soft_iou"


def test_a_value_that_is_not_defined_is_not_available():
    assert (metric_names.text(0.12345), metric_names.text(np.nan)) == ("0.123", "n/a")


@pytest.mark.parametrize(
    "name, value, words", [("r2", -0.001, "worse than the mean"), ("r2", 0.0, ""), ("r2", np.nan, ""), ("iou", -1, "")]
)
def test_no_r2_below_0_stands_without_its_meaning(name, value, words):
    assert metric_names.worse_than_the_mean(name, value) == words
