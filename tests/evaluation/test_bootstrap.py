import numpy as np
import pandas as pd
import pytest

from rojsat.evaluation import bootstrap
from rojsat.evaluation.bootstrap import Losses
from rojsat.evaluation.report_files import Predictions


def predictions(regions, prediction, target):
    known = target >= 0
    return Predictions(pd.DataFrame({"region": regions}), prediction, target, known, np.ones(prediction.shape, bool))


def lost(total):
    names = tuple(str(number) for number in range(len(total)))
    return Losses(names, np.array(total, float), np.full(len(total), 10.0))


def test_losses_are_summed_over_the_known_pixels_of_a_region():
    target = np.array([[[0.0, 1.0]], [[1.0, -1.0]], [[-1.0, -1.0]]])
    prediction = np.array([[[0.5, 1.0]], [[0.0, 9.0]], [[9.0, 9.0]]], np.float32)
    losses = bootstrap.losses(predictions(["b", "a", "c"], prediction, target))
    assert losses.regions == ("a", "b")
    assert losses.total.tolist() == [1.0, 0.25]
    assert losses.count.tolist() == [1, 2]


def test_losses_of_classes_are_wrong_chips():
    prediction = np.array([[0.9, 0.1], [0.2, 0.8], [0.9, 0.1]], np.float32)
    target, known = np.array([0, 0, 1]), np.array([True, True, False])
    rows = pd.DataFrame({"region": ["a", "a", "b"]})
    losses = bootstrap.losses(Predictions(rows, prediction, target, known, known))
    assert (losses.regions, losses.total.tolist(), losses.count.tolist()) == (("a",), [1.0], [2.0])


def test_better_in_every_region_is_better():
    verdict = bootstrap.paired(lost([1, 2, 1, 2, 1, 2]), lost([2, 3, 2, 3, 2, 3]))
    assert verdict.is_better
    assert verdict.gain == verdict.low == verdict.high == pytest.approx(0.1)


def test_better_in_one_region_alone_is_not_shown_to_be_better():
    verdict = bootstrap.paired(lost([1, 5, 5, 5, 5, 5]), lost([9, 5, 5, 5, 5, 5]))
    assert verdict.gain > 0
    assert verdict.low == 0
    assert not verdict.is_better


def test_few_regions_are_no_evidence():
    verdict = bootstrap.paired(lost([1, 1]), lost([9, 9]))
    assert verdict.low > 0
    assert not verdict.is_better


def test_the_interval_follows_from_the_seed_and_holds_the_gain():
    rng = np.random.default_rng(3)
    new, old = lost(rng.random(30)), lost(rng.random(30) + 0.1)
    verdict = bootstrap.paired(new, old)
    assert verdict == bootstrap.paired(new, old)
    assert verdict != bootstrap.paired(new, old, seed=1)
    assert verdict.low < verdict.gain < verdict.high


def test_the_interval_is_as_wide_as_theory_says():
    rng = np.random.default_rng(4)
    old = rng.normal(5, 1, 200)
    verdict = bootstrap.paired(lost(old - rng.normal(1, 2, 200)), lost(old))
    assert verdict.high - verdict.low == pytest.approx(2 * 1.96 * 0.2 / 200**0.5, rel=0.1)  # losses of 10 pixels


def test_other_pixels_cannot_be_compared():
    other = Losses(("0", "1"), np.ones(2), np.array([10.0, 11.0]))
    with pytest.raises(ValueError, match="same pixels"):
        bootstrap.paired(lost([1, 1]), other)
