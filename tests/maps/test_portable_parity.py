import numpy as np
import pytest

from rojsat.maps import portable_graph, portable_parity

EXAMPLE, SPREAD = np.full((1, 2, 9, 7), 0.2, np.float32), np.float32([0.1, 0.1])


def mean(images):
    return np.nanmean(np.where(np.isnan(images).all(axis=1, keepdims=True), np.nan, images), axis=1)


def test_images_are_of_the_sizes_of_training_odd_ones_and_one_alone_where_the_file_takes_no_other():
    free = portable_parity.sizes((67, 70), 17, None)
    assert free[0] == (1, 67, 70) and {count for count, _, _ in free} == {1, 2, 3}
    assert all(min(height, width) >= 17 for _, height, width in free) and any(height % 2 for _, height, _ in free[1:])
    assert portable_parity.sizes((67, 70), 17, 64) == ((1, 64, 64), (3, 64, 64))


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
@pytest.mark.parametrize(
    ("predict", "message"),
    [
        (lambda images: mean(images) + np.float32(2e-4), "differ by 0.0002"),
        (lambda images: np.nan_to_num(mean(images)), "other pixels a degree"),
        (lambda images: mean(images)[:, :-1], "other pixels a degree"),
    ],
)
def test_other_degrees_and_other_unknown_pixels_are_refused(predict, message):
    chosen = ((1, 9, 7), (3, 5, 20))
    assert portable_parity.check(mean, mean, EXAMPLE, SPREAD, chosen).difference == 0
    with pytest.raises(ValueError, match=message):
        portable_parity.check(mean, predict, EXAMPLE, SPREAD, chosen)


def test_a_missing_package_is_named():
    with pytest.raises(ValueError, match=r'the package of_nobody is missing.*pip install "rojsat\[export\]"'):
        portable_graph.package("of_nobody")
