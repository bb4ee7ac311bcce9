import json
import signal
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import mlflow
import numpy as np
import pandas as pd
import pytest

from rojsat import promote
from rojsat.config import command, compose
from rojsat.evaluation import report_files
from rojsat.stages.candidates import Candidate
from rojsat.tracking import recorder, registry

pytestmark = pytest.mark.slow

NAME = "ground-segmentation"


@pytest.fixture
def ground(tmp_path_factory, tmp_path, monkeypatch):
    """A repository without reports, and a store made once."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    monkeypatch.setattr(recorder, "STORE", tmp_path_factory.getbasetemp() / "promotions")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "MLmodel").write_text("flavors: {}\n")
    yield tmp_path
    client = mlflow.MlflowClient()
    if client.search_registered_models(f"name = '{NAME}'"):
        client.delete_registered_model(NAME)
    mlflow.set_tracking_uri(None)


def digest(letter):
    """A digest, longer than the tag of a run that holds its beginning."""
    return 64 * letter


def make(ground, exp, error, *, regions=8, data="d", split="e", leak=False, beats=True, keep="all"):
    """A report and a registered model of a run whose predictions are wrong by about `error`."""
    data, split = digest(data), digest(split)
    run = recorder.start("segmentation", exp, {"data digest": data[:12], "split digest": split[:12]}, {})
    recorder.log_metrics(run, {"test/r2": 0.5})
    tags = {"exp": exp, "data digest": data, "split digest": split}
    recorder.log_model(run, ground / "model", NAME, tags, keep=keep)
    recorder.finish(run)
    folder = ground / "reports" / "quick" / exp
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    target = rng.random((regions, 4, 4)).astype(np.float32)
    wrong = error + 0.05 * np.arange(regions, dtype=np.float32)[:, None, None] / regions
    arrays = {"prediction": target + wrong, "target": target}
    arrays |= dict.fromkeys(("known", "seen"), np.ones(target.shape, bool))
    rows = pd.DataFrame({"region": [str(number) for number in range(regions)]})
    report_files.write_predictions(folder, "test", rows, arrays)
    gain = {"metric": "r2", "against": "constant", "value": 0.3 if beats else -0.3, "regions": regions}
    summary = {"task": "segmentation", "leak": leak, "beats": beats, "gain": gain, "test": {"r2": 0.5}}
    summary |= {"best_without_image": "constant", "without_image": {"constant": {"r2": 0.2}}}
    report_files.write_json(folder / "summary.json", summary)
    provenance = {"run": run.id, "experiment": run.experiment_id, "model": NAME, "data": data, "split": split}
    report_files.write_json(folder / "run.json", provenance)
    return run.id


def promoted(words):
    """The exit status of `rojsat.promote` with these words."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["rojsat.promote", *words])
        patch.setattr(signal, "signal", lambda *more: None)  # this process keeps its own
        try:
            command.start(promote.run, promote.COMMAND)
        except SystemExit as end:
            return end.code
    return 0


def champion():
    return registry.at(NAME, registry.CHAMPION)


@pytest.mark.slow
def test_the_first_one_asked_for_is_champion_and_the_newest_is_challenger(ground, capsys):
    first = make(ground, "unet_roi6", 0.2)
    second = make(ground, "unet_dates", 0.2)
    assert champion() is None
    assert promoted(["exp=unet_roi6"]) == 0
    assert "it beats the best predictor without an image" in capsys.readouterr().out
    assert champion().run == first
    assert registry.at(NAME, registry.CHALLENGER).run == second


def test_a_better_one_is_promoted_and_the_reason_kept(ground, capsys):
    make(ground, "unet_roi6", 0.2)
    better = make(ground, "unet_dates", 0.1)
    assert promoted(["exp=unet_roi6"]) == 0
    assert promoted([f"run={better}"]) == 0
    printed = capsys.readouterr().out
    assert "95 % interval" in printed
    assert champion().run == better
    kept = mlflow.MlflowClient().get_model_version_by_alias(NAME, registry.CHAMPION).tags["promoted because"]
    assert kept in printed
    assert promoted(["exp=unet_dates"]) == 0
    assert "already" in capsys.readouterr().out


