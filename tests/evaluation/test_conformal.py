import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rojsat.evaluation import conformal
from rojsat.evaluation.report_files import Predictions


def with_quantiles(predictions, width=0.05):
    """The same with quantiles around each prediction, further apart the larger it is."""
    return {
        name: replace(fold, lower=fold.prediction - far, upper=fold.prediction + far)
        for name, fold in predictions.items()
        for far in [width * (0.5 + fold.prediction)]
    }


def folds(regions, count=3, seed=0, skill=1.0):
    """Predictions of `count` folds, dealt with regions in turn; each region has two chips, a fifth of it unknown."""
    rng, content = np.random.default_rng(seed), {}
    for number in range(count):
        names = np.repeat([str(region) for region in range(number, regions, count)], 2)
        target = np.clip(rng.beta(1, 1, (len(names), 6, 5)) * rng.uniform(0.7, 1, (len(names), 1, 1)), 0, 1)
        error = rng.normal(0, 0.05, target.shape)
        prediction = skill * target + (1 - skill) * 0.5 + error
        known = rng.random(target.shape) < 0.8
        rows = pd.DataFrame({"region": names})
        arrays = (np.where(known, array, -1).astype(np.float32) for array in (prediction, target))
        content[f"fold{number}"] = Predictions(rows, *arrays, known, np.ones_like(known))
    return content


def test_a_summary_is_json_and_its_means_are_those_of_its_regions():
    predictions = folds(24)
    content = conformal.summarise(predictions)
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    by_region = pd.DataFrame(content["by_region"]).T
    assert list(by_region.index) == sorted(map(str, range(24)))
    assert content["coverage"] == pytest.approx(by_region["coverage"].mean())
    assert content["width"] == pytest.approx(by_region["width"].mean())
    assert content["within"] == by_region["coverage"].between(0.85, 0.95).sum()
    assert by_region["count"].sum() == sum(int(fold.known.sum()) for fold in predictions.values())
    assert content["coverage"] > 0.88
    assert content["width"] < content["without_image"]["width"] / 2
    assert "24 regions between 85% and 95%" in content["text"] and "narrower than without an image" in content["text"]


def test_a_prediction_that_knows_nothing_is_not_narrower_than_none():
    content = conformal.summarise(folds(24, skill=0.0))
    assert content["width"] == pytest.approx(content["without_image"]["width"], abs=0.1)


def test_unknown_pixels_and_the_order_of_folds_change_nothing():
    predictions = folds(12)
    content = conformal.summarise(predictions)
    for fold in predictions.values():
        fold.prediction[~fold.known] = 7
        fold.target[~fold.known] = np.nan
    again = conformal.summarise(dict(reversed(predictions.items())))
    assert again["by_region"] == content["by_region"]


def test_too_few_regions_promise_nothing_in_words():
    content = conformal.summarise(folds(9))
    assert not content["possible"]
    assert content["coverage"] == content["width"] == 1
    assert "9 regions are too few" in content["text"] and "10 regions are the least" in content["text"]
    assert [row["level"] for row in content["reliability"]] == [0.5, 0.6, 0.7, 0.8]


def test_reliability_rises_with_the_level_and_risk_with_the_share():
    rng = np.random.default_rng(1)
    predictions = folds(20)
    for fold in predictions.values():  # large errors only of large predictions
        fold.prediction[:] = rng.uniform(0.2, 0.8, fold.target.shape)
        noise = rng.normal(0, np.where(fold.prediction > 0.5, 0.2, 0.03))
        fold.target[:] = np.clip(fold.prediction + noise, 0, 1)
    content = conformal.summarise(predictions)
    coverage = [row["coverage"] for row in content["reliability"]]
    assert coverage == sorted(coverage)
    assert all(row["level"] - 0.02 < row["coverage"] < row["level"] + 0.08 for row in content["reliability"])
    curve = content["risk_coverage"]
    assert curve[-1]["share"] == pytest.approx(1)
    assert [row["share"] for row in curve] == sorted(row["share"] for row in curve)
    assert curve[0]["rmse"] < curve[-1]["rmse"] / 2


def test_quantiles_get_intervals_of_their_own_beside_those_by_the_degree():
    plain = conformal.summarise(folds(24))
    content = conformal.summarise(with_quantiles(folds(24)))
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    quantiles = content.pop("quantiles")
    assert content.pop("text").startswith(plain.pop("text")) and content == plain
    by_region = pd.DataFrame(quantiles["by_region"]).T
    assert quantiles["coverage"] == pytest.approx(by_region["coverage"].mean())
    assert quantiles["within"] == by_region["coverage"].between(0.85, 0.95).sum()
    assert quantiles["uncalibrated"]["coverage"] < 0.85 < quantiles["coverage"]
    assert len(quantiles["reliability"]) == len(plain["reliability"])
    rows = pd.DataFrame(quantiles["by_width"])
    assert list(rows["part"]) == ["narrow", "middle", "wide"] and rows["width"].is_monotonic_increasing
    assert rows["coverage"].mean() == pytest.approx(quantiles["coverage"], abs=0.01)
    assert rows["coverage_by_degree"].mean() == pytest.approx(plain["coverage"], abs=0.01)


def test_quantiles_of_too_few_regions_promise_nothing_either():
    content = conformal.summarise(with_quantiles(folds(9)))
    quantiles = content["quantiles"]
    assert quantiles["width"] == 1 and len(quantiles["risk_coverage"]) > 5
    assert np.mean([row["coverage_uncalibrated"] for row in quantiles["by_width"]]) == pytest.approx(
        quantiles["uncalibrated"]["coverage"], abs=0.02
    )
    assert "9 regions are too few" in content["text"] and "promises nothing either" in content["text"]


def test_classes_get_sets():
    rows = pd.DataFrame({"region": list(map(str, range(20)))})
    known = np.ones(20, bool)
    fold = Predictions(rows, np.tile(np.float32([0.9, 0.1]), (20, 1)), np.zeros(20, np.int64), known, known)
    assert conformal.summarise({"all": fold})["single"] == 1


def test_classes_and_folds_without_known_pixels_are_refused():
    predictions = folds(12)
    classes = Predictions(pd.DataFrame({"region": ["1"]}), np.zeros((1, 2)), np.zeros(1), np.ones(1, bool), np.ones(1))
    with pytest.raises(ValueError, match="fold last predicts 2 axes"):
        conformal.summarise(predictions | {"last": classes})
    for fold in predictions.values():
        fold.known[:] = False
    with pytest.raises(ValueError, match="no pixel of any fold is known"):
        conformal.summarise(predictions)
