from functools import partial

import pytest

from rojsat.config import lookup
from rojsat.evaluation.metrics import Segmentation
from rojsat.learn.learners.pixels import PixelLearner, known_pixels
from rojsat.learn.models import pixels
from tests.support.learning import samples


@pytest.mark.parametrize("name", lookup.modules(pixels))
@pytest.mark.parametrize("outputs", [1, 2])
def test_every_estimator_learns_the_degree_of_a_pixel_from_its_channels(name, outputs, tmp_path):
    estimator = lookup.module(pixels, name, "model").build(outputs, seed=0, max_iter=20)
    learner = PixelLearner(estimator, partial(Segmentation, 0.4))
    (epoch,) = learner.fit(samples(regions=10), samples(seed=1), tmp_path)
    assert epoch.metrics["val/iou"] > 0.55


def test_only_known_pixels_are_trained_on_and_no_more_than_asked_for():
    train = samples()
    features, target = known_pixels(train, pixels=10**6, seed=0)
    assert len(features) == int(train.known.sum())
    assert (target >= 0).all()
    assert len(known_pixels(train, pixels=50, seed=0)[0]) == 50


def test_nothing_known_is_refused():
    train = samples()
    train.known[:] = False
    with pytest.raises(ValueError, match="no pixel"):
        known_pixels(train, pixels=5, seed=0)
