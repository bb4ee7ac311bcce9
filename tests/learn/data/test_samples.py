import pytest
import torch

from rojsat.learn.data.samples import EpochSampler, Samples, loader
from tests.support.learning import samples


def test_order_follows_from_seed_and_epoch_and_processes_share_it_out():
    numbers = list(EpochSampler(11, seed=1, epoch=3))
    assert numbers == list(EpochSampler(11, seed=1, epoch=3))
    assert numbers != list(EpochSampler(11, seed=1, epoch=4))
    assert sorted(number for _, number in numbers) == list(range(11))
    shares = [list(EpochSampler(11, seed=1, epoch=3, rank=rank, world=2)) for rank in range(2)]
    assert len(shares[0]) == len(shares[1]) == 5
    assert not set(shares[0]) & set(shares[1])


@pytest.mark.parametrize("workers", [0, 2])
def test_flips_follow_from_seed_and_epoch_whatever_the_workers(workers):
    flipped = samples(flips=["horizontal", "vertical"])
    first, again, other = (
        torch.cat([batch[0] for batch in loader(flipped, EpochSampler(12, seed=0, epoch=e), batch_size=4, workers=w)])
        for e, w in ((1, 0), (1, workers), (2, 0))
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_last_batch_of_one_is_left_out():
    train = samples()
    sizes = [len(batch[0]) for batch in loader(train, EpochSampler(9, seed=0, epoch=1), batch_size=4)]
    assert sizes == [4, 4]


def test_without_flips_a_sample_is_itself():
    train = samples()
    assert isinstance(train, Samples)
    image, target, known = train[5, 3]
    assert torch.equal(image, train.images[3])
    assert torch.equal(target, train.targets[3])
    assert torch.equal(known, train.known[3])
