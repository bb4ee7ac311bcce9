"""A search from end to end, with a worker that is killed on the way."""

import json
import os
import pty
import re
import signal
import termios

import mlflow
import numpy as np
import pandas as pd
import pytest

from rojsat import tune
from rojsat.chips.reader import Chips
from rojsat.config import compose, recipes
from rojsat.learn.assembly import Assembled
from rojsat.learn.data import sample_arrays
from rojsat.stages import train
from rojsat.tracking import recorder
from tests.support.warm import Child

pytestmark = pytest.mark.slow

SETTINGS = [
    "exp=unet_roi6",
    "train.epochs=2",
    "train.threads=1",
    "model.options.depth=2",
    "model.options.decoder=[16,8]",
]
SETTINGS += ["tune.trials=4", "tune.seeds=[3]", "tune.heartbeat=1", "tune.grace=3", "tracking.keep_models=none"]

CHILD = """
import sys
from pathlib import Path
from rojsat.tracking import recorder
from rojsat.config import compose
root = Path(sys.argv[1])
compose.ROOT, recorder.STORE = root, root / "mlruns"
from rojsat.stages import tune
from rojsat.learn.assembly import Assembled
train = Assembled.train

def told(self, folder):
    for epoch in train(self, folder):
        print("epoch", epoch.number, flush=True)
        yield epoch

Assembled.train = told
tune.run(compose.parse(sys.argv[2:]))
"""


def folder():
    return compose.search_folder(compose.parse(SETTINGS))


def runs(stage=None):
    recorder.connect("segmentation")
    result = recorder.runs("segmentation")
    name = folder().name
    return [
        each
        for each in result
        if each["tags"].get("study", "").startswith(name) and stage in (None, each["tags"]["stage"])
    ]


