"""An evaluation over folds from end to end: interrupted, gone on with, pooled."""

import json
import signal

import mlflow
import numpy as np
import pandas as pd
import pytest

from rojsat import evaluate
from rojsat.config import compose, lookup, provenance
from rojsat.config.keys import ConfigError
from rojsat.evaluation import region_moments, report_files
from rojsat.jobs import local_commands
from rojsat.stages import train
from rojsat.tracking import recorder, registry
from tests.support import stores, warm
from tests.support.warm import Child

pytestmark = pytest.mark.slow

WORDS = ["exp=unet_roi6", "variant=boosting", "model.options.max_iter=3", "tracking.images=false"]
WORDS += ["evaluate.folds=k_fold_regions", "evaluate.fold_options.folds=2", "evaluate.seeds=[0,1]"]
WORDS += ["model.options.quantiles=[0.05,0.5,0.95]", "loss.name=pinball"]
"""Two folds of nine clearing objects, two seeds, quantiles of the degree."""


def experiment(*words):
    return compose.parse([*WORDS, *words])


def folder():
    return compose.evaluation_folder(experiment())


def content():
    return json.loads((folder() / "evaluation.json").read_text())


@pytest.fixture(scope="module")
def evaluated(repository):
    """An evaluation that is interrupted in its third training: which trainings each call ran."""
    calls = []
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.setattr(compose, "ROOT", repository)
        patch.setattr(recorder, "STORE", repository / "mlruns")
        run = train.run

        def counted(settings, **more):
            calls[-1].append(more["folder"].name)
            if len(calls) == 1 and len(calls[0]) == 3:
                raise KeyboardInterrupt
            run(settings, **more)

        patch.setattr(train, "run", counted)
        calls.append([])
        with pytest.raises(KeyboardInterrupt):
            evaluate.run(experiment())
        assert not (folder() / "evaluation.json").exists()
        for _ in range(2):
            calls.append([])
            evaluate.run(experiment())
    return calls


def test_an_interrupted_evaluation_goes_on_and_trains_no_fold_twice(evaluated):
    first, second, third = evaluated
    assert first == ["0_seed0", "1_seed0", "0_seed1"]
    assert second == ["0_seed1", "1_seed1"]
    assert third == []


def test_every_region_is_tested_once_a_seed_and_pooled(at, evaluated):
    report = content()
    moments = region_moments.read(folder() / "moments.csv")
    assert list(moments) == [0, 1]
    assert all(list(table.index) == [str(number) for number in range(1, 10)] for table in moments.values())
    assert (report["regions"], report["claims_unseen"], report["leak"], report["fold_count"]) == (9, True, False, 2)
    assert set(report["by_region"]) == {str(number) for number in range(1, 10)}
    parts = [report_files.read_predictions(folder() / "folds" / f"{fold}_seed0", "test") for fold in range(2)]
    assert not list(folder().glob("folds/*/predictions/train.npz"))  # most of the regions, each tested in another fold
    errors = np.concatenate([(part.prediction - part.target)[part.known] for part in parts]).astype(float)
    targets = np.concatenate([part.target[part.known] for part in parts]).astype(float)
    assert region_moments.metrics(moments[0])["r2"] == pytest.approx(1 - np.mean(errors**2) / np.var(targets), abs=1e-6)
    r2 = report["metrics"]["r2"]
    assert r2["value"] == pytest.approx(np.mean([region_moments.metrics(table)["r2"] for table in moments.values()]))
    assert r2["low"] < r2["value"] < r2["high"]
    assert r2["seed_spread"] >= 0
    borders = json.loads((folder() / "label_borders.json").read_text())
    known = sum(group["known"] for group in borders["model"]["groups"].values())
    assert known == sum(table["count"].sum() for table in moments.values())
    assert borders["model"]["iou"] == pytest.approx(report["metrics"]["iou"]["value"], abs=0.05)  # seeds pooled


def test_intervals_are_those_of_the_regions_left_out(at, evaluated):
    intervals = content()["intervals"]
    assert (intervals["regions"], set(intervals["by_region"])) == (9, {str(number) for number in range(1, 10)})
    assert not intervals["possible"] and "9 regions are too few for 90%" in intervals["text"]
    counts = region_moments.read(folder() / "moments.csv")[0]["count"].astype(int)
    assert {name: values["count"] for name, values in intervals["by_region"].items()} == (2 * counts).to_dict()
    assert (folder() / "figures" / "intervals.png").stat().st_size > 10_000
    shares = []
    for report in sorted((folder() / "folds").iterdir()):
        test = report_files.read_predictions(report, "test")
        covered = (test.lower <= test.target) & (test.target <= test.upper)
        regions = test.rows["region"].astype(str).to_numpy()
        shares += [covered[regions == name][test.known[regions == name]].mean() for name in sorted(set(regions))]
    assert len(shares) == 18 and 0 < np.mean(shares) < 1
    assert intervals["quantiles"]["uncalibrated"]["coverage"] == pytest.approx(np.mean(shares), abs=1e-3)


