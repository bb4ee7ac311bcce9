import numpy as np
import pytest
import torch

from rojsat.learn.models import pixel_context
from rojsat.learn.models.window_ends import WindowEnds


@pytest.mark.parametrize("windows", [[3], [5, 21]])
def test_minimum_and_maximum_are_those_that_estimators_on_pixels_read(windows):
    image = torch.randn(2, 3, 13, 10, generator=torch.Generator().manual_seed(0))
    image[:, :, 2:11, :7] = 0  # a cloud, larger than a small square
    image[0, 1, 12, 9] = 0  # of a pixel that is seen
    statistics = pixel_context.statistics(image.numpy(), windows).reshape(2, len(windows), 4, 3, 13, 10)
    ends = WindowEnds(windows)(image).numpy().reshape(2, len(windows), 2, 3, 13, 10)
    np.testing.assert_array_equal(ends, statistics[:, :, 2:])
