"""Estimators of stands, by the moments of their channels."""

import importlib
from types import SimpleNamespace

import numpy as np
import pytest

from rojsat.config import lookup
from rojsat.evaluation.metrics import Classification
from rojsat.learn.data.sample_arrays import channel_statistics
from rojsat.learn.learners.stand import StandLearner
from rojsat.learn.models import pixels
from rojsat.learn.models.pixels import index_rule, ridge
from tests.support.learning import CHANNELS, sample_arrays, samples

FAST = {"hist_gradient_boosting": {"max_iter": 20}, "random_forest": {"trees": 10}}


def planted(seed=0, regions=40):
    """Stands in need are brighter in the second channel."""
    stands = samples("classification", regions=regions, seed=seed)
    stands.images[:, 1] += stands.targets[:, None, None].float()
    return stands


@pytest.mark.parametrize("name", lookup.modules(pixels))
def test_every_estimator_tells_stands_by_their_means(name, tmp_path):
    model = lookup.module(pixels, name, "model").build(2, seed=0, **FAST.get(name, {}))
    learner = StandLearner(model, Classification, 2)
    (epoch,) = learner.fit(planted(), planted(seed=1), tmp_path)
    assert epoch.metrics["val/accuracy"] > 0.95
    predictions = learner.predict(planted(seed=1))
    assert (predictions.shape, predictions.dtype) == ((80, 2), np.float32)
    np.testing.assert_allclose(predictions.sum(axis=1), 1, atol=1e-6)


def test_features_are_moments_of_the_seen_pixels():
    stands = planted()
    stands.images[:, :, 0, 0] = 7.0
    stands.seen[:, 0, 0] = False
    stands.seen[0] = False
    features = StandLearner(ridge.build(2), Classification, 2).features(stands)
    values = stands.images[3].numpy().astype(float)[:, stands.seen[3]]
    np.testing.assert_allclose(features[3], [*values.mean(axis=1), *values.std(axis=1)])
    assert (features[0] == 0).all()
    means = StandLearner(index_rule.build(2), Classification, 2).features(stands)
    np.testing.assert_array_equal(means, features[:, :3])


def test_one_class_alone_and_a_window_are_refused(tmp_path):
    stands = planted()
    stands.known[stands.targets == 1] = False
    with pytest.raises(ValueError, match="of 1 classes"):
        list(StandLearner(ridge.build(2), Classification, 2).fit(stands, stands, tmp_path))
    with pytest.raises(ValueError, match="window=3 is for pixels"):
        StandLearner(ridge.build(2, window=3), Classification, 2)


@pytest.mark.slow
@pytest.mark.parametrize("build", [ridge.build, index_rule.build])
def test_exported_it_predicts_the_same_without_rojsat(build, tmp_path):
    pytest.importorskip("mlflow")
    arrays = sample_arrays("classification", regions=40)
    learner = StandLearner(build(2), Classification, 2)
    list(learner.fit(samples("classification", regions=40), planted(), tmp_path))
    images = np.where(arrays.seen[:, None], arrays.images, np.float32("nan"))
    exported = learner.export(tmp_path / "model.pt2", channel_statistics(arrays), images[:2])
    model = importlib.import_module(f"rojsat.serving.mlflow_{exported.kind}").Stands()
    settings = {"channels": list(CHANNELS), **exported.settings}
    model.load_context(SimpleNamespace(model_config=settings, artifacts={"model": str(tmp_path / "model.pt2")}))
    predictions = model.predict(None, {name: images[:, number] for number, name in enumerate(CHANNELS)})
    np.testing.assert_allclose(predictions, learner.predict(samples("classification", regions=40)), atol=1e-5)
