import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rojsat.learn.data.inputs import CLIP, measure, read, standardise
from tests.support.fakes import GARBAGE, planes, store


def test_a_channel_of_the_training_part_has_mean_0_and_deviation_1():
    found = planes(regions=30, height=20)
    images = standardise(found, measure(found)).images
    for channel in range(images.shape[1]):
        values = images[:, channel][found.seen]
        assert abs(values.mean()) < 0.01
        assert values.std() == pytest.approx(1, abs=0.02)  # the outermost two in a thousand count in no statistic


@settings(deadline=None, max_examples=20)
@given(garbage=st.sampled_from(GARBAGE), other=st.sampled_from(GARBAGE))
def test_unseen_and_unknown_pixels_change_no_bit_of_statistics_or_samples(garbage, other):
    clean, spoilt = store(), store()
    hidden = np.broadcast_to(~spoilt.visible[:, None], spoilt.images.shape)
    spoilt.images[hidden] = garbage
    clean.images[hidden] = 0
    spoilt.degrees[(spoilt.degrees < 0) | ~spoilt.visible] = other
    one, two = (read(s, s.index, ["a", "b", "c"], dates=None, task="segmentation") for s in (clean, spoilt))
    np.testing.assert_array_equal(measure(one).std, measure(two).std)
    one, two = standardise(one, measure(one)), standardise(two, measure(two))
    np.testing.assert_array_equal(one.images, two.images)
    np.testing.assert_array_equal(one.targets, two.targets)
    np.testing.assert_array_equal(one.known, two.known)
    assert (two.images[hidden] == 0).all()


def test_a_channel_unknown_in_a_seen_pixel_is_zero_and_the_others_stay():
    found = planes()
    place = tuple(np.argwhere(found.seen)[0])
    found.images[place[0], 1, place[1], place[2]] = np.nan
    image = standardise(found, measure(found)).images[place[0], :, place[1], place[2]]
    assert image[1] == 0
    assert image[0] != 0


def test_an_outlier_moves_neither_statistics_nor_leaves_the_bounds():
    found = planes(regions=20)
    before = measure(found)
    place = tuple(np.argwhere(found.seen)[0])
    found.images[place[0], 0, place[1], place[2]] = 1e8
    assert measure(found).std[0] == pytest.approx(before.std[0], rel=0.02)
    assert standardise(found, measure(found)).images.max() == CLIP


def test_dates_are_stacked_in_their_order_one_sample_a_window():
    fake = store(regions=3, dates=2)
    found = read(fake, fake.index, ["a", "b", "c"], dates=["2019-08-01", "2019-07-01"], task="segmentation")
    assert found.images.shape == (3, 6, 9, 8)
    np.testing.assert_array_equal(found.images[0, :3], fake.images[1])
    np.testing.assert_array_equal(found.images[0, 3:], fake.images[0])
    np.testing.assert_array_equal(found.seen[0], fake.visible[0] & fake.visible[1])
    assert not found.known[0][(fake.degrees[0] < 0) | (fake.degrees[1] < 0)].any()
    assert list(found.rows["date"]) == ["2019-07-01"] * 3


def test_a_window_that_misses_a_date_gives_no_sample():
    fake = store(regions=3, dates=2)
    found = read(fake, fake.index.iloc[1:], ["a", "b", "c"], dates=["2019-07-01", "2019-08-01"], task="segmentation")
    assert list(found.rows["region"]) == ["r1", "r2"]


def test_of_several_orbits_the_clearest_is_taken():
    fake = store(regions=1, dates=2)
    fake.index["date"] = "2019-07-01"
    fake.index["cloud"] = [0.5, 0.1]
    found = read(fake, fake.index, ["a", "b", "c"], dates=["2019-07-01"], task="segmentation")
    np.testing.assert_array_equal(found.images[0], fake.images[1])


def test_dates_that_no_region_has_are_named_with_those_there_are():
    fake = store()
    with pytest.raises(ValueError, match="can name: 2019-07-01, 2019-08-01"):
        read(fake, fake.index, ["a"], dates=["2020-01-01"], task="segmentation")


def test_labels_of_stands_are_classes_and_missing_ones_unknown():
    fake = store(regions=3, dates=1)
    fake.index.loc[2, "label"] = None
    found = read(fake, fake.index, ["a", "b", "c"], dates=None, task="classification")
    assert list(found.targets) == [0, 1, -1]
    assert list(found.known) == [True, True, False]


def test_samples_of_another_size_are_cut_or_padded_with_what_is_not_seen():
    before = planes()
    found = before.fitted(12, 5)
    assert found.images.shape[-2:] == found.seen.shape[-2:] == found.targets.shape[-2:] == (12, 5)
    np.testing.assert_array_equal(found.seen[:, :9], before.seen[:, :, :5])
    assert not found.seen[:, 9:].any() and not found.known[:, 9:].any()
    assert set(found.rows["height"]) == {9} and set(found.rows["width"]) == {5}


def test_samples_are_joined_one_behind_the_other():
    one, other = planes(seed=0), planes(seed=1, regions=2)
    both = one + other
    np.testing.assert_array_equal(both.targets, np.concatenate([one.targets, other.targets]))
    assert list(both.rows["chip"]) == [*one.rows["chip"], *other.rows["chip"]]
