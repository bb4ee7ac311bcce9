import dataclasses

import numpy as np
import pytest
import torch

from rojsat.chips.reader import Chips
from rojsat.config import compose
from rojsat.learn import assembly, pretraining
from tests.support import stores

pytestmark = pytest.mark.slow

SMALL = [
    *("model.options.encoder=resnet18", "model.options.depth=2", "model.options.decoder=[16,8]"),
    *("pretrain.epochs=2", "pretrain.side=4", "train.device=cpu", "optimizer.lr=0.001"),
]
REGIONS = ["split.name=regions", "split.options={val: ['4'], test: ['5']}"]


@pytest.fixture(scope="module")
def chips(tmp_path_factory):
    return Chips(stores.write_small(tmp_path_factory.mktemp("chips")))


def ready(chips, *overrides, small=True):
    words = [*(SMALL if small else []), *REGIONS, *overrides]
    return pretraining.assemble(compose.load("unet_dates", words), chips, "fingerprint")


def untimed(epochs):
    return [dataclasses.replace(epoch, seconds=0, resumed=False) for epoch in epochs]


def test_other_masks_give_the_same_weights(chips, tmp_path, monkeypatch):
    trained = []
    for number in range(2):
        training = ready(Chips(chips.path))
        list(training.fit(tmp_path / str(number)))
        trained.append(training.weights())
        other = np.full((stores.SIZE, stores.SIZE), -1, np.float32)
        monkeypatch.setattr(Chips, "region_mask", lambda *_, mask=other: mask)
    assert all(torch.equal(trained[1][key], tensor) for key, tensor in trained[0].items())


@pytest.mark.parametrize(("overrides", "regions"), [([], "0123"), (["pretrain.regions=all"], "01235")])
def test_images_of_validation_and_by_default_of_test_are_not_trained_on(chips, overrides, regions):
    training = ready(chips, *overrides)
    assert training.regions == tuple(regions)
    assert set(training.train.rows["region"]) == set(regions)
    assert set(training.val.rows["region"]) == {"4"}
    experiment = compose.load("unet_dates", [*SMALL, *REGIONS])
    expected = assembly.prepared(experiment, chips).statistics
    assert training.statistics.mean.tolist() == expected.mean.tolist()  # as in the experiment that starts from it


def test_broken_off_it_goes_on_with_the_same_bits(chips, tmp_path):
    uninterrupted = ready(chips)
    epochs = untimed(uninterrupted.fit(tmp_path / "uninterrupted"))
    next(ready(chips).fit(tmp_path / "parts"))
    again = ready(chips)
    resumed = list(again.fit(tmp_path / "parts"))
    assert [epoch.resumed for epoch in resumed] == [True, False]
    assert untimed(resumed) == epochs
    weights, expected = again.weights(), uninterrupted.weights()
    assert all(torch.equal(weights[key], tensor) for key, tensor in expected.items())


@pytest.mark.parametrize("frame", [[], ["inputs.frame=window", "inputs.window=12", "inputs.flips=[transpose]"]])
def test_an_experiment_starts_from_all_tensors_but_the_last_layer(frame, tmp_path):
    chips = Chips(stores.write_small(tmp_path / "chips", margin=12))
    training = ready(chips, "model.options.bounded=true", *frame)
    list(training.fit(tmp_path / "state"))
    weights, path = training.weights(), tmp_path / "own.pt"
    torch.save(weights, path)
    words = [*SMALL, *REGIONS, *frame, "model.options.bounded=true", f"model.weights={path}"]
    learner = assembly.assemble(compose.load("unet_dates", words), chips).learner
    network = learner.network.state_dict()
    assert all(torch.equal(network[key].cpu(), tensor) for key, tensor in weights.items())
    assert {key.partition(".")[0] for key in set(network) - set(weights)} == {"segmentation_head"}
    assert learner.weights.startswith(f"model.weights={path} gives ")
    assert learner.weights.endswith("1 layers begin at random (segmentation_head.0 ...)")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["split.options={val: ['4'], test: ['0','1','2','5']}"], "4 samples to train on.*needs 8"),
        (["variant=boosting"], "pretrain is for segmenters"),
        (["model.name=temporal", "inputs.dates=[all]"], "dates by name"),
    ],
)
def test_what_cannot_be_pretrained_is_refused(chips, words, message):
    with pytest.raises(ValueError, match=message):
        ready(chips, *words, small=words[0].startswith("split"))  # else without options of a U-Net
