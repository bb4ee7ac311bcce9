"""The first screen: its sentences follow from the numbers, and say the opposite where those do."""

import dataclasses

import pytest

from rojsat.figures.interval_bars import Bar
from rojsat.page.evaluation_report import Estimate
from rojsat.page.new_ground import NewGround
from rojsat.page.sections import opening
from rojsat.page.split_comparisons import SplitComparison

GROUND = NewGround(
    best="boosting",
    r2=Estimate(0.2, 0.16, 0.24),
    blind="position in the box",
    blind_r2=0.1,
    gain=Estimate(0.1, 0.05, 0.15),
    gain_over="position in the box",
    wins=True,
    tested_on="81 clearing objects",
    bars=[Bar("boosting", 0.52, 0.48, 0.56), Bar("position in the box, no image", 0.45, sees_image=False)],
    prevalence=0.34,
    commands=["rojsat evaluate exp=unet"],
)


def comparison(before, after, region="6"):
    """R² with the region in training and without it; the error is larger where R² is smaller."""
    return SplitComparison("U-Net", region, 2, 9, *({"r2": r2, "rmse": 1 - r2} for r2 in (before, after)))


@pytest.mark.parametrize(
    ("comparisons", "words"),
    [
        ([(0.4, -0.1), (0.3, -0.2)], "where it was not, it is no better than predicting the mean."),
        ([(0.4, 0.1), (0.3, 0.2)], "where it was not, it is worse on the same pixels."),
        ([(0.4, 0.1), (0.3, 0.2), (0.1, 0.2)], "mostly looks better where it was trained on the region"),
        ([(0.1, 0.4), (0.2, 0.3)], "no leak shows: without the region in its training a network has a larger error in"),
    ],
)
def test_the_finding_says_what_the_comparisons_say(comparisons, words):
    (sentence,) = opening.leak_sentence([comparison(*values) for values in comparisons])
    assert words in sentence
    assert sentence.startswith("On one region and one seed, ")
    (sentence,) = opening.leak_sentence([comparison(*values, region) for values in comparisons for region in "678"])
    assert sentence.startswith("On three regions and one seed, ")


def test_without_a_pixel_to_compare_there_is_no_finding_of_a_leak():
    assert list(opening.leak_sentence([])) == []


def test_new_ground_is_won_only_where_the_gain_is_decided():
    (won,) = opening.ground_sentence(GROUND)
    assert "boosting beats every predictor without an image: R² 0.20 against 0.10" in won
    (lost,) = opening.ground_sentence(dataclasses.replace(GROUND, wins=False))
    assert "nothing is shown to beat the best predictor without an image: R² 0.20 (boosting) against 0.10" in lost
    (few,) = opening.ground_sentence(dataclasses.replace(GROUND, wins=False, gain=Estimate(0.1)))
    assert "boosting has R² 0.20 and the best predictor without an image 0.10: fewer than five regions" in few
    assert list(opening.ground_sentence(None)) == []
