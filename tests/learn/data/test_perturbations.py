import numpy as np
import pytest
import torch

from rojsat.learn.data import perturbations
from tests.support.learning import samples


def seen_values(part):
    """(P, C) of the seen pixels of every sample."""
    return [part.images[number][:, part.seen[number]].T for number in range(len(part))]


def spectra(values):
    """Rows in an order that does not depend on that of the pixels."""
    return values[np.lexsort(values.numpy().T)]


def test_shuffled_pixels_keep_their_spectra_in_their_chip_and_leave_unseen_pixels():
    part = samples()
    shuffled = perturbations.shuffled(part)
    assert not torch.equal(shuffled.images, part.images)
    for before, after in zip(seen_values(part), seen_values(shuffled), strict=True):
        assert torch.equal(spectra(before), spectra(after))
    hidden = ~part.seen
    assert torch.equal(shuffled.images.movedim(1, -1)[hidden], part.images.movedim(1, -1)[hidden])
    assert torch.equal(shuffled.targets, part.targets)


def test_chips_of_constant_channels_are_all_alike():
    part = samples()
    images = perturbations.constant(part).images
    assert images.shape == part.images.shape
    assert not images.any()
    assert part.images.any()  # those that came in


@pytest.mark.parametrize("task", ["segmentation", "classification"])
def test_a_moved_frame_holds_the_same_pixels_at_one_offset_a_chip(task):
    part = samples(task)
    part.rows = part.rows.assign(box_row=2, box_col=1)
    moved = perturbations.moved(part, seed=3, room=5)
    height, width = part.images.shape[-2:]
    assert moved.images.shape[-2:] == moved.seen.shape[-2:] == (height + 5, width + 5)
    offsets = (moved.rows[["box_row", "box_col"]] - [2, 1]).to_numpy()
    assert len({tuple(offset) for offset in offsets}) > 3 and offsets.min() >= 0 and offsets.max() <= 5
    for number, (down, right) in enumerate(offsets):
        window = (..., slice(down, down + height), slice(right, right + width))
        assert torch.equal(moved.images[number][window], part.images[number])
        assert np.array_equal(moved.seen[number][window], part.seen[number])
        if task == "segmentation":
            assert torch.equal(moved.targets[number][window], part.targets[number])
            assert torch.equal(moved.known[number][window], part.known[number])
    assert moved.seen.sum() == part.seen.sum() and moved.known.sum() == part.known.sum()
    assert (moved.targets[~moved.known] == -1).all()


def test_a_permuted_group_keeps_its_values_over_all_chips_and_other_channels_stay():
    part = samples()
    part.images[:, 0] += torch.arange(len(part))[:, None, None] * torch.from_numpy(part.seen)
    permuted = perturbations.permuted(part, [0, 2])
    assert torch.equal(permuted.images[:, 1], part.images[:, 1])
    before, after = (torch.cat(seen_values(each)) for each in (part, permuted))
    assert torch.equal(spectra(before[:, [0, 2]]), spectra(after[:, [0, 2]]))  # channels of a pixel stay together
    means = [torch.stack([values[:, 0].mean() for values in seen_values(each)]).std() for each in (part, permuted)]
    assert means[1] < means[0] / 2  # what chips differ in is lost too
    assert torch.equal(permuted.images.movedim(1, -1)[~part.seen], part.images.movedim(1, -1)[~part.seen])


@pytest.mark.parametrize("name", ["shuffled", "moved", "permuted"])
def test_what_is_drawn_follows_from_the_seed(name):
    part, perturb = samples(), getattr(perturbations, name)
    more = ([0, 1],) if name == "permuted" else ()
    first, again, other = (perturb(part, *more, seed=seed).images for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
