import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as some
from scipy import stats
from sklearn import metrics as sklearn

from rojsat.evaluation.metrics import Classification, NonFiniteError, Segmentation, controls

GARBAGE = (float("nan"), -1.0, 1e9)
SHAPE = (2, 5, 4)
QUICK = settings(deadline=None, max_examples=30)


def evaluate(prediction, target, known, batches=1):
    accumulator = Segmentation(0.5)
    for chosen in np.array_split(np.arange(len(prediction)), batches):
        accumulator.update(prediction[chosen], target[chosen], known[chosen])
    return accumulator.compute()


def case(seed=0, shape=SHAPE):
    rng = np.random.default_rng(seed)
    target = np.clip(rng.normal(0.2, 0.5, shape), 0, 1).astype(np.float32)
    return rng.random(shape).astype(np.float32), target, rng.random(shape) < 0.7


def test_known_answers_on_four_pixels():
    prediction = np.array([[[0.9, 0.2, 0.8, 0.1]]])
    target = np.array([[[1.0, 0.0, 0.0, 0.5]]])
    metrics = evaluate(prediction, target, np.ones((1, 1, 4), bool))
    assert metrics["mse"] == pytest.approx((0.01 + 0.04 + 0.64 + 0.16) / 4)
    assert metrics["mae"] == pytest.approx((0.1 + 0.2 + 0.8 + 0.4) / 4)
    assert metrics["prevalence"] == 0.5
    assert metrics["iou"] == pytest.approx(1 / 3)  # one true positive, one false positive, one false negative
    assert (
        metrics["f1"]
        == metrics["precision"]
        == metrics["recall"]
        == metrics["false_positive_rate"]
        == pytest.approx(0.5)
    )


@QUICK
@given(st.integers(0, 10**6))
def test_they_agree_with_scikit_learn_and_scipy(seed):
    prediction, target, known = case(seed)
    metrics, p, t = evaluate(prediction, target, known), prediction[known].astype(float), target[known].astype(float)
    assert metrics["r2"] == pytest.approx(sklearn.r2_score(t, p))
    assert metrics["rmse"] == pytest.approx(sklearn.root_mean_squared_error(t, p))
    assert metrics["spearman"] == pytest.approx(stats.spearmanr(p, t).statistic)
    assert metrics["iou"] == pytest.approx(sklearn.jaccard_score(t > 0, p > 0.5))
    assert metrics["f1"] == pytest.approx(sklearn.f1_score(t > 0, p > 0.5))


def test_need_everywhere_has_the_prevalence_as_iou():
    _, target, known = case()
    metrics = evaluate(np.ones_like(target), target, known)
    assert metrics["iou"] == metrics["prevalence"] == pytest.approx(np.mean(target[known] > 0))


def test_batches_are_the_same_as_all_at_once_bit_for_bit():
    prediction, target, known = case(shape=(7, 5, 4))
    assert evaluate(prediction, target, known, batches=3) == evaluate(prediction, target, known)


@QUICK
@given(some.arrays(np.bool_, SHAPE), some.arrays(np.float64, SHAPE, elements=st.sampled_from(GARBAGE)), st.booleans())
def test_unknown_pixels_change_no_bit_of_any_metric(known, garbage, in_prediction):
    prediction, target, _ = case()
    corrupted = np.where(known, target, garbage)
    guessed = np.where(known, prediction, garbage) if in_prediction else prediction
    np.testing.assert_equal(evaluate(guessed, corrupted, known), evaluate(prediction, target.astype(float), known))


def test_nothing_known_is_not_a_number_and_has_all_names():
    prediction, target, known = case()
    metrics = evaluate(prediction, target, np.zeros_like(known))
    assert all(np.isnan(value) for value in metrics.values())
    assert list(metrics) == list(evaluate(prediction, target, known)) == list(Segmentation().compute())


