import dataclasses
import os
import signal
import subprocess
import sys
import time
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rojsat.config.lookup import UnknownNameError
from rojsat.evaluation.metrics import Classification, Segmentation
from rojsat.learn import losses, machine, optimizers, schedules, training
from rojsat.learn.data.augmentation import Augmentation
from rojsat.learn.data.sample_arrays import channel_statistics, read, standardise
from rojsat.learn.data.samples import Samples
from rojsat.learn.kept_weights import Keep
from tests.support import stores
from tests.support.learning import CHANNELS, GARBAGE, PLANES, Tiny, samples, tiny


def begin(folder, *, epochs=4, model=None, train=None, val=None, validated=True, lr=0.05, schedule="step", **options):
    """A short training of the tiny network."""
    call = {"loss": losses.masked_mse, "metrics": Segmentation, "batch_size": 5, "seed": 3} | options
    return training.fit(
        model or tiny(),
        train or samples(flips=["horizontal"]),
        (val or samples(seed=1)) if validated else None,
        fabric=machine.launch(device="cpu", threads=1),
        optimizer=partial(optimizers.adam, lr=lr),
        schedule=getattr(schedules, schedule),
        epochs=epochs,
        folder=folder,
        **call,
    )


def untimed(epochs):
    """Epochs without the time they took and where they come from."""
    return [dataclasses.replace(epoch, seconds=0, resumed=False) for epoch in epochs]


def weights(folder):
    return torch.load(folder / "last.pt", weights_only=True)["model"]


def test_it_learns(tmp_path):
    epochs = list(begin(tmp_path, epochs=8, schedule="constant"))
    assert epochs[-1].metrics["train/loss"] < epochs[0].metrics["train/loss"] / 2
    assert {"train/loss", "val/loss", "val/iou", "val/mse"} <= set(epochs[0].metrics)
    assert [epoch.number for epoch in epochs] == list(range(1, 9))


def test_validation_loss_of_the_mean_squared_error_is_that_metric(tmp_path):
    last = list(begin(tmp_path))[-1]
    assert last.metrics["val/loss"] == pytest.approx(last.metrics["val/mse"], rel=1e-5)


def test_same_call_twice_gives_the_same_bits(tmp_path):
    assert untimed(begin(tmp_path / "a")) == untimed(begin(tmp_path / "b"))


@pytest.mark.parametrize("schedule", schedules.__all__)
def test_broken_off_and_called_again_gives_the_same_bits(tmp_path, schedule):
    uninterrupted = untimed(begin(tmp_path / "uninterrupted", schedule=schedule))
    for _ in zip(range(2), begin(tmp_path / "parts", schedule=schedule), strict=False):
        torch.rand(1), np.random.rand(1)  # noqa: NPY002 - what the caller draws must not matter
    again = list(begin(tmp_path / "parts", schedule=schedule))
    assert [epoch.resumed for epoch in again] == [number <= 2 for number in range(1, 5)]
    assert untimed(again) == uninterrupted
    expected, resumed = weights(tmp_path / "uninterrupted"), weights(tmp_path / "parts")
    assert all(torch.equal(expected[key], resumed[key]) for key in expected)


@pytest.mark.parametrize(("interval", "rates"), [("epoch", [0.1, 1, 0.75, 0.25]), ("step", [0.1, 0.775, 0.854, 0.309])])
def test_a_schedule_takes_a_step_after_an_epoch_or_after_every_step_of_the_optimizer(tmp_path, interval, rates):
    model, steps = tiny(), []
    model.register_forward_pre_hook(lambda model, _: steps.append(model.training))
    epochs = list(begin(tmp_path, model=model, schedule="one_cycle", lr=1.0, interval=interval))
    assert sum(steps) == 4 * 3
    assert [epoch.learning_rate for epoch in epochs] == pytest.approx(rates, abs=5e-4)
    last = torch.load(tmp_path / "last.pt", weights_only=True)["schedule"]
    assert last["last_epoch"] == (4 if interval == "epoch" else 12)
    assert last["_last_lr"] == pytest.approx([0.0])


OFTEN = 1e-9
"""Minutes: a checkpoint after every step."""


class Broken(Exception):
    """What a test breaks a training off with."""


def counted(limit=None):
    """A loss, and the list of its calls in training; the one after `limit` breaks off."""
    calls = []

    def loss(output, target, known):
        if output.requires_grad:
            if len(calls) == limit:
                raise Broken
            calls.append(len(calls))
        return losses.masked_mse(output, target, known)

    return loss, calls


