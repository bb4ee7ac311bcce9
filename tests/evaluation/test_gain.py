"""Against the best predictor without an image: planted predictions whose gain is known."""

import numpy as np
import pandas as pd
import pytest

from rojsat.evaluation import gain
from rojsat.evaluation.metrics import Classification, Segmentation
from rojsat.evaluation.report_files import Predictions


def pixels(noise, regions=12, seed=0):
    """Degrees of regions, and predictions that are off by normal noise of this deviation."""
    rng = np.random.default_rng(seed)
    target = np.clip(np.random.default_rng(9).normal(0.2, 0.3, (regions, 8, 8)), 0, 1).astype(np.float32)
    prediction = (target + rng.normal(0, noise, target.shape)).astype(np.float32)
    rows = pd.DataFrame({"region": [f"r{number}" for number in range(regions)]})
    return Predictions(rows, prediction, target, np.ones(target.shape, bool), np.ones(target.shape, bool))


def chips(wrong, regions=12):
    """Chips of which the first `wrong` are predicted wrong."""
    target = np.arange(regions) % 2
    predicted = np.where(np.arange(regions) < wrong, 1 - target, target)
    rows = pd.DataFrame({"region": [f"r{number}" for number in range(regions)]})
    return Predictions(rows, np.eye(2)[predicted], target, np.ones(regions, bool), np.ones(regions, bool))


def metrics(predictions, degree=True):
    accumulator = Classification() if predictions.prediction.ndim == 2 else Segmentation(0.1, degree=degree)
    accumulator.update(predictions.prediction, predictions.target, predictions.known)
    return accumulator.compute()


def compared(model, other, degree=True):
    values, least = metrics(model, degree), metrics(other, degree)
    task = "classification" if model.prediction.ndim == 2 else "segmentation"
    content = gain.gain(model, other, values, least, "constant")
    summary = {"task": task, "test": values, "without_image": {"constant": least}, "best_without_image": "constant"}
    return content, summary | {"gain": content.content(), "beats": content.beats}


@pytest.mark.parametrize(
    ("noise", "beats", "words"),
    [(0.1, True, "beats it"), (0.4, False, "does not beat it"), (0.2, None, "beat it")],
)
def test_a_gain_counts_where_its_interval_does_not_hold_0(noise, beats, words):
    content, summary = compared(pixels(noise), pixels(0.2, seed=1))
    assert content.beats is beats
    assert content.low < content.value < content.high
    assert content.value == pytest.approx(summary["test"]["r2"] - summary["without_image"]["constant"]["r2"])
    assert f"this run {words}" in gain.words(summary) or (beats is None and words in gain.words(summary))
    assert "over 12 regions" in gain.words(summary)
    assert set(summary["gain"]) == {"metric", "against", "value", "low", "high", "regions"}


def test_few_regions_have_no_interval_and_nothing_is_claimed():
    better, summary = compared(pixels(0.1, regions=4), pixels(0.3, regions=4, seed=1))
    assert (better.beats, set(summary["gain"])) == (None, {"metric", "against", "value", "regions"})
    assert "is not shown to beat it" in gain.words(summary)
    assert "4 regions, too few for an interval" in gain.words(summary)
    _, worse = compared(pixels(0.3, regions=1), pixels(0.1, regions=1, seed=1))
    assert "does not beat it" in gain.words(worse)
    assert "1 region, too few" in gain.words(worse)


def test_classes_are_compared_by_accuracy_and_probabilities_by_overlap():
    content, summary = compared(chips(1), chips(9))
    assert (content.metric, content.beats) == ("accuracy", True)
    assert content.value == pytest.approx(8 / 12)
    assert "(the majority)" in gain.words(summary)
    content, summary = compared(pixels(0.05), pixels(0.5, seed=1), degree=False)
    assert content.metric == "iou"
    assert content.value > 0


def test_a_run_worse_than_the_mean_is_called_so():
    _, summary = compared(pixels(1), pixels(0.1, seed=1))
    assert "(worse than the mean)" in gain.words(summary)


def test_the_best_predictor_is_never_one_without_a_value():
    values = {"constant": {"r2": np.nan}, "all_need": {"r2": -9.0}, "position": {"r2": -0.1}}
    assert gain.best(values, "r2") == "position"
    assert gain.best({"constant": {"r2": np.nan}}, "r2") == "constant"


def test_a_report_of_before_has_no_words():
    assert gain.words({"task": "segmentation", "test": {"r2": 0.1}}) == ""
