"""Every experiment evaluates predictors without an image on its own parts."""

import numpy as np
import pytest

from rojsat.chips.reader import Chips
from rojsat.config import compose
from rojsat.learn import assembly
from tests.support import stores

SPLIT = ("split.name=regions", "split.options.val=['1']", "split.options.test=['3']")


@pytest.fixture(scope="module")
def chips(tmp_path_factory):
    return Chips(stores.write_small(tmp_path_factory.mktemp("chips")))


def assembled(chips, *overrides, exp="unet_dates"):
    return assembly.assemble(compose.load(exp, ["variant=constant", *overrides]), chips)


@pytest.mark.slow
def test_what_a_run_stands_beside_is_what_the_variants_reach(chips, tmp_path):
    beside = assembled(chips).without_image("test")
    assert list(beside) == ["constant", "all_need", "position"]
    for variant, evaluation in beside.items():
        experiment = assembly.assemble(compose.load("unet_dates", [f"variant={variant}"]), chips)
        list(experiment.train(tmp_path))
        np.testing.assert_equal(experiment.evaluate("test").metrics, evaluation.metrics)
    assert beside["all_need"].metrics["iou"] == beside["all_need"].metrics["prevalence"]


def test_negatives_in_training_do_not_weaken_them(chips):
    alone, more = (
        assembled(chips, *SPLIT, *words).without_image("test")["constant"]
        for words in ([], ["inputs.negatives=[stand]"])
    )
    np.testing.assert_array_equal(alone.predictions, more.predictions)


@pytest.mark.slow
def test_stands_have_the_majority_and_the_size_of_the_box_and_classes_of_pixels_no_error(chips):
    beside = assembled(chips, exp="resnet18_s2").without_image("val")
    assert {name: evaluation.predictions.shape for name, evaluation in beside.items()} == {
        "constant": (6, 2),
        "box_size": (6, 2),
    }
    beside = assembled(chips, "model.outputs=2", "loss.name=cross_entropy").without_image("test")
    assert all("r2" not in evaluation.metrics for evaluation in beside.values())
