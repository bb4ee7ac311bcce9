"""Every experiment in the repository composes, finds its data and learns."""

import math

import pytest

from rojsat.chips.reader import Chips
from rojsat.config import compose, recipes
from rojsat.learn import assembly

pytestmark = pytest.mark.slow

SHORT = ["train.epochs=1", "train.batch_size=16", "train.threads=1", "inputs.windows_per_chip=1"]

LIGHT = {"resnet50": "mobilenet_v3_large", "resnet101": "mobilenet_v3_large", "resnet152": "resnet18"}
"""Backbones that take less time than those of the study, which `tests/learn/models` trains."""

FEW = {"hist_gradient_boosting": ["model.options.max_iter=3"]}


@pytest.mark.parametrize("name", compose.names())
def test_every_experiment_trains_one_epoch(at, tmp_path, name):
    own = compose.load(name).model
    backbone = own.options.get("backbone")
    lighter = [f"model.options.backbone={LIGHT[backbone]}"] if backbone in LIGHT else FEW.get(own.name, [])
    experiment = compose.load(name, [*SHORT, *lighter])
    assembled = assembly.assemble(experiment, Chips(recipes.folder("chips", experiment)))
    (epoch,) = assembled.train(tmp_path)
    judged = {key: value for key, value in epoch.metrics.items() if key.startswith("val/")}
    assert judged
    assert all(math.isfinite(value) for key, value in epoch.metrics.items() if key.endswith("loss"))


SMALL = {
    "unet": ["model.options.depth=2", "model.options.decoder=[16,8]"],
    **FEW,
    "random_forest": ["model.options.trees=3"],
}


@pytest.mark.parametrize("name", [name for name in compose.names() if name.startswith("resnet")])
def test_every_classifier_can_be_tested_on_stands_that_it_was_not_trained_on(at, name):
    experiment = compose.load(name, ["variant=unseen_regions", *SHORT, "split.options.folds=3"])
    data = assembly.assemble(experiment, Chips(recipes.folder("chips", experiment))).data
    assert not data.audit.leaks
    assert all(set(samples.rows["label"]) == {"need", "clear"} for samples in data.samples.values())


OTHERS = ("unseen_regions", "presto_random")
"""Variants that are tried elsewhere; the second is `presto` with other weights."""


@pytest.mark.parametrize("variant", [name for name in compose.names("variant") if name not in OTHERS])
def test_every_change_trains_one_epoch_and_judges_test_and_controls(at, tmp_path, variant):
    model = compose.load("unet_roi6", [f"variant={variant}"]).model
    small = [] if model.weights else SMALL.get(model.name, [])  # weights are of a network of their own size
    heat = ["data=objects_27_unscaled"] if variant in ("poisson", "negative_binomial") else []
    experiment = compose.load("unet_roi6", [f"variant={variant}", *SHORT, *small, *heat])
    folder = recipes.folder("chips", experiment)
    chips = Chips(folder if folder.exists() else recipes.folder("chips", compose.load("unet_roi6")))
    assembled = assembly.assemble(experiment, chips)
    (epoch,) = assembled.train(tmp_path)
    assert all(math.isfinite(value) for key, value in epoch.metrics.items() if key.endswith("loss"))
    assert math.isfinite(assembled.evaluate("test").metrics["f1"])
    assert len(assembled.controls().rows) == 6
    assert not assembled.data.audit.leaks
