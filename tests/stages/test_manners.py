import itertools
import signal
import sys

import pytest

from rojsat import config, recording, run


@pytest.fixture
def shell(monkeypatch, capsys):
    """Give a command line to a command in this process: exit status, output, errors."""

    def call(action, *words, **more):
        monkeypatch.setattr(sys, "argv", ["command", *words])
        monkeypatch.setattr(signal, "signal", lambda *more: None)  # this process keeps its own
        status = 0
        try:
            config.command(action, "rojsat.run", **more)
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
    assert str(at / "reports" / "unet_roi6-") in printed


def test_a_dry_run_names_the_stages_of_missing_data(shell, tmp_path, monkeypatch):
    monkeypatch.setattr(config, "ROOT", tmp_path)
    _, printed, _ = shell(forbidden, "exp=unet_roi6", "dry=true", plan=run.plan)
    assert "would run: raw, masks, chips, train, figures" in printed
    assert not list(tmp_path.iterdir())


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
    for name in config.names():
        assert f"  {name}\n" in printed
        assert config.header(name).splitlines()[0] in printed


def test_names_of_runs_differ_in_their_first_ten_characters():
    tables = {}
    for name in config.names():
        experiment = config.load(name)
        tables.setdefault((experiment.data.name, experiment.task), []).append(recording.title(experiment))
    tables["seeds"] = [recording.title(config.load("deeplab50_roi6", [f"seed={seed}"])) for seed in range(3)]
    tables["rates"] = [recording.title(config.load("deeplab_roi6", [f"optimizer.lr={lr}"])) for lr in (0.1, 0.01)]
    for titles in tables.values():
        for one, other in itertools.combinations(titles, 2):
            assert one[:10] != other[:10]


def test_a_run_says_what_was_changed():
    assert recording.title(config.load("unet_roi6")) == "roi6 unet"
    assert recording.title(config.load("deeplab50_roi6", ["change=bands"])) == "roi6 bands 50 deeplab"
    assert recording.title(config.load("deeplab50_roi6", ["seed=3"])) == "s3 roi6 50 deeplab"
    assert recording.title(config.load("unet_roi6", ["optimizer.lr=0.01"])).endswith(" lr0.01 roi6 unet")
