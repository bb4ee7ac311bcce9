import numpy as np
import pytest
import torch

from rojsat.learn.data.covering import CoveredSamples, squares
from rojsat.learn.data.sample_arrays import channel_statistics, standardise
from tests.support.learning import sample_arrays


@pytest.fixture
def samples():
    arrays = sample_arrays(height=24, width=20)
    standard = standardise(arrays, channel_statistics(arrays))
    return CoveredSamples(standard, share=0.4, side=5, augmentation={}, seed=0)


def test_a_share_of_complete_squares_is_covered():
    covered = squares((40, 30), share=0.5, side=5, seed=(0, 1, 2)).numpy()
    assert 0.35 < covered.mean() < 0.65
    changes = [np.flatnonzero(np.diff(covered.astype(int), axis=axis).any(axis=1 - axis)) + 1 for axis in (0, 1)]
    assert all(len(set(at % 5)) == 1 for at in changes)  # all borders lie on one grid
    assert squares((3, 3), share=0.01, side=8, seed=(0,)).any()  # one square at least


def test_the_image_is_the_target_and_covered_pixels_are_hidden(samples):
    image, target, covered = samples[(1, 3)]
    seen = torch.from_numpy(samples.seen[3])
    assert torch.equal(target, samples.images[3])
    assert covered.any() and not covered[~seen].any()
    assert not image[:, covered].any()
    assert torch.equal(image[:, ~covered], target[:, ~covered])


def test_squares_follow_from_epoch_and_number_and_those_of_validation_stay(samples):
    first, again, other = (samples[key][2] for key in ((1, 3), (1, 3), (2, 3)))
    assert torch.equal(first, again) and not torch.equal(first, other)
    fixed, twice = samples.fixed(), samples.fixed()
    assert torch.equal(fixed.known, twice.known)
    images, targets, known = fixed.batch(0, len(fixed))
    assert not images.movedim(1, -1)[known].any()
    assert torch.equal(targets, samples.images)


def test_no_label_is_looked_at(samples):
    arrays = sample_arrays(height=24, width=20)
    arrays.targets[:], arrays.known[:] = np.nan, False
    unlabelled = standardise(arrays, channel_statistics(arrays))
    others = CoveredSamples(unlabelled, share=0.4, side=5, augmentation={}, seed=0)
    for plane, other in zip(samples[(1, 3)], others[(1, 3)], strict=True):
        assert torch.equal(plane, other)
