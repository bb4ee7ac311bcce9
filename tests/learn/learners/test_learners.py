"""All kinds of learners are tested alike."""

import importlib
from copy import copy
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from rojsat.evaluation.metrics import Segmentation
from rojsat.learn import inference, losses, machine, optimizers, schedules, training
from rojsat.learn.data.sample_arrays import channel_statistics
from rojsat.learn.learners.frame import FrameLearner
from rojsat.learn.learners.network import NetworkLearner
from rojsat.learn.learners.pixels import PixelLearner
from rojsat.learn.models import bounds, heads
from rojsat.learn.models.frames import position
from rojsat.learn.models.pixels import hist_gradient_boosting, ridge
from rojsat.learn.models.segmenters import pixel_net
from tests.support.learning import CHANNELS, framed, sample_arrays, samples, tiny

QUANTILES = (0.05, 0.5, 0.95)
LINEAR = heads.linear(1)


def network(head=LINEAR, loss=losses.masked_mse):
    fabric = machine.launch(device="cpu", threads=1)
    loop = partial(
        training.fit,
        loss=loss,
        fabric=fabric,
        optimizer=partial(optimizers.adam, lr=0.05),
        schedule=schedules.constant,
        metrics=Segmentation,
        epochs=4,
        batch_size=5,
        seed=3,
        activate=inference.activation(head),
    )
    planes = bounds.planes(head.outputs, head.quantiles)
    last = bounds.last(head.outputs, head.options.get("bounded", False), head.quantiles)
    return NetworkLearner(nn.Sequential(tiny(outputs=planes), last), loop, 4, 5, fabric.device, head=head)


def network_with(name):
    head = getattr(heads, name)(1)
    return network(head, partial(getattr(losses, head.loss or "masked_mse"), **head.loss_options))


def network_of_pixels():
    """Trained on known pixels and what surrounds them, all of which are drawn."""
    torch.manual_seed(0)
    pixel = pixel_net.build(3, 1, context=1, widths=[8], windows=[3, 5], ends=True)
    return replace(network(), network=pixel, pixels=10**6)


def on_pixels():
    return PixelLearner(hist_gradient_boosting.build(1, max_iter=20), Segmentation)


def quantiles_on_pixels():
    return PixelLearner(hist_gradient_boosting.build(1, max_iter=20, quantiles=QUANTILES), Segmentation)


def on_windows():
    return PixelLearner(ridge.build(1, window=3), Segmentation)


def with_context():
    return PixelLearner(ridge.build(1, window=3, windows=[5, 9]), Segmentation)


def without_image():
    return FrameLearner(position.build(1), Segmentation, 1)


LEARNERS = {
    "network": network,
    **{f"network_{name}": partial(network_with, name) for name in heads.__all__ if name != "linear"},
    "network_of_pixels": network_of_pixels,
    "pixels": on_pixels,
    "quantiles_on_pixels": quantiles_on_pixels,
    "windows": on_windows,
    "context": with_context,
    "without_image": without_image,
}


@pytest.fixture(params=LEARNERS)
def learner(request):
    return LEARNERS[request.param]()


@pytest.fixture(scope="module", params=LEARNERS)
def fit(request, tmp_path_factory):
    """A learner of each kind, fitted once, and its epochs: predicting changes nothing in it."""
    fitted = LEARNERS[request.param]()
    return fitted, list(fitted.fit(samples(), samples(seed=1), tmp_path_factory.mktemp(request.param)))


@pytest.fixture
def fitted(fit):
    return fit[0]


def test_it_yields_as_many_epochs_as_it_says_and_one_is_the_best(fit):
    learner, epochs = fit
    assert [epoch.number for epoch in epochs] == list(range(1, learner.epochs + 1))
    assert any(epoch.best for epoch in epochs)
    assert all("val/iou" in epoch.metrics for epoch in epochs)


def test_in_the_end_it_is_the_model_of_the_best_epoch(fit):
    (learner, epochs), val, metrics = fit, samples(seed=1), Segmentation()
    best = [epoch for epoch in epochs if epoch.best][-1]
    metrics.update(learner.predict(val), val.targets.numpy(), val.known.numpy())
    assert metrics.compute()["mse"] == pytest.approx(best.metrics["val/mse"], rel=1e-6)