def test_predictors_without_an_image_stand_beside_it_on_the_same_pixels(at, evaluated):
    report = content()
    assert set(report["without_image"]) == {"constant", "all_need", "position"}
    assert report["without_image"]["all_need"]["iou"]["value"] == pytest.approx(report["prevalence"])
    gain = report["gain"]
    least = report["without_image"][gain["against"]]["r2"]["value"]
    assert gain["value"] == pytest.approx(report["metrics"]["r2"]["value"] - least)
    assert report["beats"] is (True if gain["low"] > 0 else False if gain["high"] < 0 else None)


def test_one_run_stands_above_those_of_the_folds(at, evaluated):
    recorder.connect("segmentation")
    runs = recorder.runs("segmentation")
    (parent,) = [run for run in runs if run["name"] == f"evaluate {folder().name}"]
    children = [run for run in runs if run["tags"].get("mlflow.parentRunId") == parent["id"]]
    assert sorted(run["name"] for run in children if run["status"] == "FINISHED") == [
        f"{fold}_seed{seed}" for fold in range(2) for seed in range(2)
    ]
    report = content()
    assert parent["status"] == "FINISHED"
    for end in ("low", "high", "seed_spread"):
        assert parent["metrics"][f"test/r2_{end}"] == pytest.approx(report["metrics"]["r2"][end], rel=1e-3)
    assert parent["metrics"]["gain/r2_low"] == pytest.approx(report["gain"]["low"], rel=1e-3)
    assert parent["metrics"]["intervals/quantiles_coverage"] == pytest.approx(
        report["intervals"]["quantiles"]["coverage"], rel=1e-3
    )
    assert parent["metrics"]["region 4/rmse"] == pytest.approx(report["by_region"]["4"]["rmse"], rel=1e-3)
    note = parent["tags"]["mlflow.note.content"]
    assert note.startswith("```text\n") and "On 9 regions that were not trained on" in note
    assert "\nposition in the box  " in note and "next:    rojsat " in note
    assert "9 regions are too few" in note
    model = mlflow.MlflowClient().search_logged_models([parent["experiment"]]) if "experiment" in parent else []
    assert model == []


CHILD = """
import sys
from pathlib import Path
from rojsat.config import compose
from rojsat.learn.assembly import Assembled
from rojsat.tracking import recorder, registry
from tests.support import stores
root = Path(sys.argv[1])
compose.ROOT, recorder.STORE = root, root / "mlruns"
from rojsat.stages import evaluate
train = Assembled.train

def reported(self, folder):
    for epoch in train(self, folder):
        print("epoch", epoch.number, file=sys.__stdout__, flush=True)
        yield epoch

Assembled.train = reported
evaluate.run(compose.parse(sys.argv[2:]))
"""


def test_two_workers_side_by_side_find_the_same_as_one(at, evaluated, monkeypatch):
    words = [*WORDS, "evaluate.jobs=2"]
    evaluate.run(experiment())
    alone = content()
    (folder() / "folds").rename(folder() / "alone")
    (folder() / "evaluation.json").unlink()
    storage = f"tune.storage=sqlite:///{at / 'mlruns' / 'side.db'}"
    monkeypatch.setattr(local_commands, "subprocess", warm.SUBPROCESS)
    evaluate.evaluate.side_by_side(compose.parse([*words, storage]), ["-c", CHILD, str(at), *words, storage])
    together = content()
    assert together == alone
    for seed in (0, 1):
        for fold in range(2):
            moments_alone, moments = (
                folder() / name / f"{fold}_seed{seed}" / "moments.csv" for name in ("alone", "folds")
            )
            assert moments_alone.read_text() == moments.read_text()
    logs = [path.read_text() for path in sorted((folder() / "workers").glob("*.txt"))]
    assert len(logs) == 2
    lines = [line for log in logs for line in log.splitlines() if "  fold " in line]
    assert len(lines) == 4


def test_another_report_is_made_from_the_storage_alone(at, evaluated, capsys):
    before, moments = content(), (folder() / "moments.csv").read_text()
    (folder() / "evaluation.json").unlink()
    kept = folder() / "folds"
    kept.rename(folder() / "moved")
    try:
        evaluate.run(experiment())
    finally:
        (folder() / "moved").rename(kept)
    absent = content().pop("intervals")["text"]
    assert "predictions of 4 of 4 folds lie on other machines" in absent
    assert content() == before | {"intervals": {"text": absent}}
    assert (folder() / "moments.csv").read_text() == moments
    printed = capsys.readouterr().out
    assert "position in the box" in printed
    assert f"[{before['metrics']['r2']['low']:.3f}, {before['metrics']['r2']['high']:.3f}]" in printed