@QUICK
@given(st.integers(0, 10**6), st.sampled_from(GARBAGE[1:]))
def test_classification_is_the_report_of_scikit_learn_and_skips_the_unknown(seed, garbage):
    rng = np.random.default_rng(seed)
    scores, target = rng.random((30, 2)), rng.integers(0, 2, 30)
    known = rng.random(30) < 0.8
    known[0] = True
    accumulator = Classification(("clear", "need"))
    accumulator.update(scores, np.where(known, target, int(garbage)), known)
    metrics, guess = accumulator.compute(), scores.argmax(axis=1)
    report = sklearn.classification_report(
        target[known], guess[known], labels=[0, 1], target_names=["clear", "need"], output_dict=True, zero_division=0
    )
    assert metrics["accuracy"] == pytest.approx(np.mean(target[known] == guess[known]))
    chance = sklearn.cohen_kappa_score(target[known], guess[known], labels=[0, 1])
    np.testing.assert_allclose(metrics["kappa"], chance)
    for name in ("precision", "recall", "f1"):
        key = "f1-score" if name == "f1" else name
        for label in ("clear", "need"):
            assert metrics[f"{name}_{label}"] == pytest.approx(report[label][key])
        assert metrics[f"{name}_macro"] == pytest.approx(report["macro avg"][key])
        assert metrics[f"{name}_weighted"] == pytest.approx(report["weighted avg"][key])
    assert metrics["support_need"] == report["need"]["support"]
    assert metrics["prevalence"] == pytest.approx(np.mean(target[known] == 1))
    confusion = sklearn.confusion_matrix(target[known], guess[known], labels=[0, 1])
    np.testing.assert_array_equal(accumulator.confusion(), confusion)


def test_a_probability_has_ranks_and_overlap_but_no_error():
    prediction, target, known = case()
    accumulator = Segmentation(0.5, degree=False)
    accumulator.update(prediction, target, known)
    of_degrees = evaluate(prediction, target, known)
    assert accumulator.compute() == {
        name: of_degrees[name] for name in of_degrees if name not in ("mse", "rmse", "mae", "r2")
    }


def test_controls_count_what_is_seen_by_label():
    prediction = np.array([[[0.9, 0.0]], [[0.2, np.nan]], [[0.0, 0.6]], [[1.0, 1.0]]])
    seen = np.array([[[True, True]], [[True, False]], [[True, True]], [[True, True]]])
    shares = controls(prediction, seen, ["need", "housing", "clear", None], 0.1)
    assert shares["false_positive_rate"] == pytest.approx(2 / 3)
    assert shares["need"] == {"false_positive_rate": 0.5, "mean": 0.45}
    assert shares["housing"] == {"false_positive_rate": 1.0, "mean": pytest.approx(0.2)}
    assert shares["clear"] == {"false_positive_rate": 0.5, "mean": pytest.approx(0.3)}


def test_controls_of_which_nothing_is_seen_have_no_share():
    shares = controls(np.ones((1, 2, 2)), np.zeros((1, 2, 2), bool), ["need"], 0.1)
    assert np.isnan([shares["false_positive_rate"], *shares["need"].values()]).all()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_no_class_and_no_degree(value):
    scores, degree = np.array([[0.2, 0.8], [value, 0.5]], np.float32), np.array([[[0.5, value]]], np.float32)
    labels, known = np.array([1, 0]), np.array([True, True])
    with pytest.raises(NonFiniteError, match="0.25 of the predictions are NaN or infinite"):
        Classification().update(scores, labels, known)
    with pytest.raises(NonFiniteError, match=r"0\.5 of"):
        Segmentation().update(degree, np.zeros_like(degree), np.ones(degree.shape, bool))
    with pytest.raises(NonFiniteError, match=r"0\.5 of"):
        controls(degree, np.ones(degree.shape, bool), ["housing"], 0.1)
    Classification().update(scores, labels, np.array([True, False]))  # where nothing is known, anything may stand
