import json
import os
import signal
import subprocess
import sys
import textwrap

import mlflow
import pandas as pd
import pytest

from rojsat import config, recording, tracking
from rojsat.stages import compare, figures, train

SETTINGS = ["exp=unet_roi6", "train.epochs=3", "train.threads=1", "model.options.depth=3"]
SETTINGS += ["model.options.decoder=[32,16,8]"]


def report():
    return config.report(config.parse(SETTINGS))


def runs():
    title = recording.title(config.parse(SETTINGS))
    return [one for one in tracking.runs("simulated segmentation") if one["name"] == title]


@pytest.fixture(scope="module")
def trained(repository):
    """The whole way once, uninterrupted: metrics and history as text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(config, "ROOT", repository)
        patch.setattr(tracking, "STORE", repository / "mlruns")
        train.run(config.parse(SETTINGS))
        figures.run(config.parse(SETTINGS))
        return [(report() / name).read_text() for name in ("metrics.json", "history.csv")]


def test_a_run_leaves_metrics_history_and_predictions(at, trained):
    metrics = json.loads(trained[0])
    assert set(metrics["test"]) >= {"rmse", "mae", "r2", "spearman", "iou", "f1"}
    assert metrics["leak"] is False
    assert len(pd.read_csv(report() / "history.csv")) == 3
    assert sorted(path.name for path in (report() / "predictions").glob("*.npz")) == ["test.npz", "val.npz"]


def test_the_mlflow_run_tells_what_it_is(at, trained):
    found = mlflow.get_run(json.loads((report() / "run.json").read_text())["run"])
    assert found.info.status == "FINISHED"
    assert found.data.tags["split"] == "regions"
    assert found.data.tags["leak"] == "false"
    assert "| test |" in found.data.tags["mlflow.note.content"]
    assert {"train/loss", "val/loss", "val/rmse", "test/rmse"} <= set(found.data.metrics)
    history = mlflow.MlflowClient().get_metric_history(found.info.run_id, "train/loss")
    assert [point.step for point in history] == [1, 2, 3]


def test_the_mlflow_run_holds_split_figures_and_model(at, trained):
    run = json.loads((report() / "run.json").read_text())["run"]
    client = mlflow.MlflowClient()
    artifacts = {one.path for place in ("", "split", "figures") for one in client.list_artifacts(run, place)}
    assert {"experiment.yaml", "split/audit.json", "split/parts.csv", "figures/loss.png"} <= artifacts
    assert "figures/predictions_test.png" in artifacts
    assert [one.name for one in client.search_logged_models([mlflow.get_run(run).info.experiment_id])]


def test_the_checkpoint_goes_when_the_run_is_done(at, trained):
    assert [path for path in (tracking.STORE / "checkpoints").iterdir() if path.is_dir()] == []


def test_the_same_command_again_gives_the_same_numbers_in_a_new_run(at, trained):
    before = len(runs())
    train.run(config.parse(SETTINGS))
    assert [(report() / name).read_text() for name in ("metrics.json", "history.csv")] == trained
    assert len(runs()) == before + 1


def test_a_classifier_leaves_confusion_matrices_and_reports(at):
    experiment = config.parse(["exp=resnet18_tci", "train.epochs=2", "train.threads=1"])
    train.run(experiment)
    figures.run(experiment)
    place = config.report(experiment) / "figures"
    assert "need" in (place / "classification_report_test.txt").read_text()
    drawn = {path.name for path in place.glob("*.png")}
    assert drawn == {"loss.png", "confusion_val.png", "confusion_test.png"}


@pytest.mark.parametrize(
    "wrong", ["train.monitor=iuo", "model.options.weights=x", "model.options.dept=3", "loss.name=mse"]
)
def test_what_does_not_exist_is_refused_before_training(at, wrong):
    before = len(runs())
    with pytest.raises(ValueError, match="Did you mean"):
        train.run(config.parse(["exp=unet_roi6", wrong]))
    assert len(runs()) == before


CHILD = """
import sys
from pathlib import Path
from rojsat import config, recording, tracking
root = Path(sys.argv[1])
config.ROOT, tracking.STORE = root, root / "mlruns"
from rojsat.stages import train
train.run(config.parse(sys.argv[2:]))
"""


def test_killed_in_an_epoch_it_goes_on_in_the_same_run_to_the_same_numbers(at, trained):
    before = len(runs())
    command = [sys.executable, "-c", textwrap.dedent(CHILD), str(at), *SETTINGS]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in child.stdout:
        if line.startswith("epoch 1/3"):
            os.kill(child.pid, signal.SIGKILL)
            break
    assert child.wait() == -signal.SIGKILL
    child.stdout.close()
    (killed,) = [one for one in runs() if one["status"] == "RUNNING"]
    train.run(config.parse(SETTINGS))
    assert [(report() / name).read_text() for name in ("metrics.json", "history.csv")] == trained
    assert len(runs()) == before + 1
    assert mlflow.get_run(killed["id"]).info.status == "FINISHED"
    points = mlflow.MlflowClient().get_metric_history(killed["id"], "train/loss")
    assert [point.step for point in points] == [1, 2, 3]


def test_comparison_of_reports(at, trained):
    compare.run([report().name])
    assert report().name in (at / "reports" / "comparison.md").read_text()
    assert (at / "reports" / "comparison.png").stat().st_size > 1000


def test_comparison_of_a_report_that_is_not_there_names_the_nearest(at, trained):
    with pytest.raises(ValueError, match="Did you mean 'unet_roi6"):
        compare.run(["unet_roi"])
