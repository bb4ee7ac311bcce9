import albumentations
import numpy as np
import pytest
import torch

from rojsat.config.lookup import UnknownNameError
from rojsat.learn.data.augmentation import TURNS, Augmentation


def sample(height=6, width=6):
    plane = torch.arange(height * width, dtype=torch.float32).reshape(height, width)
    image = torch.stack([plane, -plane])
    image[1, 0, 0] = float("nan")
    return image, plane.clone(), plane % 3 == 0


@pytest.mark.parametrize("names", [[name] for name in TURNS] + [list(TURNS)])
def test_image_target_and_known_are_turned_alike_and_no_number_changes(names):
    image, target, known = sample()
    flips = Augmentation((6, 6), flips=names)
    for seed in range(20):
        turned, other, which = flips(image, target, known, seed=(0, seed))
        assert torch.equal(turned[0], other)
        assert torch.equal(which, other % 3 == 0)
        assert turned[1].isnan().sum() == 1
        assert torch.equal(other.flatten().sort().values, target.flatten())


def test_all_three_reach_the_eight_positions_of_a_square():
    image, target, known = sample()
    flips = Augmentation((6, 6), flips=list(TURNS))
    positions = {tuple(flips(image, target, known, seed=(0, 0, number))[1].flatten().tolist()) for number in range(100)}
    assert len(positions) == 8


def test_a_flip_comes_half_of_the_time_and_follows_from_its_seed():
    image, target, known = sample(5, 7)
    flips = Augmentation((5, 7), flips=["horizontal"])
    turned = [not torch.equal(flips(image, target, known, seed=(1, n))[1], target) for n in range(300)]
    assert 0.4 < np.mean(turned) < 0.6
    assert turned == [not torch.equal(flips(image, target, known, seed=(1, n))[1], target) for n in range(300)]


def test_the_label_of_a_chip_stays():
    image, _, _ = sample()
    _, label, known = Augmentation((6, 6), flips=["horizontal"])(image, torch.tensor(1), torch.tensor(True), seed=(0,))
    assert label == 1
    assert known


def test_flips_are_those_that_albumentations_draws_from_the_same_seeds():
    image, target, known = sample()
    transforms = [albumentations.HorizontalFlip(p=0.5), albumentations.Transpose(p=0.5)]
    flips = Augmentation((6, 6), flips=["horizontal", "transpose"])
    for number in range(20):
        expected = target.numpy()
        for transform, seed in zip(transforms, np.random.SeedSequence((0, number)).generate_state(3), strict=False):
            transform.set_random_seed(int(seed))
            expected = transform(image=expected)["image"]
        assert np.array_equal(flips(image, target, known, seed=(0, number))[1].numpy(), expected)


def test_names_and_shapes_that_cannot_be_are_refused():
    with pytest.raises(UnknownNameError, match="Did you mean 'horizontal'"):
        Augmentation((6, 6), flips=["horisontal"])
    for wrong in ({"shift": 5}, {"shift": 0}, {"erase": 1.0}, {"jitter": -0.1}, {"gain": 1.0}, {"noise": 0.0}):
        with pytest.raises(ValueError, match=f"inputs.{next(iter(wrong))} is null or lies"):
            Augmentation((5, 7), **wrong)


ALL = {"flips": list(TURNS), "shift": 2, "erase": 0.5}


@pytest.mark.parametrize("asked", [{"shift": 2}, {"erase": 0.5}, {"flips": ["transpose"]}, ALL])
def test_what_comes_in_or_is_covered_is_unseen_and_unknown_and_all_else_moves_alike(asked):
    plane = 1 + torch.arange(9 * 7, dtype=torch.float32).reshape(9, 7)
    image, known = torch.stack([plane * factor for factor in range(1, 14)]), plane % 3 == 0
    changed = Augmentation((9, 7), **asked)
    size = (9, 9) if "flips" in asked else (9, 7)
    unseen = 0
    for seed in range(30):
        augmented, target, which = changed(image, plane, known, seed=(0, seed))
        assert augmented.shape == (13, *size)
        assert torch.equal(augmented[0], target.clamp(min=0))
        assert torch.equal(augmented[12], 13 * augmented[0])
        assert set(target.flatten().tolist()) <= {-1.0, *plane.flatten().tolist()}
        assert torch.equal(which, (target > 0) & (target % 3 == 0))
        unseen += int((target == -1).sum())
    assert unseen