def test_it_predicts_every_pixel_in_float32(fitted):
    predictions = fitted.predict(samples(seed=1))
    assert predictions.shape == (12, 9, 8)
    assert predictions.dtype == np.float32
    assert np.isfinite(predictions[samples(seed=1).seen]).all()


def test_a_network_asked_about_turned_images_gives_the_mean_of_its_scores():
    learner, val = network(), samples(seed=1)
    averaged = replace(learner, flips=("horizontal",))
    turned = samples(seed=1)
    turned.images = val.images.flip(-1)
    expected = (learner.predict(val) + learner.predict(turned)[..., ::-1]) / 2
    np.testing.assert_allclose(averaged.predict(val), expected, atol=1e-6)


def test_it_predicts_untrained_exactly_if_it_says_so(learner):
    if learner.predicts_untrained:
        assert np.isfinite(learner.predict(samples())).all()
    else:
        with pytest.raises(ValueError, match="not fitted"):
            learner.predict(samples())


def test_only_with_context_does_a_pixel_matter_for_its_neighbour(fitted):
    val = samples(seed=1)
    before = fitted.predict(val)
    val.images[:, :, 4, 4] += 3
    changed = (fitted.predict(val) != before) & val.seen
    near = fitted.model.window // 2 if isinstance(fitted, PixelLearner) else 0
    changed[:, 4 - near : 5 + near, 4 - near : 5 + near] = False
    assert changed.any() == fitted.uses_context


def test_quantiles_hold_the_prediction_as_their_median_and_others_have_none(fitted, request):
    val = samples(seed=1)
    quantiles = fitted.predict_quantiles(val)
    if "quantiles" not in request.node.callspec.params["fit"]:
        assert quantiles is None
        return
    assert quantiles.dtype == np.float32 and quantiles.shape == (3, 12, 9, 8)
    lower, median, upper = quantiles[:, val.seen]
    np.testing.assert_array_equal(median, fitted.predict(val)[val.seen])
    assert (lower <= median).all() and (median <= upper).all()
    assert (lower < upper).any()


def relabelled(of, seed):
    """The same samples with other targets, known in other pixels: all that a model must not see of what it predicts."""
    generator, changed = torch.Generator().manual_seed(seed), copy(of)
    changed.known = torch.rand(of.known.shape, generator=generator) < 0.4
    changed.fitted = torch.where(changed.known, torch.rand(of.targets.shape, generator=generator), -1.0)
    changed.targets = changed.fitted
    return changed


@pytest.mark.parametrize("frame", ["box", "window"])
def test_a_prediction_depends_neither_on_targets_nor_on_where_they_are_known(fitted, frame):
    """Smoothing within the known pixels would lift metrics where what is known follows from the damage itself."""
    val = samples(seed=1) if frame == "box" else framed()
    predictions, quantiles = fitted.predict(val), fitted.predict_quantiles(val)
    for seed in range(3):
        other = relabelled(val, seed)
        assert not torch.equal(other.known, val.known)
        np.testing.assert_array_equal(fitted.predict(other), predictions)
        if quantiles is not None:
            np.testing.assert_array_equal(fitted.predict_quantiles(other), quantiles)


@pytest.mark.slow
def test_exported_it_predicts_the_same_without_rojsat(fitted, tmp_path):
    pytest.importorskip("mlflow")
    arrays = sample_arrays()
    images = np.where(arrays.seen[:, None], arrays.images, np.float32("nan"))
    exported = fitted.export(tmp_path / "model.pt2", channel_statistics(arrays), images[:2])
    assert exported.shape == (-1, len(CHANNELS), -1, -1)
    serving = importlib.import_module(f"rojsat.serving.mlflow_{exported.kind}")
    model = getattr(serving, exported.kind.capitalize())()
    settings = {"channels": list(CHANNELS), **exported.settings}
    context = SimpleNamespace(model_config=settings, artifacts={"model": str(tmp_path / "model.pt2")})
    model.load_context(context)
    predictions = model.predict(context, {name: images[:, number] for number, name in enumerate(CHANNELS)})
    assert np.isnan(predictions[~arrays.seen]).all()
    expected = fitted.predict(samples())
    np.testing.assert_allclose(predictions[arrays.seen], expected[arrays.seen], atol=1e-5)
