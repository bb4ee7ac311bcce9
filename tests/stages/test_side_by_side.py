"""Folds of an evaluation and trials of a search that several processes share: on a cluster, and by one PostgreSQL."""

import json
import os
import signal
import threading
import time

import psutil
import pytest
from distributed import LocalCluster

from rojsat import evaluate, tune
from rojsat.config import compose
from rojsat.config.keys import ConfigError
from rojsat.jobs import local_commands
from rojsat.stages import _side_by_side
from tests.support import warm
from tests.support.postgres import server as postgres
from tests.support.warm import Child

pytestmark = pytest.mark.slow

WORDS = ["exp=unet_roi6", "variant=boosting", "model.options.max_iter=3", "tracking.images=false"]
WORDS += ["evaluate.folds=k_fold_regions", "evaluate.fold_options.folds=3", "evaluate.seeds=[21]"]
WORDS += ["tune.heartbeat=1", "tune.grace=4"]

PROGRAM = """
import os, sys, time
from pathlib import Path
from rojsat.tracking import recorder
from rojsat.config import compose
root, trained = Path(sys.argv[1]), Path(sys.argv[2])
compose.ROOT, recorder.STORE = root, root / "mlruns"
from rojsat.stages import evaluate, train
run = train.run

def noted(settings, **more):
    (trained / f"{more['folder'].name} {os.getpid()}").touch()
    while len({path.name.split()[1] for path in trained.iterdir()}) < 2:
        time.sleep(0.05)  # until another process trains too
    run(settings, **more)
    (trained / f"{more['folder'].name} {os.getpid()}").write_text("done")

train.run = noted
evaluate.run(compose.parse(sys.argv[3:]))
"""
"""Evaluates as `rojsat evaluate` does; leaves a file for each training, with its process, and fills it at the end."""


def storage(at, name):
    return f"tune.storage=sqlite:///{at / 'mlruns' / name}.db"


@pytest.fixture(scope="module")
def alone(repository):
    """The evaluation by one process."""
    recorder = pytest.importorskip("rojsat.tracking.recorder")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.setattr(compose, "ROOT", repository)
        patch.setattr(recorder, "STORE", repository / "mlruns")
        settings = compose.parse([*WORDS, storage(repository, "alone")])
        evaluate.run(settings)
        folder = compose.evaluation_folder(settings)
        content = json.loads((folder / "evaluation.json").read_text())
        moments = {path.parent.name: path.read_text() for path in folder.glob("folds/*/moments.csv")}
    return content, moments


def forget(settings):
    """Take the report and the folds away, so that all is done again; their folder."""
    folder = compose.evaluation_folder(settings)
    (folder / "evaluation.json").unlink()
    (folder / "folds").rename(folder / f"folds_{time.monotonic_ns()}")
    return folder


def check_done(folder, trained, alone, killed=()):
    """Every fold was trained to its end once, and the numbers are those of one process."""
    done = [path.name.split()[0] for path in trained.iterdir() if path.read_text() == "done"]
    assert sorted(done) == ["0_seed21", "1_seed21", "2_seed21"]
    begun = [path.name.split()[0] for path in trained.iterdir()]
    assert sorted(begun) == sorted([*done, *killed])
    assert json.loads((folder / "evaluation.json").read_text()) == alone[0]
    assert {path.parent.name: path.read_text() for path in folder.glob("folds/*/moments.csv")} == alone[1]


def test_a_cluster_does_every_fold_once_though_a_worker_and_its_process_are_killed(at, alone, tmp_path):
    trained, killed = tmp_path / "trained", []
    trained.mkdir()

    def kill():
        while not list(trained.iterdir()):
            time.sleep(0.02)
        first = next(trained.iterdir())
        process = psutil.Process(int(first.name.split()[1]))
        family = [process, process.parent(), process.parent().parent()]  # the machine is lost: nothing can say goodbye
        for member in reversed(family):
            os.kill(member.pid, signal.SIGKILL)
        killed.append(first.name.split()[0])

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        words = [*WORDS, storage(at, "cluster")]
        settings = compose.parse([*words, f"dask.scheduler={cluster.scheduler_address}"])
        folder = forget(settings)
        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        evaluate.evaluate.side_by_side(settings, ["-c", PROGRAM, str(at), str(trained), *words])
        killer.join()
    assert len(killed) == 1
    check_done(folder, trained, alone, killed)
    attempts = evaluate.evaluate.plan(settings).study().table()["attempts"]
    assert sorted(attempts) == [1, 1, 2]