@pytest.mark.parametrize(
    "how",
    [
        {"keep": Keep()},
        {"keep": Keep("ema")},
        {"keep": Keep("average", averaged_epochs=2)},
        {"schedule": "one_cycle", "interval": "step"},
    ],
)
@pytest.mark.parametrize("steps", [2, 4, 6, 10])
def test_broken_off_within_an_epoch_it_goes_on_after_the_last_step_with_the_same_bits(tmp_path, steps, how):
    uninterrupted = untimed(begin(tmp_path / "uninterrupted", **how))
    with pytest.raises(Broken):
        list(begin(tmp_path / "parts", loss=counted(steps)[0], checkpoint_minutes=OFTEN, **how))
    torch.rand(1), np.random.rand(1)  # noqa: NPY002 - what others draw must not matter
    loss, calls = counted()
    assert untimed(begin(tmp_path / "parts", loss=loss, **how)) == uninterrupted
    assert len(calls) == 4 * 3 - steps  # 12 samples in batches of 5, four epochs: none of the steps is done again
    for file in ("last.pt", "best.pt"):
        expected, resumed = (torch.load(tmp_path / run / file) for run in ("uninterrupted", "parts"))
        expected, resumed = (content.get("model", content) for content in (expected, resumed))
        assert all(torch.equal(expected[key], resumed[key]) for key in expected)


def test_worker_processes_change_nothing_of_a_run_that_goes_on_within_an_epoch(tmp_path):
    with pytest.raises(Broken):
        list(begin(tmp_path / "parts", loss=counted(4)[0], checkpoint_minutes=OFTEN, epochs=2))
    again = untimed(begin(tmp_path / "parts", workers=1, epochs=2))
    assert again == untimed(begin(tmp_path / "uninterrupted", epochs=2))


def test_no_checkpoint_is_written_within_an_epoch_that_is_shorter_than_its_minutes(tmp_path):
    with pytest.raises(Broken):
        list(begin(tmp_path, loss=counted(2)[0], checkpoint_minutes=10))
    assert not (tmp_path / "last.pt").exists()


