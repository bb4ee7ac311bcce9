import numpy as np
import pytest

from rojsat.evaluation.metrics import Segmentation
from rojsat.learn import reading
from tests.support.learning import samples


class Image:
    """Predicts the first channel."""

    def predict(self, part):
        return part.images[:, 0].numpy()


class Place:
    """Predicts the row in the frame, whatever the image."""

    def predict(self, part):
        count, _, height, width = part.images.shape
        return np.broadcast_to(np.arange(height, dtype=np.float32)[:, None] / 10, (count, height, width))


def read(learner):
    part = samples()
    part.targets = part.known * learner.predict(part)
    intact = Segmentation(degree=True)
    intact.update(learner.predict(part), part.targets.numpy(), part.known.numpy())
    groups = {"first": [0], "others": [1, 2]}
    return reading.read(learner, part, Segmentation, intact=intact.compute(), groups=groups)


def test_a_model_of_the_image_loses_without_it_and_keeps_all_in_a_moved_frame():
    reads = read(Image())
    assert reads["intact"]["r2"] == reads["moved"]["r2"] == reads["permuted"]["others"]["r2"] == 1
    assert max(reads[name]["r2"] for name in ("shuffled", "constant")) < 0.1
    assert reads["permuted"]["first"]["r2"] < 0.1


def test_a_model_of_the_place_keeps_all_without_the_image_and_loses_in_a_moved_frame():
    reads = read(Place())
    kept = [reads["intact"], reads["shuffled"], reads["constant"], *reads["permuted"].values()]
    assert [values["r2"] for values in kept] == [1] * 5
    assert reads["moved"]["r2"] < 0


def test_the_moved_frame_is_the_mean_of_its_draws(monkeypatch):
    monkeypatch.setattr(reading, "MOVES", 1)
    draws = []
    for seed in (0, 1):
        part = samples()
        draws.append(reading.read(Place(), part, Segmentation, intact={}, groups={}, seed=seed)["moved"]["mse"])
    monkeypatch.setattr(reading, "MOVES", 2)
    both = reading.read(Place(), samples(), Segmentation, intact={}, groups={})
    assert draws[0] != draws[1]
    assert both["moved"]["mse"] == pytest.approx(np.mean(draws))
