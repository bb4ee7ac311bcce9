import dataclasses

import numpy as np
import pytest
import torch

from rojsat.chips.reader import Chips
from rojsat.config import compose
from rojsat.config.lookup import UnknownNameError
from rojsat.learn import assembly, choices
from tests.support import stores

SMALL = [
    *("model.options.encoder=resnet18", "model.options.depth=2", "model.options.decoder=[16,8]"),
    *("train.epochs=2", "train.device=cpu", "optimizer.lr=0.001"),
]


@pytest.fixture(scope="module")
def chips(tmp_path_factory):
    return Chips(stores.make(tmp_path_factory.mktemp("chips")))


def assembled(chips, *overrides, exp="unet_dates", small=True):
    return assembly.assemble(compose.load(exp, [*(SMALL if small else []), *overrides]), chips)


def told(epochs):
    return [dataclasses.replace(epoch, seconds=0, resumed=False) for epoch in epochs]


def test_a_segmenter_learns_and_predicts_every_part_and_role(chips, tmp_path):
    found = assembled(chips)
    assert len(found.channels) == 13
    assert found.split["part"].value_counts().to_dict() == {"train": 12, "val": 6, "test": 6}
    assert found.audit["verdict"].startswith("leak: same regions")
    epochs = list(found.train(tmp_path))
    assert len(epochs) == 2
    result = found.evaluate("test")
    assert result.predictions.shape == (6, stores.SIZE, stores.SIZE)
    assert list(result.rows["date"].unique()) == ["2019-08-04"]
    assert not result.known[:, 3, :4].any()  # cloud
    best = [epoch for epoch in epochs if epoch.best][-1]
    assert found.evaluate("val").metrics["mse"] == pytest.approx(best.metrics["val/mse"], rel=1e-6)
    control = found.evaluate("control")
    assert not control.known.any()
    assert np.isfinite(control.predictions).all()
    assert found.example().shape == (2, 13, 16, 16)
    assert found.inputs() == list(found.channels)


def test_the_same_experiment_twice_gives_the_same_bits(chips, tmp_path):
    one, other = (assembled(chips) for _ in range(2))
    assert told(one.train(tmp_path / "a")) == told(other.train(tmp_path / "b"))
    assert one.evaluate("test").metrics == other.evaluate("test").metrics
    assert one.fingerprint == other.fingerprint


def test_broken_off_and_assembled_again_it_goes_on_with_the_same_bits(chips, tmp_path):
    whole = told(assembled(chips).train(tmp_path / "whole"))
    next(assembled(chips).train(tmp_path / "parts"))
    again = list(assembled(chips).train(tmp_path / "parts"))
    assert [epoch.resumed for epoch in again] == [True, False]
    assert told(again) == whole


def test_a_classifier_learns_from_stands(chips, tmp_path):
    found = assembled(chips, "train.epochs=1", exp="resnet18_s2", small=False)
    list(found.train(tmp_path))
    result = found.evaluate("test")
    assert result.predictions.shape == (6, 2)
    assert set(result.targets) == {0, 1}
    assert {"accuracy", "f1_need", "recall_clear"} <= set(result.metrics)
    assert found.description()["classes"] == ["clear", "need"]


def test_several_dates_are_stacked(chips):
    dates = "inputs.dates=['2019-08-01','2019-08-03']"
    found = assembled(chips, dates, "inputs.channels=[boa]", "split.name=hashed", "split.options={}")
    assert found.samples["train"].images.shape[1] == 2 * len(stores.BANDS)
    assert len(found.split) == 6
    assert found.audit["shared_regions"] == []
    assert next(found.model.parameters()).shape[1] == 16


def test_an_estimator_on_pixels_runs_in_the_same_way(chips, tmp_path):
    names = ["model.name=hist_gradient_boosting", "model.outputs=2", "loss.name=cross_entropy"]
    found = assembled(chips, *names, exp="deeplab_dates", small=False)
    epochs = list(found.train(tmp_path))
    assert found.epochs == len(epochs) == 1
    assert set(epochs[0].metrics) == {f"val/{name}" for name in found.evaluate("test").metrics}
    kind, shape, _ = found.export(tmp_path / "model")
    assert (kind, shape) == ("pixels", (-1, len(found.inputs()), -1, -1))


def test_only_training_is_flipped_and_statistics_are_those_of_training(chips):
    found = assembled(chips)
    assert found.samples["train"].augmentation is not None
    assert found.samples["val"].augmentation is None
    train = found.samples["train"]
    seen = train.images.movedim(1, -1)[torch.from_numpy(train.seen)]
    assert seen.mean(dim=0).abs().max() < 0.05


@pytest.mark.parametrize(
    ("override", "error", "said"),
    [
        ("model.name=unett", UnknownNameError, "Did you mean 'unet'"),
        ("model.options.debth=3", UnknownNameError, "Did you mean 'depth'"),
        ("loss.name=mse", UnknownNameError, "masked_mse"),
        ("loss.name=cross_entropy", ValueError, "model.outputs=2"),
        ("split.name=date", UnknownNameError, "Did you mean 'dates'"),
        ("optimizer.name=adm", UnknownNameError, "Did you mean 'adam'"),
        ("schedule.name=stp", UnknownNameError, "Did you mean 'step'"),
        ("task=segmentation", None, ""),
    ],
)
def test_every_name_is_looked_up_before_anything_long_starts(override, error, said):
    settings = compose.load("unet_dates", [override])
    if error is None:
        assert choices.find(settings)
        return
    with pytest.raises(error, match=said):
        choices.find(settings)


def test_a_role_without_chips_names_those_there_are(chips):
    with pytest.raises(ValueError, match="clearing"):
        assembled(chips).evaluate("controls")


def test_chips_without_need_join_training_with_degree_0_and_the_audit_sees_them(chips):
    plain, found = (
        assembled(chips, "split.name=regions", "split.options.val=['1']", "split.options.test=['3']", *more)
        for more in ([], ["inputs.no_need=[stand]"])
    )
    train = found.samples["train"]
    added = (train.rows["role"] == "stand").to_numpy(copy=True)
    assert set(train.rows["region"][added]) == {"100", "102", "104"}  # those labelled clear
    assert len(train) == len(plain.samples["train"]) + added.sum()
    assert (train.targets[added][train.known[added]] == 0).all()
    assert torch.equal(train.known[added], torch.from_numpy(train.seen[added]))
    assert found.audit["chips"]["train"] == len(train)
    assert set(found.split.loc[found.split["role"] == "stand", "part"]) == {"train"}
    for part in ("val", "test"):
        assert torch.equal(found.samples[part].targets, plain.samples[part].targets)


@pytest.mark.parametrize("role", ["clearing", "stnad"])
def test_chips_without_need_are_of_another_role_that_is_there(chips, role):
    with pytest.raises(ValueError, match="another role|beside|Did you mean 'stand'"):
        assembled(chips, f"inputs.no_need=[{role}]")


def test_a_probability_cannot_be_chosen_by_the_error_of_a_degree(chips):
    with pytest.raises(UnknownNameError, match="train.monitor"):
        choices.find(compose.load("unet_dates", ["variant=discrete", "train.monitor=rmse"]))
