from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from rojsat.evaluation import region_moments
from rojsat.evaluation.metrics import Classification, Segmentation
from rojsat.evaluation.report_files import Predictions

REGIONS = ("a", "b", "b", "c", "a", "d", "e", "e")


def pixels(seed=0, shape=(8, 20, 25), regions=REGIONS):
    rng = np.random.default_rng(seed)
    target = np.clip(rng.normal(0.1, 0.5, shape), 0, 1).astype(np.float32)
    prediction = np.clip(0.2 + 0.4 * target + rng.normal(0, 0.15, shape), -0.1, 1.2).astype(np.float32)
    known = rng.random(shape) < 0.7
    known[np.array(regions) == "d"] = False
    return Predictions(pd.DataFrame({"region": regions}), prediction, target, known, known)


def samples(seed=0, count=40):
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({"region": rng.integers(0, 7, count)})
    known = rng.random(count) < 0.8
    return Predictions(rows, rng.random((count, 2)).astype(np.float32), rng.integers(0, 2, count), known, known)


def evaluated(accumulator, predictions, weights=None):
    times = np.ones(len(predictions.rows), int) if weights is None else weights
    chosen = np.repeat(np.arange(len(predictions.rows)), times)
    arrays = (predictions.prediction, predictions.target, predictions.known)
    accumulator.update(*(array[chosen] for array in arrays))
    return accumulator.compute()


def test_a_row_a_region_with_a_known_pixel():
    moments = region_moments.of_predictions(pixels())
    assert moments.index.tolist() == ["a", "b", "c", "e"]
    assert moments.index.name == "region"
    assert (moments.dtypes == np.float64).all()
    assert region_moments.counts(moments).sum() == pixels().known.sum()


@pytest.mark.parametrize("times", [(1, 1, 1, 1), (2, 0, 3, 1)])
def test_metrics_of_a_draw_are_those_of_its_pixels(times):
    predictions = pixels()
    moments = region_moments.of_predictions(predictions, 0.3)
    by_region = dict(zip(moments.index, times, strict=True)) | {"d": 1}
    expected = evaluated(Segmentation(0.3), predictions, [by_region[region] for region in REGIONS])
    for name in set(region_moments.names(moments)) & set(expected) - {"spearman"}:
        assert region_moments.of_draws(moments, np.array([times], float), name)[0] == pytest.approx(expected[name])
    assert region_moments.of_draws(moments, np.array([times], float), "spearman")[0] == pytest.approx(
        expected["spearman"], abs=0.01
    )


def test_bias_and_prevalence_are_means_over_the_known_pixels():
    predictions, moments = pixels(), region_moments.of_predictions(pixels())
    metrics = region_moments.metrics(moments)
    target, prediction = predictions.target[predictions.known], predictions.prediction[predictions.known]
    assert metrics["prevalence"] == pytest.approx((target > 0).mean())
    assert metrics["bias"] == pytest.approx(float((prediction.astype(float) - target).mean()))


@pytest.mark.parametrize(("deviation", "tolerance"), [(0.1, 0.01), (0.03, 0.02)])
@pytest.mark.parametrize("noise", [0.3, 1, 3])
def test_spearman_of_the_bins_is_close_to_that_of_the_pixels(deviation, tolerance, noise):
    rng = np.random.default_rng(1)
    target = np.round(np.clip(rng.normal(0.05, 0.5, 50_000), 0, 1), 2)
    score = (target - target.mean()) / target.std() + noise * rng.normal(size=target.size)
    prediction = 0.3 + deviation * score / score.std()
    known = np.ones((1, 1, target.size), bool)
    predictions = Predictions(pd.DataFrame({"region": ["a"]}), prediction[None, None], target[None, None], known, known)
    spearman = region_moments.metrics(region_moments.of_predictions(predictions))["spearman"]
    assert spearman == pytest.approx(stats.spearmanr(prediction, target).statistic, abs=tolerance)


def test_what_is_not_defined_is_nan():
    predictions = pixels()
    constant = Predictions(
        predictions.rows,
        np.full_like(predictions.prediction, 0.2),
        np.zeros_like(predictions.target),
        predictions.known,
        predictions.seen,
    )
    metrics = region_moments.metrics(region_moments.of_predictions(constant))
    assert {name for name, value in metrics.items() if np.isnan(value)} == {
        "r2",
        "spearman",
        "iou",
        "f1",
        "precision",
    } | {"recall"}


def test_a_probability_has_no_error():
    moments = region_moments.of_predictions(pixels(), degree=False)
    assert "r2" not in region_moments.names(moments)
    with pytest.raises(ValueError, match="no r2 of these moments; it is one of: spearman, iou"):
        region_moments.of_draws(moments, np.ones((1, len(moments))), "r2")


def test_metrics_of_classes_are_those_of_the_samples():
    metrics = region_moments.metrics(region_moments.of_predictions(samples()))
    expected = evaluated(Classification(), samples())
    assert metrics["accuracy"] == pytest.approx(expected["accuracy"])
    assert metrics["f1_macro"] == pytest.approx(expected["f1_macro"])
    assert metrics["kappa"] == pytest.approx(expected["kappa"])
    assert metrics["prevalence"] == pytest.approx(samples().target[samples().known].mean())


def test_nothing_known_is_an_error():
    predictions = pixels()
    unknown = np.zeros_like(predictions.known)
    with pytest.raises(ValueError, match="no region has a known pixel"):
        region_moments.of_predictions(
            Predictions(predictions.rows, predictions.prediction, predictions.target, unknown, unknown)
        )


@pytest.mark.parametrize("predictions", [pixels, samples])
def test_a_file_keeps_every_bit(tmp_path, predictions):
    moments = {seed: region_moments.of_predictions(predictions(seed)) for seed in (0, 3)}
    region_moments.write(tmp_path / "moments.csv", moments)
    read = region_moments.read(tmp_path / "moments.csv")
    assert list(read) == [0, 3]
    for seed in read:
        pd.testing.assert_frame_equal(read[seed], moments[seed], check_exact=True)


def test_folds_are_added_up():
    moments = region_moments.of_predictions(pixels())
    doubled = region_moments.added([moments, moments.iloc[1:]])
    assert doubled["count"].tolist() == (moments["count"] * [1, 2, 2, 2]).tolist()


def test_parts_of_one_stand_are_one_region_of_a_draw():
    apart = pixels()
    owners = apart.rows["region"].replace({"a": "a_b", "b": "a_b"})
    stands = replace(apart, rows=apart.rows.assign(part_of=owners))
    together = region_moments.of_predictions(stands)
    assert together.index.tolist() == ["a_b", "c", "e"]
    expected = region_moments.of_predictions(replace(apart, rows=owners.to_frame("region")))
    pd.testing.assert_frame_equal(together, expected)
    metrics = (region_moments.metrics(each) for each in (together, region_moments.of_predictions(apart)))
    assert next(metrics) == pytest.approx(next(metrics), rel=1e-6)
