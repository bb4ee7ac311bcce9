import math

import numpy as np
import pandas as pd
import pytest

from rojsat.evaluation import kept_evaluations, label_borders
from rojsat.evaluation.report_files import Predictions
from tests.support import made_evaluations

COLUMNS = np.arange(8)


def predictions(need, predicted, known=None):
    """Of one sample, planes (H, W)."""
    need = np.asarray(need, np.float32)[None]
    known = np.ones(need.shape, bool) if known is None else np.asarray(known)[None]
    return Predictions(pd.DataFrame({"region": ["1"]}), np.asarray(predicted, np.float32)[None], need, known, known)


def test_the_distance_is_that_to_the_nearest_known_pixel_of_the_other_label():
    need, known = np.tile(COLUMNS < 3, (2, 5, 1)), np.ones((2, 5, 8), bool)
    need[1] = False
    distances = label_borders.distance(need, known)
    assert distances[0, 2].tolist() == [3, 2, 1, 1, 2, 3, 4, 5]
    assert np.isinf(distances[1]).all()
    known[0, :, 3] = False
    assert label_borders.distance(need, known)[0, 2, :3].tolist() == [4, 3, 2]  # the nearest that is known


def test_errors_are_shared_among_the_groups_and_the_interior_leaves_the_border_out():
    need = np.tile(COLUMNS < 3, (5, 1))
    predicted = np.tile(COLUMNS < 5, (5, 1)).astype(float)  # wrong at distances 1 and 2
    predicted[0, 7] = 1  # and once at 5
    summary = label_borders.summarise(label_borders.counted(predictions(need, predicted), 0.5))
    assert [group["known"] for group in summary["groups"].values()] == [10, 10, 20]
    assert [group["errors"] for group in summary["groups"].values()] == pytest.approx([5 / 11, 5 / 11, 1 / 11])
    assert [group["wrong"] for group in summary["groups"].values()] == [0.5, 0.5, 0.05]
    assert summary["iou"] == pytest.approx(15 / 26)
    assert summary["iou_interior"] == pytest.approx(10 / 16)


def test_unknown_pixels_count_nowhere_even_if_they_are_nan():
    need, predicted = np.tile(COLUMNS < 3, (5, 1)), np.tile(COLUMNS < 3, (5, 1)).astype(float)
    known = np.tile(COLUMNS != 3, (5, 1))
    predicted[:, 3] = np.nan
    counts = label_borders.counted(predictions(need, predicted, known), 0.5)
    assert counts.sum() == known.sum() and counts[:, 1:3].sum() == 0
    assert math.isnan(label_borders.summarise(np.zeros((3, 4)))["iou"])


@pytest.mark.slow
def test_an_evaluation_stands_beside_its_best_predictor_without_an_image(tmp_path):
    folder = made_evaluations.leave(tmp_path, "unet", 0.8, regions=3, seeds=(0, 1))
    other = made_evaluations.leave(tmp_path, "far", 0.8, regions=3, predictions=False)
    evaluations = [kept_evaluations.read(path) for path in (folder, other)]
    (name, content), *others = label_borders.content(evaluations).items()
    assert name == "unet" and not others
    known = [sum(group["known"] for group in content[kind]["groups"].values()) for kind in ("model", "without_image")]
    assert known[0] == known[1] == 2 * sum(made_evaluations.region(number)[2].sum() for number in range(3))
    assert content["model"]["iou"] > content["without_image"]["iou"]
    assert content["model"]["iou"] == pytest.approx(evaluations[0].content["metrics"]["iou"]["value"], abs=0.02)
    assert label_borders.sentences(folder) == []
    label_borders.write(evaluations[0])
    (sentence,) = label_borders.sentences(folder)
    assert f"the IoU is {content['model']['iou_interior']:.3f}" in sentence and "without an image" in sentence
    label_borders.write(evaluations[1])
    assert not (other / label_borders.FILE).exists()
