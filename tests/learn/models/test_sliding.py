"""Squares around every pixel are combined as one by one, of arrays and of tensors."""

import numpy as np
import pytest
import torch

from rojsat.learn.models import sliding


@pytest.mark.parametrize("side", [1, 3, 5, 9, 21, 31, 101])
def test_squares_are_combined_as_one_by_one(side):
    padded = np.random.default_rng(side).normal(size=(2, 3, 6 + side, 4 + side))
    squares = np.lib.stride_tricks.sliding_window_view(padded, (side, side), axis=(2, 3))
    np.testing.assert_array_equal(sliding.combined(padded, side, np.maximum), squares.max(axis=(4, 5)))
    np.testing.assert_allclose(sliding.combined(padded, side, np.add), squares.sum(axis=(4, 5)), atol=1e-9)
    tensor = torch.from_numpy(padded)
    torch.testing.assert_close(
        sliding.combined(tensor, side, torch.maximum).numpy(), squares.max(axis=(4, 5)), rtol=0, atol=0
    )


def test_a_sum_does_not_depend_on_what_stands_beyond_the_square():
    padded = torch.randn(1, 1, 30, 30)
    far = padded.clone()
    far[..., 21:] = 1e9
    first, second = (sliding.combined(planes, 9, torch.add) for planes in (padded, far))
    torch.testing.assert_close(first[..., :13], second[..., :13], rtol=0, atol=0)
