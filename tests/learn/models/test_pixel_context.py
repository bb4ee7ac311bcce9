import numpy as np
import pytest

from rojsat.learn.models import pixel_context
from rojsat.learn.models.pixel_model import PixelModel

SIDES = (3, 5, 9, 21)


def images(seed=0, holes=0.3):
    """(2, 3, 11, 14) with pixels that are not seen."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(2, 3, 11, 14)).astype(np.float32)
    return values * (rng.random((2, 1, 11, 14)) > holes)


@pytest.mark.parametrize("side", SIDES)
def test_statistics_are_those_of_the_visible_pixels_of_the_square_around_a_pixel(side):
    planes = images()
    computed = pixel_context.statistics(planes, [side]).reshape(2, 4, 3, 11, 14)
    around = side // 2
    for row, column in ((0, 0), (5, 7), (10, 13), (2, 12)):
        square = planes[0][
            :, max(0, row - around) : row + around + 1, max(0, column - around) : column + around + 1
        ].reshape(3, -1)
        square = square[:, (square != 0).any(axis=0)]
        expected = [square.mean(axis=1), square.std(axis=1), square.min(axis=1), square.max(axis=1)]
        np.testing.assert_allclose(computed[0, :, :, row, column], expected, atol=1e-6)


def test_what_lies_beyond_a_square_changes_no_bit_and_where_nothing_is_visible_all_is_0():
    planes = images()
    planes[:, :, :, :5] = 0
    whole, part = (pixel_context.statistics(each, [3, 5]) for each in (planes, planes[:, :, 2:, 3:]))
    np.testing.assert_array_equal(whole[:, :, 4:, 5:], part[:, :, 2:, 2:])
    assert (whole[:, :12, :, :4] == 0).all() and np.isfinite(whole).all()


def test_features_of_chosen_pixels_stand_in_their_order_and_do_not_depend_on_what_is_chosen():
    planes, model = images(holes=0), PixelModel(None, window=3, windows=[3, 9])
    every = np.ones((2, 11, 14), bool)
    few = np.random.default_rng(1).random(every.shape) > 0.9
    features = model.features(planes, every)
    assert features.shape == (every.sum(), 3 * 9 + 4 * 2 * 3) and features.dtype == np.float32
    np.testing.assert_array_equal(model.features(planes, few), features[few.ravel()])
    np.testing.assert_array_equal(features[:, 12:15].T, planes.transpose(1, 0, 2, 3).reshape(3, -1))  # its own channels
    assert model.features(planes, ~every).shape == (0, features.shape[1])


@pytest.mark.parametrize("sides", [[4], [1], [5, 5], [5.0], "5", [0]])
def test_other_squares_are_refused(sides):
    with pytest.raises(ValueError, match=r"model\.options\.windows"):
        PixelModel(None, windows=sides)
