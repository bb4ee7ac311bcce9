import dataclasses
from copy import deepcopy

import pytest
import torch

from rojsat.config.lookup import UnknownNameError
from rojsat.learn import batch_statistics, checkpoints, kept_weights
from rojsat.learn.kept_weights import Keep
from tests.learn.test_training import begin, untimed
from tests.support.learning import samples, tiny

LAST, EMA, AVERAGE = "last", "ema", "average"

KEEPS = {LAST: Keep(LAST), EMA: Keep(EMA, ema_decay=0.8), AVERAGE: Keep(AVERAGE, averaged_epochs=2)}


def kept(folder):
    """The weights that a run of the folder evaluates."""
    model = tiny()
    checkpoints.load_best(model, folder)
    return model.state_dict()


def same(first, second):
    return all(torch.equal(first[key], second[key]) for key in first)


@pytest.mark.parametrize("keep", KEEPS.values(), ids=KEEPS)
def test_broken_off_and_called_again_keeps_the_same_bits(tmp_path, keep):
    uninterrupted = untimed(begin(tmp_path / "uninterrupted", keep=keep))
    for _ in zip(range(3), begin(tmp_path / "parts", keep=keep), strict=False):
        pass
    assert untimed(begin(tmp_path / "parts", keep=keep)) == uninterrupted
    assert same(kept(tmp_path / "uninterrupted"), kept(tmp_path / "parts"))
    assert all(epoch.best for epoch in uninterrupted)


def test_training_is_the_same_whatever_is_kept_and_what_is_kept_is_what_it_says(tmp_path):
    """The mean and the moving average computed by hand from the weights after each epoch and each step."""
    weights, after_steps = [], []
    model, train = tiny(), samples(flips=["horizontal"])

    class Noted(Keep):
        def after_step(self, average, model):
            after_steps.append(deepcopy(model.state_dict()))
            super().after_step(average, model)

    for _ in begin(tmp_path / LAST, model=model, train=train, keep=Noted(LAST)):
        weights.append(deepcopy(model.state_dict()))
    for name in (EMA, AVERAGE):
        list(begin(tmp_path / name, train=train, keep=KEEPS[name]))
        last = torch.load(tmp_path / name / "last.pt", weights_only=True)["model"]
        assert same(last, weights[-1])
    assert same(kept(tmp_path / LAST), weights[-1])

    mean, moving = kept(tmp_path / AVERAGE), after_steps[0]
    torch.testing.assert_close(mean["head.weight"], (weights[-1]["head.weight"] + weights[-2]["head.weight"]) / 2)
    for number, step in enumerate(after_steps[1:], start=1):
        share = min(0.8, (1 + number) / (10 + number))
        moving = {key: share * moving[key] + (1 - share) * step[key] for key in ("head.weight", "body.1.running_var")}
    for key, value in moving.items():
        torch.testing.assert_close(kept(tmp_path / EMA)[key], value)

    averaged = tiny()
    averaged.load_state_dict(mean)
    batch_statistics.estimate(averaged, train, batch_size=5, seed=3)
    assert same(mean, averaged.state_dict())
    assert not torch.equal(mean["body.1.running_var"], weights[-1]["body.1.running_var"])


@pytest.mark.parametrize("keep", [KEEPS[EMA], KEEPS[AVERAGE]], ids=[EMA, AVERAGE])
def test_validation_is_that_of_the_weights_that_are_kept(tmp_path, keep):
    """Of the last epoch, as `best` of a training that ends there would have it."""
    val = samples(seed=1)
    *_, last = begin(tmp_path, val=val, keep=keep)
    *_, plain = begin(tmp_path / "plain", val=val)
    model = tiny()
    checkpoints.load_best(model, tmp_path)
    scores = kept_scores(model, val)
    assert last.metrics["val/mse"] == pytest.approx(scores, rel=1e-5)
    assert last.metrics["train/loss"] == plain.metrics["train/loss"]
    assert last.metrics["val/mse"] != plain.metrics["val/mse"]


def kept_scores(model, val):
    """Mean squared error over the known pixels."""
    with torch.no_grad():
        difference = model.eval()(val.images)[:, 0] - val.targets
    return float((difference[val.known] ** 2).mean())


@pytest.mark.parametrize(
    ("keep", "error", "message"),
    [
        (Keep("lst"), UnknownNameError, "Did you mean 'last'"),
        (Keep(EMA, ema_decay=1.0), ValueError, "below 1, not 1.0"),
        (Keep(AVERAGE, averaged_epochs=5), ValueError, "at most the 4 of train.epochs, not 5"),
        (Keep(AVERAGE, averaged_epochs=0), ValueError, "at least 1"),
    ],
)
def test_what_cannot_be_kept_is_refused_before_the_first_epoch(tmp_path, keep, error, message):
    with pytest.raises(error, match=message):
        next(begin(tmp_path, keep=keep))


def test_without_validation_the_best_epoch_cannot_be_kept_and_the_last_can(tmp_path):
    with pytest.raises(ValueError, match="needs a validation part"):
        next(begin(tmp_path, validated=False))
    epochs = list(begin(tmp_path, validated=False, keep=KEEPS[LAST], stop=3))
    assert [list(epoch.metrics) for epoch in epochs] == [["train/loss"]] * 3
    *_, third = zip(range(3), begin(tmp_path / "validated", keep=KEEPS[LAST]), strict=False)
    assert third[1].metrics["train/loss"] == epochs[-1].metrics["train/loss"]
    assert same(kept(tmp_path), kept(tmp_path / "validated"))


def test_by_default_a_mean_of_more_epochs_than_there_are_is_no_error():
    assert dataclasses.replace(Keep(), averaged_epochs=9).check(4) is None
    assert Keep().weights == "best"


@pytest.mark.parametrize(("steps", "expected"), [(1, 2 / 11), (90, 0.91), (10**6, 0.999)])
def test_the_decay_rises_to_its_value(steps, expected):
    assert kept_weights.decay(0.999, steps) == pytest.approx(expected)
