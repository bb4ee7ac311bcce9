"""A learning rate far too high: every command says so, and no number comes of it."""

import pytest

from rojsat.config import compose
from rojsat.stages import evaluate, train, tune
from rojsat.tracking import recorder

pytestmark = pytest.mark.slow

SETTINGS = [
    *("exp=unet_roi6", "train.epochs=1", "train.threads=1", "model.options.depth=2", "model.options.decoder=[16,8]"),
    "optimizer.lr=1e6",
]


def test_a_training_ends_failed_and_keeps_the_reason(at):
    experiment = compose.parse([*SETTINGS, "seed=7"])
    with pytest.raises(ValueError, match=r"epoch 1, at learning rate 1e\+06: .*lower optimizer\.lr"):
        train.run(experiment)
    folder = compose.report_folder(experiment)
    assert "at learning rate 1e+06" in (folder / "log.txt").read_text()
    assert not (folder / "metrics.json").exists()
    newest = recorder.runs("segmentation")[0]
    assert (newest["status"], newest["metrics"].get("test/mse")) == ("FAILED", None)


def test_a_trial_that_diverges_is_pruned_and_never_the_best(at):
    space = "tune.space={optimizer: {lr: {choices: [1e6, 2e6]}}}"
    with pytest.raises(ValueError, match="no trial of .* came to its end; widen or move tune.space"):
        tune.run(compose.parse([*SETTINGS, "seed=8", "tune.trials=2", "tune.seeds=[]", space]))
    trials = [run for run in recorder.runs("segmentation") if run["tags"].get("stage") == "trial"][:2]  # the newest
    assert [run["status"] for run in trials] == ["FINISHED"] * 2
    assert all(run["tags"]["end"].startswith("epoch 1, at learning rate ") for run in trials)
    assert not any("val/loss" in run["metrics"] for run in trials)


def test_a_fold_that_diverges_is_named(at):
    with pytest.raises(ValueError, match=r"fold 1 of 9, seed 0: epoch 1, at learning rate 1e\+06"):
        evaluate.run(compose.parse([*SETTINGS, "evaluate.folds=leave_one_region_out", "evaluate.seeds=[0]"]))
