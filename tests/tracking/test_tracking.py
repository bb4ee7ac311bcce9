import multiprocessing
import os
import signal
import threading
import warnings
from concurrent.futures import Future

import numpy as np
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import mlflow

    from rojsat.tracking import delivery, recorder, views


@pytest.fixture(autouse=True)
def store(tmp_path_factory, monkeypatch):
    """A store of its own, made once: creating the database takes seconds."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(recorder, "STORE", tmp_path_factory.getbasetemp() / "mlruns")
    yield
    mlflow.set_tracking_uri(None)


def start(**more):
    return recorder.start("data segmentation", "unet", {"split": "regions"}, {"lr": 0.1}, **more)


def test_a_run_holds_what_was_logged(tmp_path):
    run = start()
    recorder.log_metrics(run, {"train/loss": 0.5, "val/r2": float("nan")}, step=1)
    recorder.log_metrics(run, {"train/loss": 0.25}, step=2)
    (tmp_path / "a.png").write_bytes(b"x")
    recorder.log_files(run, tmp_path, "figures")
    recorder.finish(run)
    recorded = mlflow.get_run(run.id)
    assert recorded.info.status == "FINISHED"
    assert recorded.data.metrics == {"train/loss": 0.25}
    assert recorded.data.params == {"lr": "0.1"}
    assert recorder.last_step(run, "train/loss") == 2
    assert [file.path for file in mlflow.MlflowClient().list_artifacts(run.id, "figures")] == ["figures/a.png"]


def test_a_metric_never_logged_has_no_last_step():
    assert recorder.last_step(start(), "train/loss") == -1


def test_an_interrupted_run_goes_on_as_itself():
    run = start()
    again = start(resume=run.id)
    assert again == run
    assert mlflow.get_run(run.id).info.status == "RUNNING"


def test_a_run_can_be_part_of_another():
    parent_run = start()
    part = start(parent=parent_run.id)
    assert mlflow.get_run(part.id).data.tags["mlflow.parentRunId"] == parent_run.id


def test_a_run_that_is_gone_is_replaced():
    assert start(resume="0" * 32).id != "0" * 32


def test_finding_a_run_that_is_gone_is_an_error():
    with pytest.raises(ValueError, match="not in the tracking store"):
        recorder.find("0" * 32)


def test_artifacts_lie_in_the_store():
    run = start()
    assert str(recorder.STORE / "artifacts") in mlflow.get_run(run.id).info.artifact_uri


def test_links_open_the_run_and_the_table():
    run = recorder.Run("abc", "7")
    assert "/#/experiments/7/runs/abc?" in run.link
    assert "workflowType=machine_learning" in run.table


def test_a_link_to_the_table_opens_a_view_that_shows_the_run():
    clean = recorder.start("segmentation", "clean", {"clean": "true"}, {})
    leaking = recorder.start("segmentation", "leaking", {"clean": "false"}, {})
    assert (clean.view, leaking.view) == (views.CLEAN, views.EVERY)
    assert recorder.find(leaking.id) == leaking
    tags = mlflow.get_experiment(clean.experiment_id).tags
    for run in (clean, leaking):
        assert f"mlflow.sharedViewState.{run.table.rpartition('=')[2]}" in tags
        assert f"viewStateShareKey={run.view}" in tags["mlflow.note.content"]


def test_the_data_set_is_recorded_with_its_digest():
    run = start()
    recorder.log_data(run, "simulated", "a" * 64, "data/processed/simulated", "chips")
    (used,) = mlflow.get_run(run.id).inputs.dataset_inputs
    assert (used.dataset.name, used.dataset.digest) == ("simulated", "a" * 36)


def _connect(folder):
    recorder.STORE = folder
    return recorder.connect("data segmentation")


def test_processes_that_open_a_new_store_at_once_do_not_ruin_it(tmp_path):
    with multiprocessing.get_context("fork").Pool(2) as pool:
        first, second = pool.map(_connect, [tmp_path / "new"] * 2)
    assert first == second


def steps(run):
    return [point.step for point in mlflow.MlflowClient().get_metric_history(run.id, "train/loss")]


def test_what_an_epoch_records_is_sent_in_the_background_and_in_order(monkeypatch):
    run, release, delivered = start(), threading.Event(), []
    deliver = delivery.deliver

    def slow(name, record, files):
        release.wait(30)
        delivered.append(record["kind"])
        deliver(name, record, files)

    monkeypatch.setattr(delivery, "deliver", slow)
    recorder.log_metrics(run, {"train/loss": 0.5}, step=1)
    recorder.log_image(run, np.zeros((4, 4, 3), np.uint8), "val/prediction", 1)
    recorder.log_metrics(run, {"train/loss": 0.25}, step=2)
    assert delivered == []
    assert recorder.waiting()[run.id][1] == 3
    release.set()
    recorder.finish(run)
    assert delivered == ["metrics", "image", "metrics", "finish"]
    assert steps(run) == [1, 2]
    assert recorder.waiting() == {}
    images = [file.path for file in mlflow.MlflowClient().list_artifacts(run.id, "images")]
    assert sorted(path.rpartition(".")[2] for path in images) == ["png", "webp"]


def _record_and_die(run):
    class Never:
        def submit(self, *words):
            return Future()

    delivery._POSTMAN = Never()
    for step in (1, 2):
        recorder.log_metrics(run, {"train/loss": 0.5}, step)
    os.kill(os.getpid(), signal.SIGKILL)


def test_what_was_recorded_before_a_kill_is_not_lost():
    run = start()
    child = multiprocessing.get_context("fork").Process(target=_record_and_die, args=(run,))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert steps(run) == []
    assert start(resume=run.id) == run
    assert recorder.last_step(run, "train/loss") == 2
    assert steps(run) == [1, 2]


def test_what_the_store_refuses_for_good_ends_its_run_and_hinders_no_other(caplog):
    run = start()
    mlflow.delete_run(run.id)
    recorder.log_metrics(run, {"train/loss": 0.5}, step=1)
    delivery._POSTED[recorder._outbox(run.id).folder].exception()  # waits for it
    with pytest.raises(mlflow.exceptions.MlflowException, match="deleted"):
        recorder.log_metrics(run, {"train/loss": 0.5}, step=2)
    start()
    assert "takes no more" in caplog.text
    assert run.id in recorder.waiting()
    mlflow.MlflowClient().restore_run(run.id)
    assert recorder.sync()
    assert steps(run) == [1]