def test_an_erased_rectangle_comes_half_of_the_time():
    image, known = torch.ones(2, 20, 20), torch.ones(20, 20, dtype=torch.bool)
    changed = Augmentation((20, 20), erase=0.5)
    sizes = [int((~changed(image, image[0], known, seed=(0, number))[2]).sum()) for number in range(200)]
    assert 0.4 < np.mean(np.array(sizes) > 0) < 0.6
    assert max(sizes) <= 10 * 10


def test_jitter_changes_each_channel_by_its_own_line_and_leaves_what_is_not_seen():
    image, target, known = torch.randn(3, 8, 8), torch.rand(8, 8), torch.rand(8, 8) < 0.5
    image[:, :2] = 0
    changed = Augmentation((8, 8), jitter=0.1)
    augmented, other, which = changed(image, target, known, seed=(0, 1))
    assert torch.equal(other, target) and torch.equal(which, known)
    assert (augmented[:, :2] == 0).all()
    lines = [
        np.polyfit(before[2:].flatten(), after[2:].flatten(), 1) for before, after in zip(image, augmented, strict=True)
    ]
    assert np.abs(np.array(lines) - [1, 0]).max() <= 0.1 + 1e-5
    assert len({round(float(slope), 5) for slope, _ in lines}) == 3
    assert torch.equal(augmented, changed(image, target, known, seed=(0, 1))[0])
    assert not torch.equal(augmented, changed(image, target, known, seed=(0, 2))[0])


def lines(before, after):
    """Slope and intercept of every channel."""
    return np.array([np.polyfit(x.flatten(), y.flatten(), 1) for x, y in zip(before, after, strict=True)])


def test_gain_and_offset_are_one_for_all_channels_of_a_date_and_jitter_is_a_channels_own():
    image, target, known = torch.randn(4, 8, 8), torch.rand(8, 8), torch.rand(8, 8) < 0.5
    asked = {"gain": 0.2, "offset": 0.3}
    fitted = [
        lines(
            image,
            Augmentation((8, 8), dates=[range(2), range(2, 4)], **asked, **own)(image, target, known, seed=(0, 1))[0],
        )
        for own in ({}, {"jitter": 0.01})
    ]
    shared, with_own = fitted
    np.testing.assert_allclose(shared[[0, 2]], shared[[1, 3]], atol=1e-5)
    assert (np.abs(shared[0] - shared[2]) > 1e-3).all()
    assert (np.abs(shared - [1, 0]) <= [0.2 + 1e-5, 0.3 + 1e-5]).all()
    assert 1e-4 < np.abs(with_own[0] - with_own[1]).max() <= 0.02 + 1e-5
    one_date = lines(image, Augmentation((8, 8), **asked)(image, target, known, seed=(0, 1))[0])
    np.testing.assert_allclose(one_date, np.broadcast_to(one_date[0], (4, 2)), atol=1e-5)


def test_noise_is_of_each_pixel_and_channel_and_leaves_what_is_not_seen():
    image, target, known = torch.randn(3, 40, 40), torch.rand(40, 40), torch.rand(40, 40) < 0.5
    image[:, :4] = 0
    changed = Augmentation((40, 40), noise=0.2)
    augmented, other, which = changed(image, target, known, seed=(0, 1))
    assert torch.equal(other, target) and torch.equal(which, known)
    assert (augmented[:, :4] == 0).all()
    noise = (augmented - image)[:, 4:].flatten(1)
    assert noise.std() == pytest.approx(0.2, rel=0.05)
    assert np.abs(np.corrcoef(noise)[np.triu_indices(3, 1)]).max() < 0.1
    assert torch.equal(augmented, changed(image, target, known, seed=(0, 1))[0])
