import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rojsat.learn.data.sample_arrays import CLIP, channel_statistics, read, standardise
from tests.support.learning import CHANNELS, GARBAGE, sample_arrays
from tests.support.stores import in_memory


def test_a_channel_of_the_training_part_has_mean_0_and_deviation_1():
    arrays = sample_arrays(regions=30, height=20)
    images = standardise(arrays, channel_statistics(arrays)).images
    for channel in range(images.shape[1]):
        values = images[:, channel][arrays.seen]
        assert abs(values.mean()) < 0.01
        assert values.std() == pytest.approx(1, abs=0.02)  # the outermost two in a thousand count in no statistic


@settings(deadline=None, max_examples=20)
@given(garbage=st.sampled_from(GARBAGE), other=st.sampled_from(GARBAGE))
def test_unseen_and_unknown_pixels_change_no_bit_of_statistics_or_samples(garbage, other):
    clean, corrupted = in_memory(), in_memory()
    hidden = np.broadcast_to(~corrupted.visible[:, None], corrupted.images.shape)
    corrupted.images[hidden] = garbage
    clean.images[hidden] = 0
    corrupted.degrees[(corrupted.degrees < 0) | ~corrupted.visible] = other
    clean_arrays, corrupted_arrays = (
        read(s, s.index, CHANNELS, dates=None, task="segmentation") for s in (clean, corrupted)
    )
    np.testing.assert_array_equal(channel_statistics(clean_arrays).std, channel_statistics(corrupted_arrays).std)
    expected, standard = (
        standardise(arrays, channel_statistics(arrays)) for arrays in (clean_arrays, corrupted_arrays)
    )
    np.testing.assert_array_equal(expected.images, standard.images)
    np.testing.assert_array_equal(expected.targets, standard.targets)
    np.testing.assert_array_equal(expected.known, standard.known)
    assert (standard.images[hidden] == 0).all()


def test_a_channel_unknown_in_a_seen_pixel_is_zero_and_the_others_stay():
    arrays = sample_arrays()
    pixel = tuple(np.argwhere(arrays.seen)[0])
    arrays.images[pixel[0], 1, pixel[1], pixel[2]] = np.nan
    image = standardise(arrays, channel_statistics(arrays)).images[pixel[0], :, pixel[1], pixel[2]]
    assert image[1] == 0
    assert image[0] != 0


def test_an_outlier_moves_neither_statistics_nor_leaves_the_bounds():
    arrays = sample_arrays(regions=20)
    before = channel_statistics(arrays)
    pixel = tuple(np.argwhere(arrays.seen)[0])
    arrays.images[pixel[0], 0, pixel[1], pixel[2]] = 1e8
    assert channel_statistics(arrays).std[0] == pytest.approx(before.std[0], rel=0.02)
    assert standardise(arrays, channel_statistics(arrays)).images.max() == CLIP


def test_dates_are_stacked_in_their_order_one_sample_a_window():
    store = in_memory(regions=3, dates=2)
    arrays = read(store, store.index, CHANNELS, dates=["2019-08-01", "2019-07-01"], task="segmentation")
    assert arrays.images.shape == (3, 6, 9, 8)
    np.testing.assert_array_equal(arrays.images[0, :3], store.images[1])
    np.testing.assert_array_equal(arrays.images[0, 3:], store.images[0])
    np.testing.assert_array_equal(arrays.seen[0], store.visible[0] & store.visible[1])
    assert not arrays.known[0][(store.degrees[0] < 0) | (store.degrees[1] < 0)].any()
    assert list(arrays.rows["date"]) == ["2019-07-01"] * 3


def test_a_window_that_misses_a_date_gives_no_sample():
    store = in_memory(regions=3, dates=2)
    arrays = read(store, store.index.iloc[1:], CHANNELS, dates=["2019-07-01", "2019-08-01"], task="segmentation")
    assert list(arrays.rows["region"]) == ["r1", "r2"]


def test_of_several_orbits_the_clearest_is_taken():
    store = in_memory(regions=1, dates=2)
    store.index["date"] = "2019-07-01"
    store.index["cloud"] = [0.5, 0.1]
    arrays = read(store, store.index, CHANNELS, dates=["2019-07-01"], task="segmentation")
    np.testing.assert_array_equal(arrays.images[0], store.images[1])


def test_dates_that_no_region_has_are_named_with_those_available():
    store = in_memory()
    with pytest.raises(ValueError, match="can name: 2019-07-01, 2019-08-01"):
        read(store, store.index, ["a"], dates=["2020-01-01"], task="segmentation")


def test_labels_of_stands_are_classes_and_missing_ones_unknown():
    store = in_memory(regions=3, dates=1)
    store.index.loc[2, "label"] = None
    arrays = read(store, store.index, CHANNELS, dates=None, task="classification")
    assert list(arrays.targets) == [0, 1, -1]
    assert list(arrays.known) == [True, True, False]


def test_samples_of_another_size_are_cut_or_padded_with_unseen_pixels():
    before = sample_arrays()
    arrays = before.resized(12, 5)
    assert arrays.images.shape[-2:] == arrays.seen.shape[-2:] == arrays.targets.shape[-2:] == (12, 5)
    np.testing.assert_array_equal(arrays.seen[:, :9], before.seen[:, :, :5])
    assert not arrays.seen[:, 9:].any() and not arrays.known[:, 9:].any()
    assert set(arrays.rows["height"]) == {9} and set(arrays.rows["width"]) == {5}


def test_samples_are_joined_one_behind_the_other():
    first, second = sample_arrays(seed=0), sample_arrays(seed=1, regions=2)
    both = first + second
    np.testing.assert_array_equal(both.targets, np.concatenate([first.targets, second.targets]))
    assert list(both.rows["chip"]) == [*first.rows["chip"], *second.rows["chip"]]