@pytest.fixture(scope="module")
def searched(repository):
    """A search whose first worker is killed in its first trial: its run, and all that was judged, with the seed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.setattr(compose, "ROOT", repository)
        patch.setattr(recorder, "STORE", repository / "mlruns")
        child = Child(CHILD, repository, *SETTINGS)
        assert "epoch 1\n" in child.stdout  # read up to there
        child.send(signal.SIGKILL)
        child.end()
        (killed,) = runs("trial")
        assert killed["status"] == "RUNNING"
        judged, evaluate = [], Assembled.evaluate
        patch.setattr(
            Assembled, "evaluate", lambda self, part, **how: judged.append((self, part)) or evaluate(self, part, **how)
        )
        tune.run(compose.parse(SETTINGS))
    return killed["id"], [(int(each.settings.seed), part) for each, part in judged]


def test_every_trial_is_one_run_beneath_the_run_of_the_search(at, searched):
    (parent,), trials = runs("tune"), runs("trial")
    assert sorted(each["tags"]["trial"] for each in trials) == ["0", "1", "2", "3"]
    assert {each["tags"]["mlflow.parentRunId"] for each in trials} == {parent["id"]}
    assert {each["status"] for each in [parent, *trials]} == {"FINISHED"}


def test_the_killed_trial_went_on_in_its_run(at, searched):
    (first,) = [each for each in runs("trial") if each["tags"]["trial"] == "0"]
    assert first["id"] == searched[0]
    points = mlflow.MlflowClient().get_metric_history(first["id"], "val/loss")
    assert [point.step for point in points] == [1, 2]
    assert list(pd.read_csv(folder() / "attempts.csv")["attempts"]) == [2, 1, 1, 1]


def test_the_first_trial_has_the_rate_of_the_file(at, searched):
    own = compose.load("unet_roi6").optimizer.lr
    assert pd.read_csv(folder() / "trials.csv")["optimizer.lr"][0] == pytest.approx(own)
    assert float(mlflow.get_run(searched[0]).data.params["optimizer.lr"]) == own


def test_the_test_part_is_evaluated_by_the_best_alone(at, searched):
    assert searched[1] == [(3, "train"), (3, "val"), (3, "test"), (3, "control")]


def test_the_run_of_the_search_tells_the_best_and_shows_the_figures(at, searched):
    (parent,) = runs("tune")
    result = json.loads((folder() / "tune.json").read_text())
    table = pd.read_csv(folder() / "trials.csv").set_index("trial")
    assert result["best"]["value"] == pytest.approx(table["value"].min())
    assert parent["metrics"]["best/val/loss"] == pytest.approx(table["value"].min())
    assert parent["metrics"]["trials/complete"] == 4
    note = parent["tags"]["mlflow.note.content"]
    assert "\nseed 3 " in note and "\nposition in the box " in note and "1 test region: too few" in note
    artifacts = mlflow.MlflowClient().list_artifacts(parent["id"], "search/figures")
    assert {"history.png", "slice.png", "parallel.png"} == {each.path.rpartition("/")[2] for each in artifacts}


def test_the_best_is_trained_anew_with_its_values_beneath_the_search(at, searched):
    result = json.loads((folder() / "tune.json").read_text())
    (again,) = result["again"]
    (seed_run,) = json.loads((folder() / "run.json").read_text())["seed_runs"]
    run = mlflow.get_run(seed_run)
    assert run.data.tags["mlflow.parentRunId"] == runs("tune")[0]["id"]
    assert (run.data.params["seed"], run.data.tags["stage"]) == ("3", "train")
    assert float(run.data.params["optimizer.lr"]) == result["best"]["values"]["optimizer.lr"]
    assert run.data.metrics["test/rmse"] == pytest.approx(again["test"]["rmse"], rel=1e-3)


def test_a_finished_search_does_nothing(at, searched, capsys):
    before = {each["id"] for each in recorder.runs("segmentation")}
    tune.run(compose.parse(SETTINGS))
    assert "nothing to do: 4 trials are done" in capsys.readouterr().out
    assert {each["id"] for each in recorder.runs("segmentation")} == before


def test_every_report_names_its_run_and_every_run_its_commit_and_data(at, searched):
    digest = Chips(recipes.folder("chips", compose.parse(SETTINGS))).digest
    evaluations = at / "reports" / "evaluations"  # many runs each; other tests write them
    reports = [path for path in (at / "reports").glob("*/*/run.json") if evaluations not in path.parents]
    reported = {json.loads(path.read_text())["run"] for path in reports}
    (parent,) = runs("tune")  # other tests report runs of other stores
    beneath = [each for each in recorder.runs("segmentation") if each["tags"].get("mlflow.parentRunId") == parent["id"]]
    kept = {each["id"] for each in [parent, *beneath]}
    assert len(kept & reported) >= 2  # the search, and the best trained again
    for run_id in kept:
        result = mlflow.get_run(run_id)
        assert "commit" in result.data.tags
        assert result.data.tags["data digest"] == digest[:12]
        assert [used.dataset.digest for used in result.inputs.dataset_inputs] == [digest[:36]]


def test_garbage_in_the_test_part_changes_no_trial(at, searched, monkeypatch):
    read = sample_arrays.read

    def corrupted(*words, **more):
        arrays = read(*words, **more)
        test = (arrays.rows["region"] == "6").to_numpy()
        assert test.any()
        arrays.images[test] = 1e9
        arrays.targets[test] = 0.5
        return arrays

    monkeypatch.setattr(sample_arrays, "read", corrupted)
    monkeypatch.setattr(Assembled, "evaluate", lambda self, part, **how: pytest.fail(f"{part} was judged"))
    before = pd.read_csv(folder() / "trials.csv")
    words = [*SETTINGS, "tune.seeds=[]", f"tune.storage=sqlite:///{at / 'mlruns' / 'spoilt.db'}"]
    tune.run(compose.parse(words))
    after = pd.read_csv(folder() / "trials.csv")
    same = ["value", "optimizer.lr", "state", "epochs"]
    assert after["trial"].tolist() == [0, 1, 2, 3]
    np.testing.assert_array_equal(after[same[:2]][1:], before[same[:2]][1:])
    assert after["value"][0] == before["value"][0]


WORKER = """
import sys, time
from pathlib import Path
from rojsat.tracking import recorder
from rojsat.config import compose
root, flag = Path(sys.argv[1]), Path(sys.argv[2])
compose.ROOT, recorder.STORE = root, root / "mlruns"
from rojsat import tune
flag.touch()
while len(list(flag.parent.glob("ready*"))) < 2:
    time.sleep(0.05)
