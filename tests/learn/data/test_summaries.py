import importlib
from types import SimpleNamespace

import numpy as np
import pytest

from rojsat.evaluation.metrics import Classification, Segmentation
from rojsat.learn.data import series, summaries
from rojsat.learn.data.sample_arrays import channel_statistics, read, standardise
from rojsat.learn.data.samples import Samples
from rojsat.learn.learners.pixels import PixelLearner
from rojsat.learn.learners.stand import StandLearner
from rojsat.learn.models.pixels import ridge
from tests.support import learning
from tests.support.stores import in_memory

DAYS = ["2019-01-15", "2019-05-02", "2019-10-04", "2019-11-20"]


def image(values, seen, days=DAYS, number=5):
    """One image of one channel at one pixel a column."""
    planes, visible = np.float32(values)[:, None, None], np.array(seen, bool)[:, None]
    return np.nan_to_num(series.image(planes, visible, days, number))[None]


def test_features_are_of_the_dates_that_see_a_pixel():
    values = [[1, 1, 7], [2, 2, 7], [6, 6, 7], [8, 8, 7]]
    seen = [[1, 1, 0], [1, 0, 0], [1, 1, 0], [1, 1, 0]]
    features = summaries.features(image(values, seen), 5)[0, :, 0]
    np.testing.assert_allclose(features[:, 0], [4, 1, 2, 0, 7])  # median; winter, spring, no summer, two of autumn
    np.testing.assert_allclose(features[:, 1], [6, 1, 0, 0, 7])
    assert (features[:, 2] == 0).all()


def test_seasons_begin_on_the_first_of_their_month():
    days = ["2019-02-28", "2019-03-01", "2019-05-31", "2019-06-01", "2019-09-01", "2019-11-30", "2019-12-01"]
    made = image(np.ones((7, 1)), np.ones((7, 1)), days, 7)
    assert list(summaries.seasons(series.by_date(made, 7)[:, :, -2:])[0, :, 0, 0]) == [0, 1, 1, 2, 3, 3, 0]


def test_samples_of_series_become_features_once_and_others_stay():
    store = in_memory(regions=3, dates=2)
    arrays = read(store, store.index, learning.CHANNELS, dates=["all"], task="segmentation")
    samples = Samples(standardise(arrays, channel_statistics(arrays)))
    features = summaries.of(samples)
    assert features.images.shape == (3, 5 * 3, 9, 8)
    assert summaries.of(features) is features
    assert samples.images.shape[1] == 2 * 6
    plain = learning.samples()
    assert summaries.of(plain) is plain


@pytest.mark.slow
@pytest.mark.parametrize("task", ["segmentation", "classification"])
def test_an_export_computes_the_same_features_without_rojsat(task, tmp_path):
    pytest.importorskip("mlflow")
    store = in_memory(regions=12, dates=3)
    arrays = read(store, store.index.drop(index=1), learning.CHANNELS, dates=["all"], task=task)
    statistics = channel_statistics(arrays)
    samples = Samples(standardise(arrays, statistics))
    model = ridge.build(2)
    learner = PixelLearner(model, Segmentation) if task == "segmentation" else StandLearner(model, Classification, 2)
    list(learner.fit(samples, samples, tmp_path))
    images = np.where(arrays.seen[:, None], arrays.images, np.float32("nan"))
    exported = learner.export(tmp_path / "model", statistics, images[:2])
    names = series.names(learning.CHANNELS, 3)
    serving = importlib.import_module(f"rojsat.serving.mlflow_{exported.kind}")
    served = getattr(serving, exported.kind.capitalize())()
    settings = {"channels": names, **exported.settings}
    served.load_context(SimpleNamespace(model_config=settings, artifacts={"model": str(tmp_path / "model")}))
    predictions = served.predict(None, {name: images[:, number] for number, name in enumerate(names)})
    np.testing.assert_allclose(predictions, learner.predict(samples), atol=1e-5)