def test_two_commands_on_one_postgresql_share_the_folds(at, alone, tmp_path):
    with postgres() as url:
        words = [*WORDS, f"tune.storage={url}"]
        settings = compose.parse(words)
        folder = forget(settings)
        children = [Child(PROGRAM, at, tmp_path, *words) for _ in range(2)]
        ends = [child.end() for child in children]
        assert [status for status, *_ in ends] == [0, 0], ends
        check_done(folder, tmp_path, alone)
    assert len({path.name.split()[1] for path in tmp_path.iterdir()}) == 2


def test_errors_name_the_fold(at, monkeypatch):
    def fails(settings, **more):
        raise OSError("No space left on device")

    monkeypatch.setattr(evaluate.evaluate.train, "run", fails)
    with pytest.raises(ValueError, match="fold 1 of 3, seed 33: No space left on device"):
        evaluate.run(compose.parse([*WORDS, "evaluate.seeds=[33]", storage(at, "fails")]))


@pytest.mark.parametrize("command, key", [(evaluate, "evaluate.jobs"), (tune, "tune.jobs")])
def test_processes_here_and_a_cluster_are_one_too_many(at, command, key):
    words = ["exp=unet_roi6", f"{key}=2", "dask.scheduler=tcp://127.0.0.1:1"]
    with pytest.raises(ConfigError, match=rf"{key}=2 asks for processes of this machine, .*: leave one of them out"):
        command.run(compose.parse(words))
    own = [word for word in words if not word.startswith(key)]
    assert any("on the cluster at tcp://127.0.0.1:1" in line for line in command.plan(compose.parse(own)))


@pytest.mark.parametrize(
    ("storage", "server", "reason"),
    [
        (None, None, "tune.storage and MLflow's store are files, and SQLite loses its locks"),
        ("sqlite:///shared/optuna.db", "http://mlflow:5000", "tune.storage is a file"),
        ("postgresql://me@host/db", "sqlite:///shared/mlflow.db", "MLflow's store is a file"),
        ("postgresql://me@host/db", "http://mlflow:5000", None),
    ],
)
def test_files_are_shared_on_one_machine_alone(monkeypatch, storage, server, reason):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    if server:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    asked = [] if storage is None else [f"tune.storage={storage}"]
    text = _side_by_side._only_here(compose.parse(["exp=unet_roi6", *asked]))
    assert text.startswith(reason) if reason else text == ""


def test_trials_run_side_by_side(at, monkeypatch, capsys):
    program = PROGRAM.partition("from rojsat.stages import")[0].replace("sys.argv[2]", "'.'")
    program += "from rojsat.stages import tune\ntune.run(compose.parse(sys.argv[2:]))"
    words = ["exp=unet_roi6", "variant=boosting", "tracking.images=false", "tune.trials=3", "tune.seeds=[5]"]
    words += ["model.options.max_iter=2", "tune.space.optimizer.lr=null", "tune.metric=rmse"]
    words += ["tune.space.model.options.max_iter.choices=[2,3,4]"]
    settings = compose.parse([*words, "tune.jobs=2"])
    monkeypatch.setattr(local_commands, "subprocess", warm.SUBPROCESS)
    tune.stage.side_by_side(settings, ["-c", program, str(at), *words])
    assert "best" in capsys.readouterr().out
    tune.run(settings)
    logs = sorted((at / "mlruns" / "workers").glob("*/worker*.txt"))
    assert len(logs) == 2
    trials = [line for log in logs for line in log.read_text().splitlines() if "  trial " in line]
    assert sorted(line.split("trial ")[1][0] for line in trials) == ["0", "1", "2"]