tune.run(compose.parse(sys.argv[3:]))
"""


def test_two_workers_at_once_share_the_trials_and_show_a_bar_on_a_terminal_alone(at, tmp_path):
    own = ["train.epochs=1", "tune.seeds=[]", "tune.space.optimizer.lr.low=0.00002"]
    words = [*SETTINGS, *own, f"tune.storage=sqlite:///{tmp_path / 'two.db'}"]
    terminal, end = pty.openpty()
    termios.tcsetwinsize(end, (24, 100))
    first = Child(WORKER, at, tmp_path / "ready1", *words, stderr=end)
    os.close(end)
    second = Child(WORKER, at, tmp_path / "ready2", *words)
    shown = b""
    try:
        while part := os.read(terminal, 4096):
            shown += part
    except OSError:  # the other end was closed
        os.close(terminal)
    (first_status, first_printed, _), (second_status, second_printed, second_errors) = first.end(), second.end()
    assert (first_status, second_status) == (0, 0)
    trials = [re.findall(r"trial (\d) of 4:", text) for text in (first_printed, second_printed)]
    assert sorted(trials[0] + trials[1]) == ["0", "1", "2", "3"]
    assert all(trials)
    assert re.search(rb"trials: 100%.*4/4 \[\d+:\d+<", shown)
    assert "trials:" not in second_errors
    experiment = compose.parse(words)
    parent_id = json.loads((compose.search_folder(experiment) / "run.json").read_text())["run"]
    result = recorder.runs("segmentation")
    beneath = [each for each in result if each["tags"].get("mlflow.parentRunId") == parent_id]
    assert sorted(each["tags"]["trial"] for each in beneath) == ["0", "1", "2", "3"]
    for each in beneath:
        assert [point.step for point in mlflow.MlflowClient().get_metric_history(each["id"], "val/loss")] == [1]
    assert list(pd.read_csv(compose.search_folder(experiment) / "attempts.csv")["attempts"]) == [1] * 4


def test_a_report_that_holds_the_best_already_is_left_as_it_is(at, tmp_path, capsys):
    words = [*SETTINGS, "train.epochs=1", "tune.trials=1", "tune.seeds=[0]"]
    words.append(f"tune.storage=sqlite:///{tmp_path / 'own.db'}")
    experiment = compose.parse(words)
    train.run(experiment)
    report = compose.report_folder(experiment)
    before = {path: path.read_bytes() for path in report.rglob("*") if path.is_file()}
    tune.run(experiment)
    assert f"{report} holds it already" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in report.rglob("*") if path.is_file()} == before
    search = compose.search_folder(experiment)
    (again,) = json.loads((search / "tune.json").read_text())["again"]
    (seed_run,) = json.loads((search / "run.json").read_text())["seed_runs"]
    assert seed_run == json.loads((report / "run.json").read_text())["run"]
    assert again["report"] == report.name


def test_a_training_part_of_one_class_is_refused_before_a_study_starts(at, tmp_path):
    parts = {"need0": "train", "need1": "val", "need2": "test"} | {f"clear{number}": "test" for number in range(3)}
    path, database = tmp_path / "parts.csv", tmp_path / "study.db"
    pd.DataFrame({"region": list(parts), "part": list(parts.values())}).to_csv(path, index=False)
    words = ["exp=resnet18_tci", "inputs.channels=[B04]", f"tune.storage=sqlite:///{database}"]
    words += ["split.name=file", f"split.options={{path: {path}}}"]
    with pytest.raises(ValueError, match="the training part has no stand labelled clear"):
        tune.run(compose.parse(words))
    assert not database.exists()
