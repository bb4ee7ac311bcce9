"""Every experiment in the repository composes, finds its data and learns."""

import math

import pytest

from rojsat import config, recipes
from rojsat.chips import Chips
from rojsat.learn import assembly

SHORT = ["train.epochs=1", "train.batch_size=16", "train.threads=2"]


@pytest.mark.parametrize("name", config.names())
def test_every_experiment_trains_one_epoch(at, tmp_path, name):
    experiment = config.load(name, SHORT)
    assembled = assembly.assemble(experiment, Chips(recipes.folder("chips", experiment)))
    (epoch,) = assembled.train(tmp_path)
    judged = {key: value for key, value in epoch.metrics.items() if key.startswith("val/")}
    assert judged
    assert all(math.isfinite(value) for key, value in epoch.metrics.items() if key.endswith("loss"))