SCRIPT = """
import sys, time
from pathlib import Path
from tests.learn import test_training
from rojsat.learn import losses

steps = 0

def slow(output, target, known):
    global steps
    steps += 1
    if steps > 13:  # some epochs in, after its first step: 3 steps and 3 batches of validation each
        Path(sys.argv[1], "in_the_middle").touch()
        time.sleep(60)
    return losses.masked_mse(output, target, known)

minutes = float(sys.argv[2]) or None
for epoch in test_training.begin(Path(sys.argv[1]), loss=slow, checkpoint_minutes=minutes):
    print(epoch.number, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("minutes", "left"), [(0, 6), (OFTEN, 5)])
def test_killed_in_the_middle_of_an_epoch_it_goes_on_from_its_checkpoint_with_the_same_bits(tmp_path, minutes, left):
    command = [sys.executable, "-c", SCRIPT, str(tmp_path), str(minutes)]
    process = subprocess.Popen(command, env=os.environ | {"OMP_NUM_THREADS": "1"})
    deadline = time.monotonic() + 300
    while not (tmp_path / "in_the_middle").exists():
        assert process.poll() is None, "ended by itself"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    loss, calls = counted()
    again = list(begin(tmp_path, loss=loss))
    assert len(calls) == left
    assert [epoch.resumed for epoch in again] == [True, True, False, False]
    assert untimed(again) == untimed(begin(tmp_path / "uninterrupted"))


def test_the_best_epoch_is_saved_by_the_monitored_metric(tmp_path):
    epochs = list(begin(tmp_path, monitor="iou", mode="max", epochs=6))
    scores = [epoch.metrics["val/iou"] for epoch in epochs]
    best = [epoch.number for epoch in epochs if epoch.best][-1]
    assert scores[best - 1] == max(scores)
    model = Tiny()
    model.load_state_dict(torch.load(tmp_path / "best.pt", weights_only=True))


def test_the_weights_of_the_best_epoch_are_kept_and_not_those_of_later_ones(tmp_path, monkeypatch):
    losses_by_epoch = iter([3.0, 1.0, 2.0, 1.0])
    monkeypatch.setattr(training, "_validate", lambda *more: {"val/loss": next(losses_by_epoch)})
    model, after = tiny(), []
    for epoch in begin(tmp_path, model=model):
        after.append({key: value.clone() for key, value in model.state_dict().items()})
        assert epoch.best == (epoch.number <= 2)
    best = torch.load(tmp_path / "best.pt", weights_only=True)
    assert all(torch.equal(best[key], after[1][key]) for key in best)
    assert not all(torch.equal(best[key], after[3][key]) for key in best)


def test_a_finished_training_gives_its_epochs_again_without_training(tmp_path):
    first = list(begin(tmp_path))
    stamp = (tmp_path / "last.pt").stat().st_mtime_ns
    again = list(begin(tmp_path))
    assert all(epoch.resumed for epoch in again)
    assert untimed(again) == untimed(first)
    assert (tmp_path / "last.pt").stat().st_mtime_ns == stamp


def test_a_checkpoint_of_other_settings_is_refused(tmp_path):
    list(begin(tmp_path, fingerprint="one"))
    with pytest.raises(ValueError, match="other settings"):
        next(begin(tmp_path, fingerprint="other"))


def test_a_loss_beyond_numbers_stops_and_says_where(tmp_path):
    with pytest.raises(training.DivergedError, match=r"epoch \d, at learning rate 1e\+30: the loss is (nan|inf)"):
        list(begin(tmp_path, lr=1e30))


def beyond_numbers(output, target, known):
    """Finite in training, infinite in validation."""
    loss = losses.masked_mse(output, target, known)
    return loss if output.requires_grad else loss * float("inf")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": beyond_numbers}, "epoch 1, at learning rate 0.05: the loss of validation is inf; lower optimizer.lr"),
        ({"activate": lambda output: output[:, 0] * float("nan")}, "1 of the predictions are NaN"),
    ],
)
def test_validation_beyond_numbers_stops_and_no_epoch_is_the_best(tmp_path, options, message):
    with pytest.raises(training.DivergedError, match=message):
        list(begin(tmp_path, **options))
    assert not (tmp_path / "best.pt").exists()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"monitor": "iuo"}, UnknownNameError, "Did you mean 'iou'"),
        ({"mode": "least"}, ValueError, "min or max"),
        ({"epochs": 0}, ValueError, "at least 1"),
        ({"train": samples(regions=1, dates=1)}, ValueError, "at least 2"),
    ],
)
def test_impossible_settings_are_refused_before_the_first_epoch(tmp_path, options, error, message):
    with pytest.raises(error, match=message):
        next(begin(tmp_path, **options))


def test_channels_last_changes_the_layout_and_next_to_nothing_else(tmp_path):
    plain, last = (
        list(begin(tmp_path / str(way), model=tiny(dropout=0.0), channels_last=way))[-1] for way in (False, True)
    )
    assert plain.metrics["train/loss"] == pytest.approx(last.metrics["train/loss"], rel=1e-3)


def test_chips_are_classified_too(tmp_path):
    both = [samples("classification", seed=seed, flips=["horizontal"]) for seed in (0, 1)]
    model = tiny(outputs=2, chips=True)
    epochs = begin(
        tmp_path,
        model=model,
        train=both[0],
        val=both[1],
        loss=losses.cross_entropy,
        metrics=Classification,
        monitor="loss",
    )
    assert {"val/accuracy", "val/f1_need"} <= set(list(epochs)[-1].metrics)


def prepared(store) -> Samples:
    arrays = read(store, store.index, CHANNELS, dates=None, task="segmentation")
    augmentation = Augmentation(arrays.seen.shape[1:], flips=["horizontal", "vertical"])
    return Samples(standardise(arrays, channel_statistics(arrays)), augmentation=augmentation)


@pytest.mark.parametrize("name", losses.__all__)
@settings(deadline=None, max_examples=4)
@given(garbage=st.sampled_from(GARBAGE), other=st.sampled_from(GARBAGE), seed=st.integers(0, 99))
def test_unseen_and_unknown_pixels_change_no_bit_of_losses_metrics_or_weights(
    tmp_path_factory, name, garbage, other, seed
):
    """From the store to the last metric: through statistics, flips, network, loss, gradient and metrics."""
    clean, corrupted = stores.in_memory(seed=seed), stores.in_memory(seed=seed)
    corrupted.images[np.broadcast_to(~corrupted.visible[:, None], corrupted.images.shape)] = garbage
    corrupted.degrees[(corrupted.degrees < 0) | ~corrupted.visible] = other
    outputs = PLANES.get(name, 2)
    results = []
    for store in (clean, corrupted):
        parts = prepared(store)
        options = {"model": tiny(outputs=outputs), "loss": getattr(losses, name), "epochs": 2}
        folder = tmp_path_factory.mktemp("run")
        results.append((untimed(begin(folder, train=parts, val=parts, **options)), weights(folder)))
    (epochs, trained), (other_epochs, other_trained) = results
    assert repr(epochs) == repr(other_epochs)  # a metric that is not defined is NaN in both
    assert all(torch.equal(trained[key], other_trained[key]) for key in trained)
