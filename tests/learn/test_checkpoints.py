import random

import numpy as np
import pytest
import torch

from rojsat.learn import checkpoints, machine
from tests.support.learning import Tiny


def draws():
    return random.random(), np.random.rand(), torch.rand(1).item()  # noqa: NPY002


def state(**options):
    model = Tiny()
    optimizer = torch.optim.Adam(model.parameters())
    return checkpoints.State(model, optimizer, torch.optim.lr_scheduler.StepLR(optimizer, 7), **options)


def test_every_random_generator_goes_on_where_it_was(tmp_path):
    machine.seed_all(7)
    draws()
    checkpoints.save(state(), tmp_path)
    expected = draws()
    machine.seed_all(99)
    assert checkpoints.resume(state(), tmp_path)
    assert draws() == expected


def test_nothing_to_go_on_from_says_so(tmp_path):
    assert not checkpoints.resume(state(), tmp_path)


def test_a_save_that_fails_leaves_the_one_before(tmp_path, monkeypatch):
    checkpoints.save(state(history=[{"number": 1}]), tmp_path)

    def broken(content, path):
        path.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(torch, "save", broken)
    with pytest.raises(OSError, match="disk full"):
        checkpoints.save(state(), tmp_path)
    resumed = state()
    checkpoints.resume(resumed, tmp_path)
    assert resumed.history == [{"number": 1}]


def test_no_best_yet_says_to_train(tmp_path):
    with pytest.raises(ValueError, match="train first"):
        checkpoints.load_best(Tiny(), tmp_path)
