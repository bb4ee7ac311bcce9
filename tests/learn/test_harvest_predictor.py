"""A store in which need follows from the years since harvest alone: the predictor knows it without an image."""

import numpy as np
import pytest

from rojsat.chips.reader import Chips
from rojsat.config import compose
from rojsat.learn import assembly, harvest_predictor
from tests.support import stores

YEAR = 366
STANDS = ["split.options.val=['102','103']", "split.options.test=['104','105']"]
OBJECTS = ["split.options.val=['2']", "split.options.test=['3']"]


@pytest.fixture(scope="module")
def chips(tmp_path_factory):
    """Stands 101, 103, 105 need clearing and were felled 12 years ago, the others yesterday or nobody knows when."""
    days = {"100": 10, "101": 12 * YEAR, "102": 10, "103": 12 * YEAR, "105": 12 * YEAR}
    days |= {"0": 10 * YEAR, "1": 20 * YEAR, "3": 20 * YEAR}
    return Chips(stores.write_small(tmp_path_factory.mktemp("chips"), margin=15, harvest=days))


def beside(chips, exp, *words):
    split = ["split.name=regions", *(OBJECTS if exp == "unet_dates" else STANDS), "split.allow_leaks=true"]
    experiment = compose.load(exp, ["variant=constant", *split, *words])
    data = assembly.prepared(experiment, chips)
    assembled = assembly.assemble(experiment, chips)
    return data, assembled.without_image("test")


def test_stands_are_told_apart_by_their_years(chips):
    _, evaluations = beside(chips, "resnet18_s2")
    known = evaluations[harvest_predictor.NAME]
    assert known.metrics["accuracy"] == 1 > evaluations["constant"].metrics["accuracy"]
    rows = known.rows.reset_index(drop=True)
    need = known.predictions[(rows["region"] == "105").to_numpy()]
    assert (need[:, 1] == 1).all() and np.allclose(known.predictions.sum(axis=1), 1)


@pytest.mark.slow
@pytest.mark.parametrize("words", [[], ["inputs.frame=window", "inputs.window=16"], ["inputs.dates=['2019-08-01']"]])
def test_pixels_get_the_mean_degree_of_their_age(chips, words):
    data, evaluations = beside(chips, "unet_dates", *words)
    predicted = evaluations[harvest_predictor.NAME].predictions
    train = data.samples["train"]
    own = (train.rows["region"] == "1").to_numpy()  # as old as region 3, which is tested
    mean = train.targets.numpy()[own][train.known.numpy()[own]].mean()
    known = data.samples["test"].known.numpy()
    assert predicted.shape == known.shape and np.allclose(predicted[known], mean)


def test_chips_without_harvests_have_no_such_predictor(tmp_path):
    _, evaluations = beside(Chips(stores.write_small(tmp_path / "chips")), "resnet18_s2")
    assert harvest_predictor.NAME not in evaluations
