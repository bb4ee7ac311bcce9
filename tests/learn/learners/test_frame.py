"""Predictors without an image: what they predict, and that they never read one."""

from functools import partial

import numpy as np
import pytest
import torch

from rojsat.config import lookup
from rojsat.evaluation.metrics import Classification, Segmentation
from rojsat.learn.learners.frame import FrameLearner
from rojsat.learn.models import frames
from tests.support.learning import samples

ALL = lookup.modules(frames)


def learner(name, task="segmentation", outputs=1, threshold=0.5):
    metrics = Classification if task == "classification" else partial(Segmentation, threshold, degree=outputs == 1)
    build = lookup.module(frames, name, "model").build
    return FrameLearner(build(outputs, task=task), metrics, outputs)


def fitted(name, train, val, folder, **options):
    predictor = learner(name, **options)
    (epoch,) = predictor.fit(train, val, folder)
    return predictor, epoch.metrics


def planted(count=8, shape=(24, 24), seed=0):
    """Frames of several sizes in whose upper left quarter, and there alone, is need; images of noise."""
    train, rng = (
        samples(regions=count, dates=1, height=shape[0], width=shape[1], seed=seed),
        np.random.default_rng(seed),
    )
    sizes = rng.choice([12, 18, 24], (len(train), 2))
    train.rows[["height", "width"]] = sizes
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    for number, (height, width) in enumerate(sizes):
        inside = (rows < height) & (columns < width)
        target = np.where((rows < height / 2) & (columns < width / 2), 0.7, 0.0)
        train.known[number] = torch.from_numpy(inside & (rng.random(shape) < 0.9))
        train.targets[number] = torch.from_numpy(np.where(train.known[number], target, -1))
    return train


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(("task", "outputs"), [("segmentation", 1), ("segmentation", 2), ("classification", 2)])
def test_other_pixels_change_no_prediction(name, task, outputs, tmp_path):
    if (name, task) == ("position", "classification"):
        pytest.skip("has no position")
    predictions = []
    for shuffled in (False, True):
        train, val = (samples(task, seed=seed) for seed in (0, 1))
        if shuffled:
            for part in (train, val):
                part.images[:] = part.images.flatten()[torch.randperm(part.images.numel())].reshape(part.images.shape)
        predictions.append(fitted(name, train, val, tmp_path, task=task, outputs=outputs)[0].predict(val))
    np.testing.assert_array_equal(*predictions)
    assert predictions[0].dtype == np.float32
    assert predictions[0].shape == ((12, 2) if task == "classification" else (12, 9, 8))


def test_position_learns_a_planted_map_of_unseen_frames_exactly(tmp_path):
    _, metrics = fitted("position", planted(), planted(seed=1), tmp_path)
    assert (metrics["val/r2"], metrics["val/iou"]) == (pytest.approx(1), 1)
    _, metrics = fitted("constant", planted(), planted(seed=1), tmp_path)
    assert metrics["val/r2"] < 0.01


def test_a_bin_without_a_known_pixel_has_the_overall_mean(tmp_path):
    train = planted()
    train.known[:, :, 12:] = False  # of frames 12 pixels wide everything stays known
    train.known[train.rows["width"].to_numpy() == 12] = False
    predictor, _ = fitted("position", train, planted(seed=1), tmp_path)
    overall = float(train.targets[train.known].mean())
    assert predictor.table.values[0, :, -1] == pytest.approx(overall)


def test_need_everywhere_has_the_prevalence_as_iou(tmp_path):
    for outputs in (1, 2):
        _, metrics = fitted("all_need", planted(), planted(seed=1), tmp_path, outputs=outputs)
        assert metrics["val/iou"] == metrics["val/prevalence"]
    _, metrics = fitted(
        "all_need", samples("classification"), samples("classification"), tmp_path, task="classification", outputs=2
    )
    assert metrics["val/accuracy"] == metrics["val/prevalence"] == 0.5


def test_the_size_of_the_box_gives_a_planted_label_away(tmp_path):
    train, val = (samples("classification", seed=seed) for seed in (0, 1))
    for number, part in enumerate((train, val)):
        part.rows["height"] = np.where(part.targets == 1, 30 + number, 40 - number)
    _, metrics = fitted("box_size", train, val, tmp_path, task="classification", outputs=2)
    assert metrics["val/accuracy"] == 1
    _, metrics = fitted("constant", train, val, tmp_path, task="classification", outputs=2)
    assert metrics["val/accuracy"] == max(metrics["val/prevalence"], 1 - metrics["val/prevalence"])


def test_the_size_of_the_box_gives_the_mean_degree_of_the_nearest(tmp_path):
    train, val = planted(), planted(seed=1)
    degree = np.where(train.rows["height"] > 15, 0.8, 0.1).astype(np.float32)
    train.targets[:] = torch.from_numpy(np.broadcast_to(degree[:, None, None], train.targets.shape).copy())
    predictor, _ = fitted("box_size", train, val, tmp_path)
    expected = np.where(val.rows["height"] > 15, 0.8, 0.1)
    np.testing.assert_allclose(predictor.predict(val)[:, 0, 0], expected, rtol=1e-6)


def test_position_of_a_chip_with_one_label_is_refused():
    with pytest.raises(ValueError, match="choose constant or box_size"):
        learner("position", task="classification", outputs=2)


def test_nothing_known_is_refused(tmp_path):
    train = planted()
    train.known[:] = False
    with pytest.raises(ValueError, match="look at its masks"):
        fitted("constant", train, planted(seed=1), tmp_path)
