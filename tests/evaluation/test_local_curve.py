import numpy as np
import pytest

from rojsat.evaluation import local_curve, region_moments
from rojsat.evaluation.local_curve import LOCAL, MODEL, CurveInput
from tests.evaluation.test_group_intervals import moments


def curve_of(folds, skills=((0, 0.6), (5, 0.62), (20, 0.9))):
    """A model whose skill grows with the local labels, two draws at each number above 0."""
    stands = moments(0.5, stands=24)
    need = local_curve.of_choices(stands, dict.fromkeys(stands.index, 1))
    by_count = {
        count: {
            MODEL: [moments(skill, stands=24, seed=draw) for draw in range(2 if count else 1)],
            LOCAL: [need] * (2 if count else 1),
            "constant": [need] * (2 if count else 1),
        }
        for count, skill in skills
    }
    of_stands = {name: str(number % folds) for number, name in enumerate(stands.index)}
    return local_curve.content(CurveInput(by_count, of_stands, draws=2, seeds=1))


@pytest.mark.parametrize(("folds", "over"), [(3, "stands"), (8, "folds and draws")])
def test_the_curve_says_from_which_number_on_local_labels_help(folds, over):
    curve = curve_of(folds)
    assert (curve["counts"], curve["folds"], curve["interval_over"]) == ([0, 5, 20], folds, over)
    accuracies = [point["metrics"][MODEL]["accuracy"]["value"] for point in curve["points"]]
    assert accuracies == pytest.approx([0.6, 0.62, 0.9], abs=0.05)
    assert [point["gain"].get("is_positive") for point in curve["points"]] == [None, None, True]
    assert curve["points"][2]["gain"]["value"] == pytest.approx(accuracies[2] - accuracies[0])
    assert [point["metrics"]["constant"]["kappa"]["value"] for point in curve["points"]] == [0, 0, 0]
    assert curve["points"][2]["above_it"]["value"] == pytest.approx(accuracies[2] - 0.5)
    text = local_curve.text(curve, "reports/x")
    assert "20 local stands are the fewest that are shown to help" in text
    assert "accuracy 0.71, kappa 0.38" in text and "accuracy 0.83 to 0.95" in text
    assert ("too few to speak of other ground" in text) == (folds < 5)
    rows = local_curve.rows(curve)
    assert len(rows) == 9 and rows[-3]["gain"] == curve["points"][2]["gain"]["value"]


def test_labels_that_help_nobody_are_not_shown_to_help():
    text = local_curve.text(curve_of(8, ((0, 0.7), (5, 0.7))), "reports/x")
    assert "No number of local stands is shown to help" in text


def test_one_class_for_a_stand_keeps_its_true_counts():
    table = moments(0.8)
    chosen = local_curve.of_choices(table, {name: number % 2 for number, name in enumerate(table.index)})
    np.testing.assert_array_equal(region_moments.counts(chosen), region_moments.counts(table))
    assert chosen.iloc[0].tolist() == [5, 0, 5, 0] and chosen.iloc[1].tolist() == [0, 5, 0, 5]


@pytest.mark.parametrize(("labels", "majority"), [([], 1), ([0], 0), ([0, 1], 1), ([0, 0, 1], 0), ([1], 1)])
def test_a_majority_that_is_none_is_that_of_training(labels, majority):
    assert local_curve.majority(labels, otherwise=1) == majority
