"""Estimators on pixels behind the frozen encoder, from the experiment to metrics."""

import numpy as np
import pytest
import torch

from rojsat.chips.reader import Chips
from rojsat.config import checks, compose
from rojsat.learn import assembly
from tests.support import stores

PIXELS = ["variant=boosting", "model.options.max_iter=5", "inputs.channels=[boa]", "train.device=cpu"]


@pytest.fixture(scope="module")
def chips(tmp_path_factory):
    return Chips(stores.write_small(tmp_path_factory.mktemp("chips")))


def assembled(chips, features, *overrides):
    return assembly.assemble(compose.load("unet_dates", [*PIXELS, f"inputs.features={features}", *overrides]), chips)


@pytest.mark.slow
def test_the_estimator_reads_the_features_that_are_asked_for(chips, tmp_path):
    bands, features = len(stores.BANDS), 128
    predictions = {}
    for asked, count in [("[channels]", bands), ("[presto]", features), ("[channels,presto_random]", bands + features)]:
        experiment = assembled(chips, asked)
        (epoch,) = experiment.train(tmp_path)
        assert np.isfinite(epoch.metrics["val/mse"])
        learner = experiment.learner
        estimator = getattr(learner, "learner", learner).model.estimator
        assert estimator.n_features_in_ == count
        test = experiment.data.of("test")
        predictions[asked] = learner.predict(test)
        assert np.array_equal(np.isnan(predictions[asked]), ~test.seen)
        torch.testing.assert_close(learner.predict(test), predictions[asked], equal_nan=True, rtol=0, atol=0)
    assert not np.allclose(predictions["[presto]"], predictions["[channels]"], equal_nan=True)


@pytest.mark.slow
@pytest.mark.parametrize("context", ["model.options.window=1", "model.options.window=3", "model.options.windows=[3,5]"])
def test_what_is_known_of_labels_changes_no_prediction_of_a_known_pixel(chips, tmp_path, context):
    experiment = assembled(chips, "[channels,presto_random]", context)
    list(experiment.train(tmp_path))
    test = experiment.data.of("test")
    test.known[:, ::2] = False
    every, alone = (experiment.evaluate("test", known_alone=alone) for alone in (False, True))
    known = every.known
    np.testing.assert_array_equal(alone.predictions[known], every.predictions[known])
    assert alone.metrics == every.metrics
    assert np.isnan(alone.predictions[~known]).all()
    assert np.isfinite(every.predictions[every.seen & ~known]).any()


def test_no_other_learner_is_put_behind_an_encoder(chips):
    experiment = compose.load("unet_dates", ["inputs.channels=[boa]", "inputs.features=[presto]", "train.device=cpu"])
    with pytest.raises(ValueError, match="is for estimators on pixels"):
        assembly.assemble(experiment, chips)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["inputs.features=[presto]"], "for estimators on pixels"),
        ([*PIXELS, "inputs.features=[presto,presto]"], "comes twice"),
        ([*PIXELS, "inputs.features=[]"], "there is none"),
        ([*PIXELS, "inputs.features=[prest]"], "presto"),
    ],
)
def test_features_that_cannot_be_are_refused_before_anything_is_read(overrides, message):
    with pytest.raises(ValueError, match=message):
        checks.check(compose.load("unet_dates", overrides))