def test_a_dry_run_compares_and_promotes_nobody(ground, capsys):
    make(ground, "unet_roi6", 0.2)
    assert promoted(["exp=unet_roi6", "dry=true"]) == 0
    assert "nothing is changed" in capsys.readouterr().out
    assert champion() is None


def test_a_worse_one_is_not_promoted_with_a_status_of_its_own(ground, capsys):
    first = make(ground, "unet_roi6", 0.1)
    make(ground, "unet_dates", 0.2)
    promoted(["exp=unet_roi6"])
    assert promoted(["exp=unet_dates"]) == promote.KEEPS
    printed = capsys.readouterr().out
    assert "unet_dates is worse (mean squared error of the degree 0.0" in printed
    assert " worse, 95 % interval 0.0" in printed and "version 1 stays" in printed
    assert champion().run == first


def test_classifiers_are_compared_by_the_share_of_wrong_classes(tmp_path):
    candidates = []
    for name, wrong in (("new", 1), ("old", 3)):
        right = np.tile(np.arange(4) >= wrong, 6)
        arrays = {"prediction": np.stack([~right, right], axis=1).astype(np.float32), "target": np.ones(24, int)}
        arrays |= dict.fromkeys(("known", "seen"), np.ones(24, bool))
        rows = pd.DataFrame({"region": np.repeat(list("abcdef"), 4)})
        (tmp_path / name).mkdir()
        report_files.write_predictions(tmp_path / name, "test", rows, arrays)
        report_files.write_json(tmp_path / name / "summary.json", {"task": "classification"})
        candidates.append(Candidate(tmp_path / name, {"data": "d", "split": "e"}))
    assert promote.comparison(*candidates).value == pytest.approx(0.5)
    assert promote.comparison(*candidates).is_positive


def test_few_regions_promote_nobody(ground, capsys):
    make(ground, "unet_roi6", 0.3, regions=2)
    make(ground, "unet_dates", 0.0, regions=2)
    promoted(["exp=unet_roi6"])
    assert promoted(["exp=unet_dates"]) == promote.KEEPS
    printed = capsys.readouterr().out
    assert "too few test regions" in printed
    assert "evaluated on 2, a verdict needs 5" in printed
    assert "split.name=hashed" in printed


@pytest.mark.parametrize("other, what", [({"data": "f"}, "chips"), ({"split": "f"}, "split")])
def test_other_chips_or_another_split_cannot_be_compared(ground, capsys, other, what):
    first = make(ground, "unet_roi6", 0.3)
    make(ground, "unet_dates", 0.0, **other)
    promoted(["exp=unet_roi6"])
    assert promoted(["exp=unet_dates"]) == 2
    assert f"same {what}" in capsys.readouterr().err
    assert champion().run == first


def tags():
    return mlflow.MlflowClient().get_model_version_by_alias(NAME, registry.CHAMPION).tags


def test_a_run_that_leaks_is_refused_unless_allowed_and_then_tagged(ground, capsys):
    leaking = make(ground, "unet_dates", 0.1, leak=True)
    assert promoted(["exp=unet_dates"]) == 2
    assert "allow_leak=true" in capsys.readouterr().err
    assert promoted(["exp=unet_dates", "allow_leak=yes"]) == 2
    assert champion() is None
    assert promoted(["exp=unet_dates", "allow_leak=true"]) == 0
    assert champion().run == leaking
    assert tags()["leak"] == "true"
    make(ground, "unet_roi6", 0.01)
    assert promoted(["exp=unet_roi6"]) == 0
    assert tags()["leak"] == "false"


@pytest.mark.parametrize(
    ("beats", "regions", "advice"), [(False, 8, "Promote a run that beats it"), (None, 2, "5 test")]
)
def test_a_champion_must_beat_predictors_without_an_image_or_is_tagged(ground, capsys, beats, regions, advice):
    make(ground, "unet_roi6", 0.1, beats=beats, regions=regions)
    assert promoted(["exp=unet_roi6"]) == 2
    error = capsys.readouterr().err
    assert "the best predictor without an image (the mean of training)" in error
    assert advice in error and "without_proof=true" in error
    assert champion() is None
    assert promoted(["exp=unet_roi6", "without_proof=true"]) == 0
    assert tags()["without proof"] == "true"


