import numpy as np
import pandas as pd
import pytest

from rojsat.chips import pixel_audit

NAMES = ["red", "nir"]
CLASSES = np.array([0, 1, 0, 1, 0, 1])


class Split:
    """Six regions of one chip, two a part; degrees and channels drawn at random."""

    def __init__(self, seed=0, size=20):
        rng = np.random.default_rng(seed)
        self.images = rng.normal(size=(6, 2, size, size)).astype(np.float32)
        self.seen = rng.random((6, size, size)) < 0.9
        self.targets = rng.random((6, size, size)).astype(np.float32)
        self.known = self.seen & (rng.random(self.seen.shape) < 0.9)
        sizes = {"height": [size, 12, size, 16, 14, 19], "width": [size, 13, size, size, 9, size]}
        part = ["train", "train", "test", "val", "val", "test"]
        self.rows = pd.DataFrame({"region": list("abcdef"), "part": part, **sizes})

    def classify(self):
        self.targets, self.known = CLASSES.copy(), np.ones(6, bool)
        return self

    def findings(self):
        arguments = (self.images, self.seen, self.targets, self.known, self.rows, NAMES)
        return {each.kind: each for each in pixel_audit.findings(*arguments)}


def test_random_pixels_give_nothing_away():
    assert Split().findings() == {}
    assert Split().classify().findings() == {}


def test_a_copy_under_another_name_is_noticed_in_other_units_with_noise_and_other_clouds():
    split = Split()
    noise = np.random.default_rng(9).normal(0, 0.02, split.images[0].shape)
    split.images[2] = 3 * split.images[0] + 1 + noise
    copy = split.findings()["pixels"]
    assert (copy.severity, copy.names, copy.parts) == ("stop", ("a", "c"), ("train", "test"))
    assert copy.value > pixel_audit.ALIKE


@pytest.mark.parametrize("change", ["moved", "noisy", "same region", "same part"])
def test_what_is_no_copy_in_another_part_is_not(change):
    split = Split()
    split.images[2] = split.images[0]
    if change == "moved":
        split.images[2] = np.roll(split.images[0], 1, axis=-1)
    if change == "noisy":
        split.images[2] += np.random.default_rng(9).normal(0, 0.2, split.images[0].shape)
    if change == "same region":
        split.rows["region"] = "a"
    if change == "same part":
        split.rows.loc[2, "part"] = "train"
    assert "pixels" not in split.findings()


@pytest.mark.parametrize("function", [lambda degree: degree, lambda degree: 5 - 2 * degree, lambda degree: degree**4])
def test_a_channel_that_follows_the_degree_is_noticed(function):
    split = Split()
    split.images[:, 1] = function(split.targets)
    split.images[~np.broadcast_to(split.seen[:, None], split.images.shape)] = np.nan
    label = split.findings()["labels"]
    assert (label.severity, label.names, label.parts) == ("stop", ("nir",), ("train",))


def test_only_training_decides_whether_a_channel_follows_the_degree():
    split = Split()
    held_out = (split.rows["part"] != "train").to_numpy()
    split.images[held_out, 1] = split.targets[held_out]
    assert "labels" not in split.findings()


def test_a_channel_that_is_the_class_is_noticed():
    split = Split().classify()
    split.images[:, 0] = 7 * CLASSES[:, None, None]
    assert split.findings()["labels"].names == ("red",)


def stands(heights):
    """Forty chips, all of training but every fifth; the class is that of the height's parity."""
    split = Split().classify()
    numbers = np.arange(40)
    part = np.where(numbers % 5 == 0, "test", "train")
    split.images, split.seen = (np.concatenate([array] * 7)[:40] for array in (split.images, split.seen))
    split.images = np.random.default_rng(1).normal(size=split.images.shape).astype(np.float32)
    split.targets, split.known = np.random.default_rng(2).integers(0, 2, 40), np.ones(40, bool)
    regions = [f"s{number}" for number in numbers]
    split.rows = pd.DataFrame({"region": regions, "part": part, "height": heights(split.targets), "width": 9})
    return split


def test_a_box_whose_size_gives_the_class_is_a_warning_with_the_numbers():
    size = stands(lambda classes: 9 + 5 * classes).findings()["size"]
    assert (size.severity, size.value) == ("warning", 1.0)
    assert size.bar < 0.9


def test_boxes_of_one_size_or_of_any_size_give_no_class():
    assert "size" not in stands(lambda classes: 9).findings()
    assert "size" not in stands(lambda classes: np.random.default_rng(1).integers(9, 20, 40)).findings()


def test_degrees_that_follow_the_position_in_boxes_of_any_size_are_a_warning():
    split = Split()
    for number, (height, width) in enumerate(split.rows[["height", "width"]].to_numpy()):
        rows, columns = np.indices((height, width))
        split.targets[number, :height, :width] = (rows + 0.5) / height * (columns + 0.5) / width
        split.known[number, height:], split.known[number, :, width:] = False, False
    position = split.findings()["position"]
    assert position.severity == "warning"
    assert position.value > 0.9 and position.bar < 0.1
