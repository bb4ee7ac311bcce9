import threading
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch

from rojsat.chips import splits, writer
from rojsat.chips.reader import CHUNK, Chips
from rojsat.learn import inference
from rojsat.learn.data import stream, streamed_preparation
from rojsat.learn.data.preparation import prepare
from rojsat.learn.data.sample_source import Source
from rojsat.learn.data.samples import Samples
from rojsat.learn.data.stored_samples import StoredSamples
from rojsat.learn.data.stream import blocks
from tests.support import stores
from tests.support.learning import tiny

SPLIT = partial(splits.regions, val=["1"], test=["3"])


def written(folder, **options):
    """A store in which chips lie date by date, in another order than in its index."""
    write = writer.write

    def by_date(destination, cuts, **facts):
        write(destination, sorted(cuts, key=lambda cut: cut.datetime), **facts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "write", by_date)
        chips = Chips(stores.write_small(folder, **options))
    assert not chips.rows("clearing", ["B04"])["position"].is_monotonic_increasing
    return chips


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Chips without surroundings: 12 dates of 6 clearing objects, 4.5 chunks."""
    return written(tmp_path_factory.mktemp("plain"), dates=12)


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """Chips with surroundings."""
    return written(tmp_path_factory.mktemp("wide"), dates=6, margin=7)


def source(chips, role="clearing", dates=None, task="segmentation", **frame):
    return Source(chips, role, ("B04", "ndvi", "tci.r"), dates, task, **frame)


def both(of, split=SPLIT, buffer=1, **options):
    """The same samples in memory and streamed; by default with the smallest blocks."""
    streamed = streamed_preparation.prepare(StoredSamples.of(of), split=split, buffer=buffer, **options)
    return prepare(of, split=split, **options), streamed


STAND_SPLIT = partial(splits.regions, val=["101", "102"], test=["103"])
CASES = {
    "box": ("plain", {}, {"augmentation": {"flips": ["horizontal", "transpose"], "jitter": 0.1}}),
    "several dates": ("plain", {"dates": ["2019-08-01", "2019-08-07"]}, {}),
    "all dates": ("plain", {"dates": ["all"]}, {}),
    "window": ("wide", {"window": 8}, {"windows_per_chip": 3, "augmentation": {"shift": 2}}),
    "window inside": ("wide", {"window": 12, "inside": True}, {}),
    "box of wide chips": ("wide", {}, {}),
    "classes": ("plain", {"role": "stand", "task": "classification"}, {"split": STAND_SPLIT}),
}


@pytest.mark.parametrize(("store", "frame", "options"), CASES.values(), ids=CASES.keys())
def test_a_stream_gives_every_sample_as_memory_does(request, store, frame, options):
    memory, streamed = both(source(request.getfixturevalue(store), **frame), **options)
    assert np.abs((streamed.statistics.mean - memory.statistics.mean) / memory.statistics.std).max() < 0.01
    np.testing.assert_allclose(streamed.statistics.std, memory.statistics.std, rtol=0.01)
    pd.testing.assert_frame_equal(streamed.split, memory.split)
    assert {each.kind for each in streamed.audit.findings} == {each.kind for each in memory.audit.findings}
    train, expected = streamed.samples["train"], memory.samples["train"]
    train._finish = partial(train._finish, statistics=memory.statistics)
    row_of = {chip: row for row, chip in enumerate(expected.rows["chip"])}
    plan = blocks(train.stored.chunks[train.numbers], size=16, seed=5, epoch=2, draws=train.windows_per_chip)
    draws = [int(draw) for _, drawn in plan for draw in drawn]
    assert sorted(draws) == list(range(train.draws)) == list(range(expected.draws))
    streamed_samples = [
        sample for batch in train.epoch(2, seed=5, batch_size=1)(0) for sample in zip(*batch, strict=True)
    ]
    for draw, (image, target, known) in zip(draws, streamed_samples, strict=True):
        row = row_of[train.rows["chip"].iloc[draw // train.windows_per_chip]]
        seed = (expected.seed, 2, draw)
        other_image, other_target, other_known = expected.drawn_sample(row, seed)
        assert torch.equal(image, other_image)
        assert torch.equal(target, other_target) and torch.equal(known, other_known)


@pytest.mark.parametrize(("store", "frame", "options"), CASES.values(), ids=CASES.keys())
def test_validation_is_streamed_to_the_predictions_of_memory(request, store, frame, options):
    _, streamed = both(source(request.getfixturevalue(store), **frame), **options)
    val = streamed.samples["val"]
    memory = val.read(np.arange(len(val)))
    channels, chips = val.shape[0], memory.targets.ndim == 1
    model = tiny(channels=channels, outputs=2 if chips else 1, chips=chips)
    for name in ("targets", "fitted", "known"):
        assert torch.equal(getattr(val, name), getattr(memory, name))
    assert (val.seen == memory.seen).all() and val.extents == memory.extents
    predictions = [inference.infer(model, samples, batch_size=5)[0] for samples in (val, memory)]
    np.testing.assert_array_equal(*predictions)


def test_blocks_take_each_chunk_once_mix_it_and_follow_from_seed_and_epoch():
    chunks = np.repeat(np.arange(40), CHUNK)
    plan = blocks(chunks, size=100, seed=1, epoch=1)
    numbers = [part for part, _ in plan]
    assert max(map(len, numbers)) <= 100 + CHUNK and len(plan) == 7
    assert sorted(np.concatenate(numbers)) == list(range(len(chunks)))
    of_chunks = [set(chunks[part]) for part in numbers]
    assert sum(map(len, of_chunks)) == 40 and all(max(part) - min(part) > 6 for part in of_chunks)
    assert len(set(chunks[plan[0][1][:CHUNK]])) > 3  # not a chunk after the other
    again, other = (blocks(chunks, size=100, seed=1, epoch=epoch) for epoch in (1, 2))
    assert all((block[1] == same[1]).all() for block, same in zip(plan, again, strict=True))
    assert any((block[1] != unlike[1]).any() for block, unlike in zip(plan, other, strict=True))


def test_threads_change_no_bit_and_what_is_left_of_an_epoch_is_the_same(plain):
    _, streamed = both(source(plain), augmentation={"flips": ["vertical"]})
    train = streamed.samples["train"]
    of_one, of_three = (list(train.epoch(1, seed=0, batch_size=7, workers=workers)(0)) for workers in (1, 3))
    left = list(train.epoch(1, seed=0, batch_size=7)(4))
    shares = [list(train.epoch(1, seed=0, batch_size=7, rank=rank, world=2)(0)) for rank in range(2)]
    assert sum(len(batch[0]) for share in shares for batch in share) == len(train)
    for first, second in [*zip(of_one, of_three, strict=True), *zip(of_one[4:], left, strict=True)]:
        assert all(torch.equal(*planes) for planes in zip(first, second, strict=True))


def test_no_more_than_two_blocks_and_what_is_being_read_are_in_memory(plain, monkeypatch):
    _, streamed = both(source(plain))
    train, held, most, lock = streamed.samples["train"], set(), [], threading.Lock()
    init = Samples.__init__

    def counted(samples, arrays, **options):
        init(samples, arrays, **options)
        with lock:
            held.add(number := object())
        samples.counted = Counted(held, number)
        most.append(len(held))

    monkeypatch.setattr(Samples, "__init__", counted)
    batches = sum(1 for _ in train.epoch(1, seed=0, batch_size=4, workers=2)(0))
    assert batches == 12 and len(most) == 3  # blocks of one reading each
    assert max(most) <= 2


class Counted:
    """Takes its number out of a set when it is gone."""

    def __init__(self, held, number):
        self.held, self.number = held, number

    def __del__(self):
        self.held.discard(self.number)


def test_a_reading_that_fails_ends_the_epoch_with_its_error(plain, monkeypatch):
    _, streamed = both(source(plain))

    def broken(*_):
        raise OSError("the store is gone")

    monkeypatch.setattr(StoredSamples, "read", broken)
    with pytest.raises(OSError, match="the store is gone"):
        list(streamed.samples["train"].epoch(1, seed=0, batch_size=4)(0))


def test_a_portion_is_at_even_distances_and_all_where_it_fits(plain):
    for buffer, count in ((1, stream.LEAST), (2**30, 48)):
        train = both(source(plain), buffer=buffer)[1].samples["train"]
        portion = train.portion()
        assert type(portion) is Samples and len(portion) == count
        assert set(portion.rows["region"]) == {"0", "2", "4", "5"}


def test_what_is_not_in_memory_is_not_given(plain):
    train = both(source(plain))[1].samples["train"]
    with pytest.raises(TypeError, match="not read one by one"):
        train[1, 0]
    for name in ("images", "targets", "known", "seen"):
        with pytest.raises(AttributeError, match="portion"):
            getattr(train, name)


def test_a_training_part_of_one_degree_is_refused(plain, monkeypatch):
    monkeypatch.setattr(Chips, "stored", lambda chips, chip: np.zeros(chips.size("clearing"), np.float32))
    monkeypatch.setattr(Chips, "mask", Chips.stored)
    with pytest.raises(ValueError, match="every known pixel of it has degree 0"):
        streamed_preparation.prepare(StoredSamples.of(source(plain)), split=SPLIT, buffer=1)
