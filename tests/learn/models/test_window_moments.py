import numpy as np
import pytest
import torch

from rojsat.learn.models import window_moments
from rojsat.learn.models.window_moments import WindowMoments


@pytest.fixture
def image():
    """Two images with a cloud, on which all channels are 0, and one channel that is 0 at a pixel that is seen."""
    image = torch.randn(2, 3, 13, 10, generator=torch.Generator().manual_seed(0))
    image[:, :, 2:11, :7] = 0
    image[0, 1, 12, 9] = 0
    return image


@pytest.mark.parametrize("side", [3, 5, 21])
def test_mean_and_deviation_are_those_of_the_seen_pixels_of_the_square(image, side):
    seen, around = (image != 0).any(dim=1), side // 2
    planes = WindowMoments([side])(image)
    assert planes.shape == (2, 6, 13, 10)
    for number, row, column in np.ndindex(2, 13, 10):
        square = (slice(max(0, row - around), row + around + 1), slice(max(0, column - around), column + around + 1))
        pixels = image[number][:, *square][:, seen[number][square]]
        moments = [pixels.mean(dim=1), pixels.std(dim=1, correction=0)] if pixels.numel() else [torch.zeros(6)]
        assert torch.allclose(planes[number, :, row, column], torch.cat(moments), atol=2e-3)
    assert planes[0, :, 5, 3].any() == (side > 5)  # nothing of a small square in the cloud is seen


def test_windows_follow_one_another_and_what_is_nowhere_seen_has_a_finite_gradient(image):
    image = torch.cat([image, torch.zeros_like(image)]).requires_grad_()
    planes = WindowMoments([3, 5])(image)
    assert torch.equal(planes, torch.cat([WindowMoments([3])(image), WindowMoments([5])(image)], dim=1))
    planes.square().sum().backward()
    assert image.grad.isfinite().all() and not planes[2:].any()


@pytest.mark.parametrize("windows", [[4], [1], [-3], [5, 5]])
def test_squares_without_a_middle_or_surroundings_are_refused(windows):
    with pytest.raises(ValueError, match=r"model.options.windows are different odd numbers.*as \[5, 9, 21\]"):
        window_moments.check(windows)
