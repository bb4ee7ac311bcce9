from functools import partial

import numpy as np
import pytest
import torch

from rojsat.config import lookup
from rojsat.evaluation.metrics import Segmentation
from rojsat.learn.data import perturbations
from rojsat.learn.learners.pixels import PixelLearner, known_pixels
from rojsat.learn.models import pixels
from rojsat.learn.models.pixel_model import PixelModel
from rojsat.learn.models.pixels import index_rule, ridge
from tests.support.learning import samples

FAST = {"hist_gradient_boosting": {"max_iter": 20}, "random_forest": {"trees": 10}}


@pytest.mark.parametrize("name", lookup.modules(pixels))
@pytest.mark.parametrize("outputs", [1, 2])
def test_every_estimator_learns_the_degree_of_a_pixel_from_its_channels(name, outputs, tmp_path):
    model = lookup.module(pixels, name, "model").build(outputs, seed=0, **FAST.get(name, {}))
    learner = PixelLearner(model, partial(Segmentation, 0.4))
    (epoch,) = learner.fit(samples(regions=10), samples(seed=1), tmp_path)
    assert epoch.metrics["val/iou"] > 0.55
    assert np.isnan(epoch.learning_rate) == (name != "hist_gradient_boosting")


@pytest.mark.parametrize("name", lookup.modules(pixels))
def test_more_outputs_are_refused(name):
    with pytest.raises(ValueError, match="not 3"):
        lookup.module(pixels, name, "model").build(3)


def test_a_rule_finds_the_planted_channel_threshold_and_side(tmp_path):
    train, val = samples(regions=10), samples(regions=10, seed=1)
    for part in (train, val):
        planted = torch.where(part.images[:, 2] < 0.3, 0.8, 0.1)
        part.targets[:] = torch.where(part.known, planted, -1)
    learner = PixelLearner(index_rule.build(1), Segmentation)
    (epoch,) = learner.fit(train, val, tmp_path)
    tree = learner.model.estimator.tree_
    assert (tree.feature[0], tree.node_count) == (2, 3)
    assert tree.threshold[0] == pytest.approx(0.3, abs=0.02)
    assert epoch.metrics["val/r2"] > 0.95


def test_with_a_window_of_3_a_pixel_is_known_by_its_neighbours_and_beyond_the_image_is_the_mean(tmp_path):
    train, val = samples(regions=10), samples(regions=10, seed=1)
    for part in (train, val):
        left = torch.nn.functional.pad(part.images[:, 0, :, :-1], (1, 0))
        part.targets[:] = torch.where(part.known, 0.5 + 0.1 * left, -1)
    reached = [
        next(iter(PixelLearner(ridge.build(1, window=window), Segmentation).fit(train, val, tmp_path))).metrics[
            "val/r2"
        ]
        for window in (1, 3)
    ]
    assert reached[0] < 0.1
    assert reached[1] > 0.99


def test_with_context_the_surroundings_tell_and_what_is_known_of_labels_changes_no_prediction(tmp_path):
    train, val = samples(regions=10), samples(regions=10, seed=1)
    for part in (train, val):
        visible = (part.images != 0).any(dim=1, keepdim=True)
        sums = (torch.nn.functional.avg_pool2d(plane.float(), 5, 1, 2) for plane in (part.images, visible))
        mean = next(sums)[:, 0] / next(sums).clamp(min=0.01)[:, 0]
        part.targets[:] = torch.where(part.known, 0.5 + 0.2 * mean, -1)
    for context, least, most in (([], -1, 0.3), ([3, 5], 0.99, 1)):
        learner = PixelLearner(ridge.build(1, windows=context, alpha=0.01), Segmentation)
        (epoch,) = learner.fit(train, val, tmp_path)
        assert least < epoch.metrics["val/r2"] < most
        assert learner.uses_context == bool(context)
    known = val.known.numpy()
    alone = learner.predict(perturbations.known_alone(val))
    np.testing.assert_array_equal(alone[known], learner.predict(val)[known])
    assert np.isnan(alone[~known]).all()


def test_another_window_is_refused():
    with pytest.raises(ValueError, match=r"model\.options\.window=5"):
        ridge.build(1, window=5)


def test_only_known_pixels_are_trained_on_and_no_more_than_asked_for():
    train = samples()
    features, target = known_pixels(train, PixelModel(None, pixels=10**6), 0)
    assert len(features) == int(train.known.sum())
    assert (target >= 0).all()
    assert len(known_pixels(train, PixelModel(None, pixels=50), 0)[0]) == 50


def test_features_stand_beside_the_degree_of_their_pixel():
    train = samples(regions=40)  # more than are in memory together
    train.targets[:] = torch.where(train.known, train.images[:, 1], train.targets)
    features, target = known_pixels(train, PixelModel(None, pixels=300), 5)
    np.testing.assert_array_equal(features[:, 1], target)
    features, target = known_pixels(train, PixelModel(None, window=3, pixels=300), 5)
    assert features.shape == (300, 27)
    np.testing.assert_array_equal(features[:, 4 * 3 + 1], target)  # the pixel itself is the fifth of nine


def test_nothing_known_is_refused():
    train = samples()
    train.known[:] = False
    with pytest.raises(ValueError, match="no pixel"):
        known_pixels(train, PixelModel(None, pixels=5), 0)