def test_more_seeds_go_on_from_the_seeds_there_are(at, evaluated, monkeypatch):
    trained, run = [], train.run
    counted = lambda settings, **more: trained.append(more["folder"].name) or run(settings, **more)  # noqa: E731
    monkeypatch.setattr(train, "run", counted)
    evaluate.run(experiment("evaluate.seeds=[0,1,5]"))
    assert trained == ["0_seed5", "1_seed5"]
    assert content()["seeds"] == [0, 1, 5]


def test_other_settings_and_other_code_are_another_study(at, evaluated, monkeypatch):
    own = evaluate.evaluate.plan(experiment())
    assert evaluate.evaluate.plan(experiment("evaluate.seeds=[7]")).name == own.name
    others = ["model.options.max_iter=4", "evaluate.fold_options.seed=1", "evaluate.folds=leave_one_region_out"]
    plans = [evaluate.evaluate.plan(experiment(word)) for word in others[:2]]
    monkeypatch.setattr(train, "CODE", ("learn/**/*.py",))
    plans.append(evaluate.evaluate.plan(experiment()))
    assert len({own.name, *(other.name for other in plans)}) == 4


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["evaluate.folds=k_fold"], lookup.UnknownNameError, "Did you mean 'k_fold_regions'"),
        (["evaluate.fold_options.buffer=3"], lookup.UnknownNameError, "option of split k_fold_regions, 'buffer'"),
        (["evaluate.fold_options.fold=1"], ConfigError, "all are trained"),
        (["evaluate.fold_options.folds=10"], ValueError, "there are 9 regions; from 2 to 9"),
        (["evaluate.seeds=[]"], ConfigError, "at least one"),
        (["evaluate.seeds=[1,1]"], ConfigError, "different numbers"),
        (["evaluate.jobs=0"], ConfigError, "at least 1, not 0"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_trained(at, words, error, message):
    with pytest.raises(error, match=message):
        evaluate.run(experiment(*words))


def test_dry_says_what_would_run(at, evaluated):
    lines = evaluate.plan(experiment("evaluate.seeds=[0,1,2,3]"))
    assert any(line.startswith("folds: 2, each with seeds 0, 1, 2, 3: 8 trainings, ") for line in lines)
    assert f"evaluate -> {folder()}" in lines


def test_stands_are_evaluated_by_region(at):
    words = ["exp=resnet18_tci", "variant=unseen_regions,box_size", "evaluate.fold_options.folds=3"]
    settings = compose.parse([*words, "evaluate.seeds=[0]", "tracking.images=false"])
    evaluate.run(settings)
    report = json.loads((compose.evaluation_folder(settings) / "evaluation.json").read_text())
    assert (report["regions"], report["folds"], report["task"]) == (6, "stratified", "classification")
    assert report["gain"] == pytest.approx(report["gain"] | {"metric": "accuracy", "value": report["gain"]["value"]})
    assert pd.Series(report["by_region"]["need0"])["prevalence"] == 1


def test_workers_that_fail_are_named_with_the_end_of_their_log(at):
    settings = experiment("evaluate.seeds=[8]", f"tune.storage=sqlite:///{at / 'mlruns' / 'fails.db'}")
    with pytest.raises(ValueError, match=r"1 worker failed, see .*worker1\.txt:\n(.*\n)*no such thing"):
        evaluate.evaluate.side_by_side(settings, ["-c", "import sys; sys.exit('no such thing')"])


def test_a_killed_fold_goes_on_from_its_last_epoch_in_its_run(at):
    words = ["exp=unet_roi6", "train.epochs=2", "train.threads=1", "model.options.depth=2"]
    words += ["model.options.decoder=[16,8]", "tracking.images=false", "tune.heartbeat=1", "tune.grace=3"]
    words += ["evaluate.folds=k_fold_regions", "evaluate.fold_options.folds=2", "evaluate.seeds=[3]"]
    child = Child(CHILD, at, *words)
    assert "epoch 1\n" in child.stdout  # read up to there
    child.send(signal.SIGKILL)
    assert child.end()[0] == -signal.SIGKILL
    settings = compose.parse(words)
    evaluate.run(settings)
    plan = evaluate.evaluate.plan(settings)
    assert list(plan.study().table()["attempts"]) == [2, 1]
    facts = plan.study().table(["facts"])["facts"][0]
    points = mlflow.MlflowClient().get_metric_history(facts["run"], "val/loss")
    assert [point.step for point in points] == [1, 2]
    log = (plan.folder / "folds" / "0_seed3" / "log.txt").read_text()
    assert "(from the checkpoint)" in log


def test_each_fold_scales_the_degree_by_its_training_regions(at):
    words = ["exp=unet_roi6", "variant=constant", "data.name=heated", "data.labels.options.scale=training_regions"]
    words += ["evaluate.folds=k_fold_regions", "evaluate.fold_options.folds=2", "evaluate.seeds=[0]"]
    heated = compose.parse([*words, "tracking.images=false"])
    dense = {str(number): float(number) for number in range(1, 10)}
    regions = [("clearing", region, None) for region in dense]
    stores.write(at / "data" / "processed" / "heated", regions, ["2019-07-11"], experiment=heated, heat=dense)
    evaluate.run(heated)
    report = compose.evaluation_folder(heated)
    factors = []
    for fold in range(2):
        predictions = report_files.read_predictions(report / "folds" / f"{fold}_seed0", "test")
        scale = report_files.read_summary(report / "folds" / f"{fold}_seed0")["degree_scale"]
        factors.append(scale["factor"])
        truth = {
            region: predictions.target[number][predictions.known[number]].max()
            for number, region in enumerate(predictions.rows["region"])
        }
        assert truth == pytest.approx({region: min(dense[region] / scale["factor"], 1) for region in truth})
    assert max(factors) == 9 and len(set(factors)) > 1
    written = json.loads((report / "evaluation.json").read_text())["degree_scale"]
    assert written["threshold"] == pytest.approx([min(factors) * 45, max(factors) * 45])
    runs = [run for run in recorder.runs("segmentation") if run["tags"].get("data") == "heated"]
    (parent,) = [run for run in runs if run["name"].startswith("evaluate")]
    assert "degree 1 is" in parent["tags"]["mlflow.note.content"]
    tags = [run["tags"] for run in runs if run is not parent]
    assert {float(tag["degree scale factor"]) for tag in tags} == set(factors)
    assert all("Mind that the threshold" not in tag["mlflow.note.content"] for tag in tags)


OF_BOXES = ["exp=unet_roi6", "model.options.depth=2", "model.options.decoder=[16,8]"]
OF_WINDOWS = ["exp=unet", "model.options.depth=2", "model.options.decoder=[16,8]", "split.options.folds=2"]


@pytest.mark.parametrize("words", [OF_BOXES, OF_WINDOWS])
def test_an_exported_network_evaluated_as_somebody_elses_has_its_own_metrics(at, words):
    quick = ["train.epochs=1", "train.threads=1", "tracking.images=false", "seed=4"]
    settings = compose.parse([*words, *quick])
    train.run(settings)
    report = compose.report_folder(settings)
    run = json.loads((report / "run.json").read_text())
    version = registry.of_run(run["model"], run["run"])
    model = f"evaluate.model='models:/{version.name}/{version.number}'"
    foreign = compose.parse([*words, *quick, model])
    evaluate.run(foreign)
    folder = compose.evaluation_folder(foreign)
    evaluated, summary = json.loads((folder / "evaluation.json").read_text()), report_files.read_summary(report)
    first_fold = report_files.read_summary(folder / "folds" / "0_seed0")
    assert first_fold["test"] == pytest.approx(summary["test"], abs=1e-4)
    assert first_fold["without_image"] == summary["without_image"]
    if evaluated["fold_count"] == 1:
        assert evaluated["metrics"]["r2"]["value"] == pytest.approx(summary["test"]["r2"], abs=1e-4)
        assert evaluated["split_digest"] == provenance.text_digest(run["split"])
    own, again = (report_files.read_predictions(path, "test") for path in (report, folder / "folds" / "0_seed0"))
    np.testing.assert_allclose(again.prediction[again.known], own.prediction[own.known], atol=1e-5)
    assert (evaluated["claims_unseen"], evaluated["leak"], evaluated["seeds"]) == (None, None, [0])
    assert "may have been trained on these regions" in evaluated["fitted"]
    assert evaluated["evaluated_model"]["address"] == f"models:/{version.name}/{version.number}"
    (parent,) = [each for each in recorder.runs("segmentation") if each["name"] == f"evaluate {folder.name}"]
    assert parent["tags"]["unseen regions"] == "not known"
    assert "fitted elsewhere: may have been trained on these regions" in " ".join(
        parent["tags"]["mlflow.note.content"].split()
    )
    with pytest.raises(ValueError, match=r"takes .*tci.*, the experiment has .*choose its channels"):
        evaluate.run(compose.parse([*words, *quick, model, "inputs.channels=[s2]"]))


def test_what_is_no_model_is_refused_before_anything_is_made(at, tmp_path):
    with pytest.raises(ConfigError, match="does not exist"):
        evaluate.run(experiment(f"evaluate.model={tmp_path / 'no.onnx'}"))
    with pytest.raises(ValueError, match="MLflow has no model at models:/nobody/1"):
        evaluate.run(experiment("evaluate.model='models:/nobody/1'"))
