"""Training against an MLflow server: on PostgreSQL, with several writers at once, and when it goes away."""

import json
import os

import mlflow
import numpy as np
import pytest

from rojsat import sync
from rojsat.config import compose
from rojsat.stages import _recording, train
from rojsat.tracking import delivery, recorder
from tests.support import warm
from tests.support.lossy import Lossy
from tests.support.mlflow_server import Server
from tests.support.postgres import server as postgres

pytestmark = pytest.mark.slow

SETTINGS = ["exp=unet_roi6", "train.epochs=3", "train.threads=1", "model.options.depth=1", "model.options.decoder=[8]"]
SUBJECT = "simulated segmentation"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with postgres() as database:
        server = Server(database, tmp_path_factory.mktemp("artifacts")).start()
        yield server
        server.kill()


@pytest.fixture
def tracked(at, server, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.address)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setattr(recorder, "PATIENCE", 0.0)
    yield server
    mlflow.set_tracking_uri(None)


def write(number):
    for part in range(2):
        run = recorder.start("many writers", f"{number}-{part}", {}, {"number": number})
        for step in range(1, 6):
            recorder.log_metrics(run, {"train/loss": number + step, "val/loss": part}, step)
        recorder.finish(run)


def test_several_processes_write_at_once_and_nothing_is_lost(tracked):
    with warm.CONTEXT.Pool(3, warm.take_over, [dict(os.environ)]) as pool:
        pool.map(write, range(3))
    recorded = recorder.runs("many writers")
    assert sorted(run["name"] for run in recorded) == [f"{number}-{part}" for number in range(3) for part in range(2)]
    assert {run["status"] for run in recorded} == {"FINISHED"}
    for run in recorded:
        points = mlflow.MlflowClient().get_metric_history(run["id"], "train/loss")
        assert [point.step for point in points] == [1, 2, 3, 4, 5]
        assert [point.value for point in points] == [int(run["name"][0]) + step for step in range(1, 6)]
    assert recorder.waiting() == {}


def test_a_server_that_goes_away_ends_no_training_and_loses_nothing(tracked, monkeypatch, capsys):
    record = _recording.epoch

    def killed_after_the_first(run, epoch, *more):
        record(run, epoch, *more)
        if epoch.number == 1:
            tracked.kill()

    monkeypatch.setattr(_recording, "epoch", killed_after_the_first)
    experiment = compose.parse(SETTINGS)
    train.run(experiment)
    run = json.loads((compose.report_folder(experiment) / "run.json").read_text())["run"]
    (address, count) = recorder.waiting()[run]
    assert address == tracked.address
    assert count >= 6  # two epochs, a picture, test metrics, description, model, log, end
    assert sync.run([]) == 1
    assert "records of run" in capsys.readouterr().err
    tracked.start()
    assert sync.run([]) == 0
    assert sync.run([]) == 0
    client = mlflow.MlflowClient()
    for metric in ("train/loss", "val/rmse", "system/seconds"):
        assert [point.step for point in client.get_metric_history(run, metric)] == [1, 2, 3]
    finished = client.get_run(run)
    assert finished.info.status == "FINISHED"
    assert "test/rmse" in finished.data.metrics
    artifacts = {artifact.path for folder in ("", "images") for artifact in client.list_artifacts(run, folder)}
    assert {"log.txt", "experiment.yaml"} <= artifacts
    assert len([path for path in artifacts if path.endswith(".png")]) == 4  # before training, after epochs 1, 2, 3
    (version,) = client.search_model_versions("name = 'simulated-segmentation'")
    assert version.run_id == run
    assert not list((recorder.STORE / "outbox").glob("[0-9a-f]*"))


def test_a_server_that_never_answered_is_said_at_once(tracked, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with pytest.raises(ValueError, match="does not answer; start it"):
        recorder.start(SUBJECT, "run", {}, {})


@pytest.mark.parametrize("retries", ["0", "2"])
def test_a_record_whose_reply_was_lost_counts_once(tracked, monkeypatch, tmp_path, retries):
    proxy = Lossy(tracked.address)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", proxy.address)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", retries)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")
    monkeypatch.setattr(delivery, "PAUSE", 0.0)
    name = f"lossy{retries}"
    (tmp_path / "MLmodel").write_text("flavors: {}\n")
    run = recorder.start(f"{name} segmentation", "lossy", {}, {})
    proxy.losing = True
    for step in (1, 2):
        recorder.log_metrics(run, {"train/loss": 0.5 * step, "val/loss": 1.0}, step)
        recorder.log_image(run, np.zeros((4, 4, 3), np.uint8), "val/prediction", step)
    recorder.tag(run, {"end": "done"})
    recorder.log_data(run, "simulated", "a" * 36, "data", "chips")
    recorder.log_text(run, "text", "experiment.yaml")
    recorder.log_model(run, tmp_path, name, {"exp": "lossy"})
    recorder.finish(run)
    for _ in range(60):
        if recorder.sync():
            break
    proxy.losing = False
    proxy.close()
    assert recorder.waiting() == {}
    assert len(proxy.lost) >= 10  # replies, each of another request
    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracked.address)
    (recorded,) = recorder.runs(f"{name} segmentation")
    client = mlflow.MlflowClient()
    for metric in ("train/loss", "val/loss"):
        assert [point.step for point in client.get_metric_history(run.id, metric)] == [1, 2]
    assert (recorded["status"], recorded["tags"]["end"]) == ("FINISHED", "done")
    assert len(client.get_run(run.id).inputs.dataset_inputs) == 1
    assert len(client.list_artifacts(run.id, "images")) == 4  # two pictures, large and small
    assert "experiment.yaml" in [file.path for file in client.list_artifacts(run.id)]
    assert len(client.search_logged_models([run.experiment_id])) == 1
    (version,) = client.search_model_versions(f"name = '{name}'")
    assert version.run_id == run.id
    assert client.get_model_version_by_alias(name, "challenger").version == version.version
