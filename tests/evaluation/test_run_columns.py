import math

import pytest

from rojsat.evaluation import run_columns


def test_regions_are_named_up_to_three_and_counted_beyond():
    assert run_columns.tested_on(["6"], "segmentation") == "region 6"
    assert run_columns.tested_on(["6", "7", "8"], "segmentation") == "regions 6, 7, 8"
    assert run_columns.tested_on(["1", "2", "3", "4"], "segmentation") == "4 regions"
    assert run_columns.tested_on([str(number) for number in range(40)], "classification") == "40 stands"


def test_skill_of_a_degree_is_against_the_mean_of_training_and_iou_against_need_everywhere():
    constant = {"constant": {"mse": 0.08}, "all_need": {"mse": 0.6}}
    summary = {"test": {"mse": 0.06, "iou": 0.7, "prevalence": 0.64}, "without_image": constant}
    above = run_columns.above_baselines(summary)
    assert above == pytest.approx({"skill": 0.25, "iou_above_prevalence": 0.06})
    summary["test"]["mse"] = 0.08
    assert run_columns.above_baselines(summary)["skill"] == 0


def test_skill_of_stands_is_against_the_majority():
    summary = {"test": {"accuracy": 0.8}, "without_image": {"constant": {"accuracy": 0.6}}}
    assert run_columns.above_baselines(summary) == pytest.approx({"skill": 0.5})
    summary["without_image"]["constant"]["accuracy"] = 1.0
    assert math.isnan(run_columns.above_baselines(summary)["skill"])


def test_a_probability_has_no_skill():
    summary = {"test": {"iou": 0.5, "prevalence": 0.6}, "without_image": {"constant": {"iou": 0.6}}}
    assert run_columns.above_baselines(summary) == pytest.approx({"iou_above_prevalence": -0.1})


def test_values_keep_four_digits():
    assert run_columns.rounded({"a": -38.81234, "b": 0.000123456}) == {"a": -38.81, "b": 0.0001235}


def test_a_version_has_its_metrics_beside_those_of_predictors_without_an_image():
    scores = {"rmse": 0.2, "mse": 0.04, "r2": 0.5, "iou": 0.7, "prevalence": 0.6}
    constant = {"rmse": 0.3, "mse": 0.08, "r2": -0.01, "iou": 0.6, "prevalence": 0.6}
    summary = {"task": "segmentation", "test": scores, "without_image": {"constant": constant}, "beats": None}
    summary |= {"gain": {"value": 0.51}, "controls": {"false_positive_rate": 0.123456}}
    assert run_columns.of_version(summary) == {
        "test": "skill 0.5, iou above prevalence 0.1, RMSE 0.2, R² 0.5, IoU 0.7, prevalence 0.6, "
        "false positives on control areas 0.1235",
        "beats": "is not shown to beat the best predictor without an image",
        "without image": "the mean of training: RMSE 0.3, R² -0.01, IoU 0.6",
    }
