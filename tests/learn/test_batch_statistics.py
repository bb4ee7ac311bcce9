import pytest
import torch

from rojsat.learn import batch_statistics, machine
from rojsat.learn.data.augmentation import Augmentation
from rojsat.learn.data.sample_arrays import channel_statistics, read, standardise
from rojsat.learn.data.samples import Samples
from tests.support.learning import CHANNELS, samples, tiny
from tests.support.stores import in_memory


def estimated(train, batch_size=4, seed=0, dropout=0.2):
    network = tiny(dropout=dropout)
    batch_statistics.estimate(network, train, batch_size=batch_size, seed=seed)
    return network


def test_statistics_are_the_mean_over_the_training_part_not_those_of_training():
    train, before = samples(flips=["horizontal"]), tiny()
    network = estimated(train)
    convolved = network.body[0](train.images).detach()  # (12, 4, H, W)
    layer = network.body[1]
    assert not torch.allclose(layer.running_mean, before.body[1].running_mean)
    torch.testing.assert_close(layer.running_mean, convolved.mean(dim=(0, 2, 3)))
    groups = [network.body[0](batch).detach() for batch in batch_statistics.batches(train, 4, 0)]
    variance = torch.stack([group.var(dim=(0, 2, 3)) for group in groups]).mean(dim=0)
    torch.testing.assert_close(layer.running_var, variance)
    weights = zip(network.parameters(), before.parameters(), strict=True)
    assert all(torch.equal(after, weight) for after, weight in weights)
    assert layer.momentum == before.body[1].momentum and network.training == before.training


def test_twice_gives_the_same_bits_and_draws_nothing_from_the_generators():
    train = samples()
    machine.seed_all(5)
    first = estimated(train).state_dict()
    machine.seed_all(5)
    expected = torch.rand(1)
    machine.seed_all(5)
    network = estimated(train)
    machine.seed_all(5)
    batch_statistics.estimate(network, train, batch_size=4)  # of statistics that are estimated already
    assert torch.equal(torch.rand(1), expected)
    assert all(torch.equal(first[key], value) for key, value in network.state_dict().items())


@pytest.mark.parametrize(("size", "sizes"), [(4, [4, 4, 4]), (5, [6, 6]), (11, [12]), (50, [12]), (1, [1] * 12)])
def test_batches_hold_all_samples_once_and_are_even(size, sizes):
    train = samples()
    batches = list(batch_statistics.batches(train, size, seed=1))
    assert [len(batch) for batch in batches] == sizes
    total = torch.cat(batches)
    assert torch.equal(total.sum(dim=(1, 2, 3)).sort().values, train.images.sum(dim=(1, 2, 3)).sort().values)
    assert not torch.equal(total, train.images)  # in random order


def test_windows_are_drawn_where_training_sees_windows():
    store = in_memory(margin=7)
    arrays = read(store, store.index, CHANNELS, dates=None, task="segmentation", window=8)
    flips = Augmentation((8, 8), flips=["transpose"])
    framed = standardise(arrays, channel_statistics(arrays))
    train = Samples(framed, windows_per_chip=3, augmentation=flips, seed=4)
    images = torch.cat(list(batch_statistics.batches(train, 10, seed=0)))
    assert images.shape == (36, 3, 8, 8)
    plain = Samples(framed, windows_per_chip=3, seed=4)
    expected = torch.stack([plain[0, number][0] for number in range(36)])
    assert torch.equal(images.sum(dim=(1, 2, 3)).sort().values, expected.sum(dim=(1, 2, 3)).sort().values)


def test_a_network_without_batch_normalisation_is_refused():
    with pytest.raises(ValueError, match="update_bn=true needs"):
        batch_statistics.check(torch.nn.Conv2d(3, 1, 1))
