from functools import partial

import numpy as np
import pytest

from rojsat.config import lookup
from rojsat.evaluation.metrics import Segmentation
from rojsat.learn import pixelwise
from rojsat.learn.models import pixels
from tests.support.fakes import samples


def fit(name, outputs, train, **options):
    estimator = lookup.module(pixels, name, "model").build(outputs, seed=0, max_iter=20)
    epochs = list(pixelwise.fit(estimator, train, samples(seed=1), metrics=partial(Segmentation, 0.4), **options))
    return estimator, epochs


@pytest.mark.parametrize("name", lookup.modules(pixels))
@pytest.mark.parametrize("outputs", [1, 2])
def test_one_epoch_learns_what_a_pixel_tells(name, outputs):
    estimator, epochs = fit(name, outputs, samples(regions=10))
    assert len(epochs) == 1
    assert epochs[0].metrics["val/iou"] > 0.55
    predictions = pixelwise.predict(estimator, samples(seed=1))
    assert predictions.shape == (12, 9, 8)
    assert predictions.dtype == np.float32


def test_only_known_pixels_are_learnt_from_and_no_more_than_asked_for():
    train = samples()
    features, target = pixelwise.known_pixels(train, pixels=10**6, seed=0)
    assert len(features) == int(train.known.sum())
    assert (target >= 0).all()
    assert len(pixelwise.known_pixels(train, pixels=50, seed=0)[0]) == 50


def test_nothing_known_is_refused():
    train = samples()
    train.known[:] = False
    with pytest.raises(ValueError, match="no pixel"):
        pixelwise.known_pixels(train, pixels=5, seed=0)