def test_a_champion_can_be_taken_back(ground, capsys):
    make(ground, "unet_roi6", 0.1)
    assert promoted(["champion=none"]) == 2
    assert "no registered model has a champion" in capsys.readouterr().err
    assert promoted(["exp=unet_roi6"]) == 0
    assert promoted(["champion=none", "model=nothing"]) == 2
    assert f"model={NAME}" in capsys.readouterr().err
    assert promoted(["champion=none", "dry=true"]) == 0
    assert champion() is not None
    assert promoted(["champion=none"]) == 0
    assert champion() is None
    assert promoted(["exp=unet_roi6", "--none"]) == 2


def weights():
    """Which versions have their weights, by run name; the newest first."""
    client = mlflow.MlflowClient()
    versions = sorted(client.search_model_versions(f"name = '{NAME}'"), key=lambda version: -int(version.version))
    states = []
    for version in versions:
        place = Path(
            unquote(urlsplit(client.get_logged_model(version.source.removeprefix("models:/")).artifact_location).path)
        )
        assert place.joinpath("MLmodel").exists() == ("weights" not in version.tags)
        states.append((client.get_run(version.run_id).info.run_name, "weights" not in version.tags))
    return states


def test_only_the_newest_of_a_name_and_those_with_an_alias_keep_their_weights(ground, capsys):
    first = make(ground, "unet_roi6", 0.1, keep="latest")
    assert promoted(["exp=unet_roi6"]) == 0
    make(ground, "unet_dates", 0.1, keep="latest")
    make(ground, "unet_dates", 0.1, keep="latest")
    make(ground, "unet_roi6", 0.1, keep="latest")
    kept = [("unet_roi6", True), ("unet_dates", True), ("unet_dates", False), ("unet_roi6", True)]
    assert weights() == kept
    assert champion().run == first
    make(ground, "deeplab_roi6", 0.1, keep="aliased")
    assert weights() == [("deeplab_roi6", True), ("unet_roi6", False), ("unet_dates", False), *kept[2:]]
    assert promoted(["exp=unet_dates"]) == 2
    assert "deleted (tracking.keep_models=aliased)" in capsys.readouterr().err
    make(ground, "deeplab_roi6", 0.1, keep="all")
    assert weights()[1] == ("deeplab_roi6", True)


def test_uses_of_a_test_part_are_counted_for_the_same_chips_and_split_alone(ground, capsys):
    part = {"split": "u"}
    make(ground, "unet_roi6", 0.3, **part)
    make(ground, "unet_dates", 0.2, **part)
    make(ground, "deeplab_roi6", 0.1, split="v")
    recorder.finish(recorder.start("segmentation", "no test", {"split digest": digest("u")[:12]}, {}))
    assert promoted(["exp=unet_roi6"]) == 0
    assert "Its test part: 2 runs evaluated, 0 promotions before" in capsys.readouterr().out
    assert promoted(["exp=unet_dates", "dry=true"]) == 0
    assert "2 runs evaluated, 1 promotion before" in capsys.readouterr().out
    assert promoted(["exp=unet_dates"]) == 0
    assert (tags()["test part: runs"], tags()["test part: promotions before"]) == ("2", "1")


def test_what_is_not_there_is_an_error(ground, capsys):
    make(ground, "unet_roi6", 0.3)
    assert promoted(["exp=unet_roi"]) == 2
    assert "Did you mean 'unet_roi6'" in capsys.readouterr().err
    assert promoted(["run=0"]) == 2
    assert promoted([]) == 2
    provenance = json.loads((ground / "reports" / "quick" / "unet_roi6" / "run.json").read_text())
    report_files.write_json(ground / "reports" / "quick" / "unet_roi6" / "run.json", provenance | {"run": "f" * 32})
    assert promoted(["exp=unet_roi6"]) == 2
    assert "rojsat sync" in capsys.readouterr().err


def test_a_report_of_another_machine_is_passed_over_or_refused_in_words(ground, capsys):
    run = make(ground, "unet_roi7", 0.3)
    make(ground, "unet_roi6", 0.3)
    (ground / "reports" / "quick" / "unet_roi6" / "run.json").unlink()
    assert promoted([f"run={run}"]) == 0
    assert promoted(["exp=unet_roi6"]) == 2
    assert "`python -m rojsat.run exp=unet_roi6` trains it here" in capsys.readouterr().err
