import signal
import sys

import pytest

from rojsat import run, tune
from rojsat.config import command, compose
from rojsat.stages import _recording
from rojsat.tracking import recorder


@pytest.fixture
def shell(monkeypatch, capsys):
    """Give a command line to a command in this process: exit status, output, errors."""

    def call(action, *words, **more):
        monkeypatch.setattr(sys, "argv", ["command", *words])
        monkeypatch.setattr(signal, "signal", lambda *more: None)  # this process keeps its own
        status = 0
        try:
            command.execute(action, run.COMMAND, **more)
        except SystemExit as end:
            status = end.code
        return status, *capsys.readouterr()

    return call


def forbidden(experiment):
    raise AssertionError("ran")


def test_a_dry_run_prints_the_experiment_and_what_would_run_and_runs_nothing(shell, at):
    status, printed, _ = shell(forbidden, "exp=unet_roi6", "seed=7", "dry=true", plan=run.plan)
    assert status == 0
    assert "seed: 7" in printed
    assert "would run: train, figures" in printed
    assert str(at / "reports" / "quick" / "unet_roi6-") in printed


def test_a_dry_run_names_the_stages_of_missing_data(shell, tmp_path, monkeypatch):
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    _, printed, _ = shell(forbidden, "exp=unet_roi6", "dry=true", plan=run.plan)
    assert "would run: raw, masks, chips, train, figures" in printed
    assert not list(tmp_path.iterdir())


def test_a_dry_run_of_a_search_prints_study_storage_trials_and_space(shell, at):
    words = ["exp=unet_roi6", "dry=true", "tune.trials=7", "tune.space.train.batch_size.choices=[4,8]"]
    status, printed, _ = shell(forbidden, *words, "tune.storage=postgresql://me:secret@host/db", plan=tune.plan)
    assert status == 0
    plan = printed.rpartition("would run: ")[2]
    assert plan.startswith("tune\n")
    assert "study: unet_roi6-tune-" in plan
    assert "storage: postgresql://host/db" in plan and "secret" not in printed
    assert "trials: 7, by the smallest val/loss" in plan
    assert "space: optimizer.lr from 1e-05 to 0.01, log scale" in plan
    assert "space: train.batch_size one of 4, 8" in plan
    assert "seeds 0, 1, 2" in plan


def test_a_dry_run_of_a_search_without_data_makes_nothing(shell, tmp_path, monkeypatch):
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    monkeypatch.setattr(recorder, "STORE", tmp_path / "mlruns")
    status, printed, _ = shell(forbidden, "exp=unet_roi6", "dry=true", plan=tune.plan)
    assert status == 0
    assert "would run: raw, masks, chips, tune" in printed
    assert f"storage: sqlite:///{tmp_path / 'mlruns' / 'optuna.db'}" in printed
    assert not list(tmp_path.iterdir())


def test_a_search_that_cannot_be_is_a_mistake_in_a_dry_run_too(shell, at):
    status, _, errors = shell(forbidden, "exp=unet_roi6", "dry=true", "tune.space.seed.choices=[1]", plan=tune.plan)
    assert status == 2
    assert "a search varies what training sees" in errors


def test_a_mistake_in_a_dry_run_is_a_mistake(shell):
    status, _, errors = shell(forbidden, "exp=unet_roi6", "sed=7", "dry=true")
    assert status == 2
    assert "'seed'" in errors


def raising(error):
    def action(experiment):
        raise error

    return action


ENDS = [(ValueError("x"), 2), (OSError("x"), 2), (KeyboardInterrupt(), 130), (KeyboardInterrupt(signal.SIGTERM), 143)]


@pytest.mark.parametrize("error, status", ENDS)
def test_exit_codes(shell, error, status):
    assert shell(raising(error), "exp=unet_roi6")[0] == status


def test_a_fault_of_rojsat_keeps_its_traceback(shell):
    with pytest.raises(RuntimeError):
        shell(raising(RuntimeError("x")), "exp=unet_roi6")


def test_help_lists_every_experiment_with_its_header(shell):
    status, printed, _ = shell(forbidden, "--help")
    assert status == 0
    for name in compose.names():
        assert f"  {name}\n" in printed
        assert compose.header(name).splitlines()[0] in printed


def test_no_password_is_recorded():
    experiment = compose.load("unet_roi6", ["tune.storage=postgresql://me:secret@host/db"])
    text = compose.written(experiment)
    assert "secret" not in text and "postgresql://host/db" in text
    assert experiment.tune.storage == "postgresql://me:secret@host/db"


def test_a_segmenter_of_classes_is_registered_by_itself():
    names = [_recording.registered(compose.load("unet_roi6", words)) for words in ([], ["variant=discrete"])]
    assert names == ["simulated-segmentation", "simulated-segmentation-classes"]
