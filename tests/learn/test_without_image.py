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


def assembled(chips, *overrides, exp="unet_dates", variant="constant"):
    return assembly.assemble(compose.load(exp, [f"variant={variant}", *overrides]), chips)


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


@pytest.mark.slow
@pytest.mark.parametrize("exp", ["resnet18_s2", "unet_dates"])
def test_where_training_has_images_of_several_years_the_year_alone_stands_beside(chips, exp):
    experiment = assembled(chips, exp=exp)
    assert "year" not in experiment.without_image("test")
    train, test = (experiment.data.samples[part] for part in ("train", "test"))
    years = np.array([2014, 2016, 2018])[np.arange(len(train.rows)) % 3]
    train.rows["date"] = [f"{year}-07-01" for year in years]
    test.rows["date"] = "2017-07-01"  # 2016 and 2018 are equally near
    near = np.isin(years, [2016, 2018])
    mean = train.targets.numpy()[near][train.known.numpy()[near]].mean()
    predicted = experiment.without_image("test")["year"].predictions
    of_need = predicted[:, 1] if predicted.ndim == 2 else predicted
    np.testing.assert_allclose(of_need, np.full(of_need.shape, mean), rtol=1e-5)


@pytest.mark.slow
def test_windows_hide_the_place_in_the_box_and_its_predictor_stands_beside_them_all_the_same(tmp_path):
    chips = Chips(stores.write_small(tmp_path / "chips", margin=15))
    window = ["inputs.frame=window", "inputs.window=16"]
    in_box, in_window = (assembled(chips, *words).without_image("test") for words in ([], window))
    values = {name: evaluation.metrics for name, evaluation in in_window.items()}
    for name, evaluation in in_box.items():
        other = "box_position" if name == "position" else name
        assert values[other] == pytest.approx(evaluation.metrics, rel=1e-6, nan_ok=True)
    assert values["position"] == pytest.approx(values["constant"], nan_ok=True)
    position = assembled(chips, *window, variant="position")
    list(position.train(tmp_path))
    assert position.evaluate("test").metrics == pytest.approx(values["constant"], nan_ok=True)
    stands = [assembled(chips, *words, exp="resnet18_s2").without_image("test") for words in ([], window)]
    assert stands[0]["box_size"].metrics == stands[1]["box_size"].metrics
    ridge = assembled(chips, *window, exp="resnet18_s2", variant="ridge")
    list(ridge.train(tmp_path))
    assert ridge.evaluate("test").predictions.shape == (6, 2)
