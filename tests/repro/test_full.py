"""The full length: what is trained is not trained again, small files are kept."""

import pytest

from rojsat.config import compose
from rojsat.config.lookup import UnknownNameError
from rojsat.repro import full
from rojsat.repro.jobs import Outcome

NAME = "unet_roi6_boosting_scratch_full"


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """The commands that are run, in a repository that is empty but for them; each leaves a report."""
    run = []

    def pretend(listed, workers, log, *, finished=None):
        for job in listed:
            run.append(" ".join(job.command[1:]))
            is_evaluation = job.name in full.pipeline.read("full").evaluations
            report = tmp_path / ("reports/evaluations" if is_evaluation else "reports/full") / job.name
            report.mkdir(parents=True, exist_ok=True)
            for name in full.KEPT_EVALUATION if is_evaluation else full.KEPT:
                (report / name).write_text(f"{name} of {job.name}")
            if finished:
                finished(Outcome(job, 0, "", 1.0))

    monkeypatch.setattr(compose, "ROOT", tmp_path)
    monkeypatch.setattr(full.jobs, "run", pretend)
    return run


def test_a_run_of_the_list_is_trained_once_and_its_small_files_are_kept(tmp_path, commands, capsys):
    for _ in range(2):
        full.run([NAME], [], 1, tmp_path / "log.txt")
    assert commands == ["-m rojsat.run exp=unet_roi6 size=full variant=boosting,scratch"]
    assert f"{NAME} is trained already" in capsys.readouterr().out
    kept = tmp_path / "results/full" / NAME
    assert {path.name for path in kept.iterdir()} == set(full.KEPT)
    assert (kept / "metrics.json").read_text() == f"metrics.json of {NAME}"


def test_a_run_with_other_settings_is_trained_again(tmp_path, commands):
    full.run([NAME], [], 1, tmp_path / "log.txt")
    (tmp_path / "reports/full" / NAME / full.SETTINGS).write_text("seed: 7\n")
    full.run([NAME], [], 1, tmp_path / "log.txt")
    assert len(commands) == 2


def test_an_evaluation_of_the_list_is_kept(tmp_path, commands):
    name = next(iter(full.pipeline.read("full").evaluations))
    full.run([name], [], 1, tmp_path / "log.txt")
    assert commands == [full.pipeline.read("full").evaluations[name].command.replace("rojsat ", "-m rojsat.")]
    kept = tmp_path / "results/evaluations" / name
    assert {path.name for path in kept.iterdir()} == {"evaluation.json", "moments.csv", "run.json"}


def test_a_trial_with_other_settings_is_not_kept(tmp_path, commands, capsys):
    name = next(iter(full.pipeline.read("full").evaluations))
    full.run([name], ["train.epochs=1"], 1, tmp_path / "log.txt")
    assert commands[0].endswith("train.epochs=1")
    assert not (tmp_path / "results").exists()
    capsys.readouterr()
    full.run([name], ["train.epochs=1"], 1, tmp_path / "log.txt", dry=True)
    assert capsys.readouterr().out.startswith("rojsat evaluate exp=unet")


def test_a_name_that_the_list_does_not_have_is_an_error(tmp_path, commands):
    with pytest.raises(UnknownNameError, match=NAME):
        full.run(["unet_roi6_boosting_full"], [], 1, tmp_path / "log.txt")
    assert commands == []
