import numpy as np

from rojsat.learn.data import series
from rojsat.learn.data.sample_arrays import channel_statistics, read, standardise
from tests.support.learning import CHANNELS
from tests.support.stores import in_memory

PLANES = len(CHANNELS) + len(series.PLANES)


def arrays(store, rows=None, **options):
    rows = store.index if rows is None else rows
    return read(store, rows, CHANNELS, dates=["all"], task=options.pop("task", "segmentation"), **options)


def test_a_region_is_one_sample_with_a_block_a_date():
    store = in_memory(regions=3, dates=2)
    samples = arrays(store)
    assert samples.images.shape == (3, 2 * PLANES, 9, 8)
    dated = series.by_date(samples.images, 2)
    for date in range(2):
        seen = store.visible[date]
        np.testing.assert_array_equal(dated[0, date, :3, seen], store.images[date][:, seen].T)
        assert np.isnan(dated[0, date][:, ~seen]).all()
        assert (dated[0, date, 3, seen] == 1).all()
        angle = 2 * np.pi * [181, 212][date] / series.YEAR  # 1 July and 1 August, from 0
        np.testing.assert_allclose(dated[0, date, 4:, seen], [[np.sin(angle), np.cos(angle)]] * seen.sum(), atol=1e-6)
    np.testing.assert_array_equal(samples.seen[0], store.visible[0] | store.visible[1])
    assert list(samples.rows["date"]) == ["2019-08-01"] * 3


def test_a_missing_date_is_an_empty_block_at_the_end():
    store = in_memory(regions=3, dates=2)
    rows = store.index.drop(index=0)  # r0 has the later date alone
    samples = arrays(store, rows)
    np.testing.assert_array_equal(samples.seen[0], store.visible[1])
    dated = series.by_date(samples.images, 2)
    assert np.isnan(dated[0, 1]).all() and not np.isnan(dated[1, 1]).all()
    standard = standardise(samples, channel_statistics(samples))
    assert (series.by_date(standard.images, 2)[0, 1] == 0).all()


def test_the_degree_is_that_of_the_newest_date_at_which_it_is_known():
    store = in_memory(regions=1, dates=3)
    store.degrees[2, 0, 0], store.visible[:, 0, 0] = 0.25, True
    store.degrees[1, 0, 1], store.degrees[2, 0, 1], store.visible[:, 0, 1] = 0.5, 0.75, [True, True, False]
    store.degrees[:, 0, 2] = -1
    samples = arrays(store)
    assert [samples.targets[0, 0, column] for column in (0, 1)] == [0.25, 0.5]
    assert list(samples.known[0, 0, :3]) == [True, True, False]


def test_a_channel_has_one_mean_and_one_deviation_over_all_dates():
    store = in_memory(regions=8, dates=2, height=20, width=20)
    store.images[1::2] += 4  # the second date is brighter
    statistics = channel_statistics(arrays(store).resized(30, 30))
    mean, std = (values.reshape(2, PLANES) for values in (statistics.mean, statistics.std))
    np.testing.assert_array_equal(mean[0], mean[1])
    np.testing.assert_array_equal(std[0], std[1])
    np.testing.assert_allclose(mean[0], [2, 2, 2, 0, 0, 0], atol=0.1)
    np.testing.assert_allclose(std[0, :3], np.sqrt(5), atol=0.1)
    assert (std[0, 3:] == 1).all()


def test_stands_of_several_dates_have_one_label():
    samples = arrays(in_memory(regions=4, dates=3), task="classification")
    assert list(samples.targets) == [0, 1, 0, 1]


def test_the_mean_of_the_dates_is_that_of_those_that_see():
    store = in_memory(regions=2, dates=2)
    mean = series.mean(arrays(store).images, 2)[0]
    first, second = store.visible[:2]
    np.testing.assert_allclose(mean[:, first & second], store.images[:2].mean(axis=0)[:, first & second], rtol=1e-5)
    np.testing.assert_array_equal(mean[:, first & ~second], store.images[0][:, first & ~second])
    assert np.isnan(mean[:, ~first & ~second]).all()
