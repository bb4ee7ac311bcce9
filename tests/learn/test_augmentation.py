import numpy as np
import pytest
import torch

from rojsat.catalog import UnknownNameError
from rojsat.learn.augmentation import TURNS, Flips


def sample(height=6, width=6):
    plane = torch.arange(height * width, dtype=torch.float32).reshape(height, width)
    image = torch.stack([plane, -plane])
    image[1, 0, 0] = float("nan")
    return image, plane.clone(), plane % 3 == 0


@pytest.mark.parametrize("names", [[name] for name in TURNS] + [list(TURNS)])
def test_image_target_and_known_are_turned_alike_and_no_number_changes(names):
    image, target, known = sample()
    flips = Flips(names, (6, 6))
    for seed in range(20):
        turned, other, which = flips(image, target, known, seed=(0, seed))
        assert torch.equal(turned[0], other)
        assert torch.equal(which, other % 3 == 0)
        assert turned[1].isnan().sum() == 1
        assert torch.equal(other.flatten().sort().values, target.flatten())


def test_all_three_reach_the_eight_positions_of_a_square():
    image, target, known = sample()
    flips = Flips(list(TURNS), (6, 6))
    found = {tuple(flips(image, target, known, seed=(0, 0, number))[1].flatten().tolist()) for number in range(100)}
    assert len(found) == 8


def test_a_flip_comes_half_of_the_time_and_follows_from_its_seed():
    image, target, known = sample(5, 7)
    flips = Flips(["horizontal"], (5, 7))
    turned = [not torch.equal(flips(image, target, known, seed=(1, n))[1], target) for n in range(300)]
    assert 0.4 < np.mean(turned) < 0.6
    assert turned == [not torch.equal(flips(image, target, known, seed=(1, n))[1], target) for n in range(300)]


def test_the_label_of_a_chip_stays():
    image, _, _ = sample()
    _, label, known = Flips(["horizontal"], (6, 6))(image, torch.tensor(1), torch.tensor(True), seed=(0,))
    assert label == 1
    assert known


def test_names_and_shapes_that_cannot_be_are_refused():
    with pytest.raises(UnknownNameError, match="Did you mean 'horizontal'"):
        Flips(["horisontal"], (6, 6))
    with pytest.raises(ValueError, match="square"):
        Flips(["transpose"], (5, 7))
