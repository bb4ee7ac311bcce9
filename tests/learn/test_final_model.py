import pandas as pd
import pytest
import torch

from rojsat.learn import checkpoints, final_model
from rojsat.learn.kept_weights import Keep
from tests.learn.learners.test_learners import network, on_pixels
from tests.support.learning import samples


@pytest.mark.parametrize(
    ("best", "keep", "expected"),
    [([3, 9, 4], "best", 4), ([1, 2], "best", 2), ([3, 9, 4], "ema", 30), ([30], "last", 30)],
)
def test_it_is_trained_as_long_as_the_folds_showed(best, keep, expected):
    assert final_model.epochs(best, keep, 30) == expected


def test_everything_trains():
    index = pd.DataFrame({"region": ["a", "b"]}, index=[4, 7])
    assert final_model.everything(index).to_dict() == {4: "train", 7: "train"}


def test_a_network_ends_with_the_weights_of_the_last_epoch_and_validates_nothing(tmp_path):
    learner = network()
    epochs = list(final_model.fit(learner, samples(), tmp_path, stop=2, keep=Keep()))
    assert [(epoch.number, list(epoch.metrics)) for epoch in epochs] == [(1, ["train/loss"]), (2, ["train/loss"])]
    last = torch.load(tmp_path / checkpoints.LAST, weights_only=True)["model"]
    assert all(torch.equal(value, last[key]) for key, value in learner.network.state_dict().items())


def test_an_estimator_is_fitted_and_says_nothing_of_how_well(tmp_path):
    learner = on_pixels()
    (epoch,) = final_model.fit(learner, samples(), tmp_path, stop=1, keep=Keep())
    assert epoch.metrics == {}
    assert learner.predict(samples()).shape == (12, 9, 8)
