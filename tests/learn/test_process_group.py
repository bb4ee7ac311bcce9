"""Two processes that share a training on the CPU, started as torchrun starts them."""

import dataclasses
import json
import os
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import nn

from rojsat.evaluation.metrics import Segmentation
from rojsat.learn import losses, machine, optimizers, schedules, training
from rojsat.learn.epoch_steps import DivergedError
from rojsat.learn.kept_weights import Keep
from rojsat.learn.process_group import Ranks
from tests.support import ports
from tests.support.learning import samples, tiny
from tests.support.warm import Child

pytestmark = pytest.mark.slow

TOLERANCE = 1e-5
"""Relative, between metrics of two processes and those of one with twice the batch: float32 sums in another order."""

EPOCHS, OFTEN = 3, 1e-9
"""Epochs of a training; minutes that ask for a checkpoint after each step."""

PROGRAM = """
import sys
from tests.learn import test_process_group
test_process_group.process(*sys.argv[1:])
"""


class Broken(Exception):
    """What a training is broken off with."""


class Partly(nn.Module):
    """A network with a parameter that no step uses."""

    def __init__(self) -> None:
        super().__init__()
        self.used, self.unused = nn.Conv2d(3, 1, 1), nn.Conv2d(3, 1, 1)

    def forward(self, image):
        return self.used(image)


def plain():
    """A network without batch normalisation and dropout, with which processes could differ."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 1, 1))


def normalised():
    """One with batch normalisation; without a bias before it, whose gradient is rounding alone, which Adam enlarges."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 1, 1))


def loss(output, target, known, *, nan_in=None, limit=None, calls=None):
    """The mean squared error; NaN in the process `nan_in`; breaks off after `limit` calls in training."""
    if calls is not None and output.requires_grad:
        if len(calls) == limit:
            raise Broken
        calls.append(1)
    value = losses.masked_mse(output, target, known)
    return value * torch.nan if nan_in is not None and nan_in == int(os.environ.get("RANK", 0)) else value


def train(fabric, folder, model, *, batch_size, **options):
    """History of a short training; what differs between processes in time is left out."""
    how = {"loss": loss, "lr": 0.05} | options
    epochs = training.fit(
        model,
        samples(flips=["horizontal"]),
        samples(seed=1),
        fabric=fabric,
        optimizer=partial(optimizers.adam, lr=how.pop("lr")),
        schedule=schedules.step,
        metrics=Segmentation,
        epochs=EPOCHS,
        batch_size=batch_size,
        folder=folder,
        seed=3,
        **how,
    )
    return [dataclasses.asdict(epoch) | {"seconds": 0, "resumed": False} for epoch in epochs]


def process(folder):
    """What each of the two processes does; only the first has the folder that is read here."""
    fabric = machine.launch(device="cpu", devices=2, threads=1)
    own = Path(folder) if fabric.global_rank == 0 else Path(folder, "of_the_other")
    histories = {"double": train(fabric, own / "double", plain(), batch_size=3)}
    histories["normalised"] = train(fabric, own / "normalised", normalised(), batch_size=3, sync_bn=True)
    for name, keep in {"best": Keep(), "ema": Keep("ema"), "average": Keep("average", averaged_epochs=2)}.items():
        histories[name] = train(fabric, own / name, tiny(), batch_size=3, keep=keep)
        parts = partial(train, fabric, own / f"{name}_parts", batch_size=3, keep=keep)
        with pytest.raises(Broken):
            parts(tiny(), loss=partial(loss, limit=3, calls=[]), checkpoint_minutes=OFTEN)
        calls = []
        histories[f"{name}_parts"] = parts(tiny(), loss=partial(loss, calls=calls))
        histories[f"{name}_steps"] = len(calls)
    for rank in range(2):
        with pytest.raises(DivergedError, match=r"the loss is nan in step 1"):
            train(fabric, own / "nan", plain(), batch_size=3, loss=partial(loss, nan_in=rank))
    with pytest.raises(ValueError, match="of the first"):
        Ranks(fabric).of_first(refuse)
    unused = machine.launch(device="cpu", devices=2, strategy="ddp_find_unused_parameters_true", threads=1)
    histories["unused"] = train(unused, own / "unused", Partly(), batch_size=3)
    torch.manual_seed(0)
    Ranks(fabric).seed_others(0)
    histories["draw"] = torch.rand(1).item()
    Path(folder, f"{fabric.global_rank}.json").write_text(json.dumps(histories))
    assert own.exists() == (fabric.global_rank == 0)


def refuse():
    raise ValueError("of the first")


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """The folder that two processes have written, and what each has."""
    folder = tmp_path_factory.mktemp("shared")
    group = {"TORCHELASTIC_RUN_ID": "tests", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(ports.free_port())}
    group |= {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}
    children = []
    for rank in range(2):
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {**group, "RANK": str(rank), "LOCAL_RANK": str(rank)}.items():
                patch.setenv(name, value)
            children.append(Child(PROGRAM, folder))
    for status, _, errors in [child.end() for child in children]:
        assert status == 0, errors
    return folder, [json.loads((folder / f"{rank}.json").read_text()) for rank in range(2)]


def kept(folder, file="last.pt"):
    content = torch.load(folder / file, weights_only=True)
    return content.get("model", content)


@pytest.mark.parametrize(("name", "build"), [("double", plain), ("normalised", normalised)])
def test_two_processes_give_the_metrics_of_one_with_the_double_batch(shared, tmp_path, name, build):
    folder, (first, _) = shared
    alone = train(machine.launch(device="cpu", threads=1), tmp_path, build(), batch_size=6)
    for of_two, of_one in zip(first[name], alone, strict=True):
        assert of_two["metrics"] == pytest.approx(of_one["metrics"], rel=TOLERANCE)
    for key, value in kept(tmp_path).items():
        torch.testing.assert_close(kept(folder / name)[key], value, rtol=10 * TOLERANCE, atol=TOLERANCE)


def test_both_have_the_same_history_but_draw_differently(shared):
    first, other = shared[1]
    assert first.pop("draw") != other.pop("draw")
    assert first == other


@pytest.mark.parametrize("name", ["best", "ema", "average"])
def test_broken_off_within_an_epoch_both_go_on_to_the_same_bits(shared, name):
    folder, (first, _) = shared
    assert first[f"{name}_parts"] == first[name]
    assert first[f"{name}_steps"] == EPOCHS * 2 - 3  # six samples each in batches of three
    for file in ("last.pt", "best.pt"):
        again = kept(folder / f"{name}_parts", file)
        assert all(torch.equal(value, again[key]) for key, value in kept(folder / name, file).items())


def test_a_checkpoint_of_another_number_of_processes_is_refused(shared):
    with pytest.raises(ValueError, match=r"written by 2 processes .*, now there are 1"):
        train(machine.launch(device="cpu", threads=1), shared[0] / "best", tiny(), batch_size=3)


def test_parameters_that_no_step_uses_stay_with_the_strategy_that_allows_them(shared):
    assert len(shared[1][0]["unused"]) == EPOCHS
