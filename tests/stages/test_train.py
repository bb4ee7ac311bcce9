import json
import os
import signal
import subprocess
import sys
from importlib.metadata import version
from types import SimpleNamespace

import mlflow
import numpy as np
import pandas as pd
import pytest

from rojsat.chips.reader import Chips
from rojsat.config import command, compose, provenance, recipes
from rojsat.evaluation import report_files
from rojsat.evaluation.edges import spots
from rojsat.learn import assembly
from rojsat.stages import compare, edges, figures, train
from rojsat.tracking import recorder, registry
from tests.support.warm import Child

pytestmark = pytest.mark.slow

SETTINGS = ["exp=unet_roi6", "train.epochs=3", "train.threads=1", "model.options.depth=2"]
SETTINGS += ["model.options.decoder=[16,8]"]

UNREGISTERED = "tracking.keep_models=none"
"""Of trainings whose model no test looks at: an export takes as long as all else."""

BASELINE = ["exp=baseline_gbm", "data=simulated", "inputs.dates=null", "inputs.channels=[tci, s2]"]
BASELINE += ["split.name=regions", "split.options={val: ['5'], test: ['6']}", "model.options.max_iter=5"]


def report():
    return compose.report_folder(compose.parse(SETTINGS))


def runs():
    title = compose.run_name(compose.parse(SETTINGS))
    return [each for each in recorder.runs("segmentation") if each["name"] == title]


@pytest.fixture(scope="module")
def trained(repository):
    """The whole way once, uninterrupted: metrics and history as text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compose, "ROOT", repository)
        patch.setattr(recorder, "STORE", repository / "mlruns")
        train.run(compose.parse(SETTINGS))
        figures.run(compose.parse(SETTINGS))
        return [(report() / name).read_text() for name in ("metrics.json", "history.csv")]


def test_edges_are_looked_at_in_every_frame_with_the_recorded_network(at, trained):
    edges.run(compose.parse(SETTINGS))
    result = json.loads((report() / "edges" / "edges.json").read_text())
    parts = [row[0] for row in result["table"]["rows"]]
    assert parts == [part for part in edges.PARTS.values() for _ in range(4)]
    assert [row[1] for row in result["table"]["rows"][:2]] == ["as in training", "moved by 4 pixels"]
    assert all(row[5] == 1 for row in result["table"]["rows"][::4] if row[2])
    assert (report() / "edges" / "edges.png").stat().st_size > 10_000
    stored, drawn = report_files.read_predictions(report(), "test"), result["table"]["rows"][4]
    degrees, masks = np.where(stored.seen, stored.prediction, 0), np.where(stored.known, stored.target, -1)
    assert drawn[2] == pytest.approx(int(spots(np.clip(degrees, 0, 1), masks).sum()), abs=2)  # float32 at the bound


def test_edges_of_a_network_that_predicts_no_need_are_told_without_shares_of_nothing(at, trained, monkeypatch):
    monkeypatch.setattr(edges, "_predictor", lambda experiment, report: lambda images: np.zeros_like(images[:, 0]))
    edges.run(compose.parse(SETTINGS))
    rows = json.loads((report() / "edges" / "edges.json").read_text())["table"]["rows"]
    assert {row[2] for row in rows} == {0} and {row[5] for row in rows} == {None}


def test_another_version_of_a_package_is_another_training(monkeypatch):
    experiment, chips = compose.parse(SETTINGS), SimpleNamespace(digest="0" * 64)
    before = train.fingerprint(experiment, chips)
    assert train.fingerprint(experiment, chips) == before
    monkeypatch.setattr(provenance, "version", lambda name: "99.0" if name == "torch" else version(name))
    assert train.fingerprint(experiment, chips) != before


def test_edges_of_a_report_without_its_run_names_the_command_that_makes_both(at):
    with pytest.raises(ValueError, match=r"unet_roi8 has no run.json, .*`python -m rojsat.run exp=unet_roi8`"):
        edges.run(compose.parse(["exp=unet_roi8"]))


@pytest.mark.parametrize("words", [["exp=resnet18_tci"], ["exp=unet_roi6", "variant=boosting"]])
def test_edges_of_what_predicts_no_maps_are_refused(at, words):
    with pytest.raises(ValueError, match="no network that predicts maps"):
        edges.run(compose.parse(words))


def test_a_run_leaves_few_metrics_all_of_them_history_and_predictions(at, trained):
    few, result = json.loads(trained[0]), report_files.read_summary(report())
    assert few == {
        "test": {name: result["test"][name] for name in ("rmse", "mae", "r2", "spearman", "iou", "f1", "prevalence")},
        "controls": {"false_positive_rate": result["controls"]["false_positive_rate"]},
        "best_without_image": {"r2": result["without_image"][result["best_without_image"]]["r2"]},
        "gain": {"r2": result["gain"]["value"]},
    }
    assert set(result["without_image"]) == {"constant", "all_need", "position"}
    assert result["gain"]["against"] == result["best_without_image"]
    assert result["gain"]["value"] == pytest.approx(result["test"]["r2"] - few["best_without_image"]["r2"])
    assert (result["gain"]["regions"], result["beats"]) == (1, None)
    assert result["leak"] is False
    assert set(result) >= {"best_epoch", "variant", "channels", "classes", "model", "size", "split", "task", "train"}
    assert result["regions"] == {"6": result["test"]}
    assert result["reads"]["intact"] == result["test"]
    assert list(result["reads"]["permuted"]) == ["s2", "tci"]
    assert set(result["controls"]) == {"false_positive_rate", "need", "housing"}
    assert result["controls"]["housing"]["false_positive_rate"] == result["controls"]["false_positive_rate"]
    assert len(pd.read_csv(report() / "history.csv")) == 3


def test_predictions_of_every_part_and_of_the_controls_are_kept(at, trained):
    parts = {
        path.stem: report_files.read_predictions(report(), path.stem) for path in report().glob("predictions/*.npz")
    }
    assert set(parts) == {"train", "val", "test", "control", "test_constant", "test_all_need", "test_position"}
    assert (parts.pop("test_all_need").prediction == 1).all()
    np.testing.assert_array_equal(parts.pop("test_position").target, parts["test"].target)
    assert len(np.unique(parts.pop("test_constant").prediction)) == 1
    assert {part: sorted(set(result.rows["region"])) for part, result in parts.items()} == {
        "train": ["1", "2", "3", "4", "7", "8", "9"],
        "val": ["5"],
        "test": ["6"],
        "control": ["p1", "p2"],
    }
    assert not parts["control"].known.any()
    chips = Chips(recipes.folder("chips", compose.parse(SETTINGS)))
    first = parts["train"].rows["chip"].iloc[0]
    np.testing.assert_array_equal(parts["train"].target[0], chips.mask(first))  # not flipped


def test_the_mlflow_run_tells_what_it_is(at, trained):
    result = mlflow.get_run(json.loads((report() / "run.json").read_text())["run"])
    assert result.info.status == "FINISHED"
    assert result.data.tags["split"] == "regions"
    assert result.data.tags["leak"] == "false"
    note = result.data.tags["mlflow.note.content"]
    assert note.startswith("```text\nunet_roi6-") and "tested on region 6 (3 images); split by regions, clean" in note
    assert "What the model reads." in note and "epoch" in note and "next:    rojsat evaluate exp=unet_roi6 " in note
    reads = {"intact", "shuffled", "constant", "moved", "permuted_tci", "permuted_s2"}
    assert {f"reads/{name}_r2" for name in reads} <= set(result.data.metrics)
    assert {"train/loss", "val/loss", "val/rmse", "test/rmse", "test/gain"} <= set(result.data.metrics)
    assert result.data.tags["beats"] == "open"
    assert "best predictor without an image" in note
    assert "1 region, too few for an interval" in note.replace("\n", " ")
    assert "One test region, 3 images: too few" in note
    versions = mlflow.MlflowClient().search_model_versions(f"run_id = '{result.info.run_id}'")
    assert [version.description for version in versions] == [note]
    history = mlflow.MlflowClient().get_metric_history(result.info.run_id, "train/loss")
    assert [point.step for point in history] == [1, 2, 3]


def test_the_mlflow_run_holds_split_figures_and_model(at, trained):
    run = json.loads((report() / "run.json").read_text())["run"]
    client = mlflow.MlflowClient()
    artifacts = {each.path for folder in ("", "split", "figures") for each in client.list_artifacts(run, folder)}
    assert {"experiment.yaml", "split/audit.json", "split/parts.csv", "figures/loss.png"} <= artifacts
    assert {"figures/predictions_test.png", "figures/reads.png"} <= artifacts
    assert [each.name for each in client.search_logged_models([mlflow.get_run(run).info.experiment_id])]


LOAD = """
import sys
sys.modules["rojsat"] = None  # importing it is an error
import mlflow, numpy as np
for line in sys.stdin:
    uri, arrays_path, output_path = line.rstrip("\\n").split("\\t")
    model = mlflow.pyfunc.load_model(uri)
    with np.load(arrays_path) as arrays:
        given = {name: arrays[name] for name in arrays}
    np.save(output_path, model.predict(given))
    given.popitem()
    try:
        model.predict(given)
        print("no complaint", flush=True)
    except Exception as error:
        print(" ".join(str(error).split()), flush=True)
"""


@pytest.fixture(scope="module")
def stranger(repository, tmp_path_factory):
    """A process without rojsat that loads models and lets them predict, one after the other."""
    store = {"MLFLOW_TRACKING_URI": f"sqlite:///{repository / 'mlruns' / 'mlflow.db'}"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    folder = tmp_path_factory.mktemp("elsewhere")
    with subprocess.Popen([sys.executable, "-c", LOAD], env=os.environ | store, cwd=folder, **pipes) as process:
        yield process


def loaded_elsewhere(stranger, folder, uri, experiment):
    """Of raw channels: what a model says in a process without rojsat, what the run said, what it complains of."""
    assembled = assembly.assemble(experiment, Chips(recipes.folder("chips", experiment)))
    images, names = assembled.data.example(), assembled.data.source.inputs
    np.savez(folder / "in.npz", **{name: images[:, number] for number, name in enumerate(names)})
    print(uri, folder / "in.npz", folder / "out.npy", sep="\t", file=stranger.stdin, flush=True)
    complaint = stranger.stdout.readline()
    assert complaint, "the process without rojsat failed"
    before = report_files.read_predictions(compose.report_folder(experiment), "val")
    region = before.rows["region"] == before.rows["region"].iloc[0]
    is_classes = before.prediction.ndim == 2
    kept = before.prediction if is_classes else np.where(before.seen, before.prediction, np.nan)
    recorded = kept[region.to_numpy()][[0, -1]]
    return np.load(folder / "out.npy"), recorded, complaint, names


def test_the_registered_model_runs_where_there_is_no_rojsat(at, trained, stranger, tmp_path):
    result, recorded, complaint, names = loaded_elsewhere(
        stranger, tmp_path, "models:/simulated-segmentation@challenger", compose.parse(SETTINGS)
    )
    np.testing.assert_allclose(result, recorded, atol=1e-5)
    assert np.isfinite(result).any()
    assert names[-1] in complaint  # a channel that is missing is named


def test_the_baseline_on_pixels_is_a_model_like_the_networks(at, trained, stranger, tmp_path):
    experiment = compose.parse([*BASELINE, "train.threads=1"])
    train.run(experiment)
    assert set(report_files.read_summary(compose.report_folder(experiment))["controls"]) == {
        "false_positive_rate",
        "need",
        "housing",
    }
    name = "simulated-segmentation-classes"
    result, recorded, *_ = loaded_elsewhere(stranger, tmp_path, f"models:/{name}@challenger", experiment)
    np.testing.assert_allclose(result, recorded, atol=1e-5)
    run_id = json.loads((compose.report_folder(experiment) / "run.json").read_text())["run"]
    assert registry.at(name, "challenger").run == run_id


def test_what_a_model_reads_is_not_asked_where_it_takes_too_long(at):
    experiment = compose.parse([*BASELINE, "train.threads=1", "metrics.reads=false", UNREGISTERED])
    train.run(experiment)
    figures.run(experiment)
    folder = compose.report_folder(experiment)
    summary = report_files.read_summary(folder)
    assert "reads" not in summary and {"train", "val", "test", "controls", "without_image"} <= set(summary)
    assert not (folder / "figures" / "reads.png").exists()
    recorded = mlflow.get_run(json.loads((folder / "run.json").read_text())["run"]).data
    assert "test/gain" in recorded.metrics and not any(name.startswith("reads/") for name in recorded.metrics)
    assert "What the model reads." not in recorded.tags["mlflow.note.content"]


@pytest.mark.parametrize("words", [["exp=unet_roi6", "variant=position"], ["exp=resnet18_s2", "variant=box_size"]])
def test_a_predictor_without_an_image_is_a_model_like_the_networks(at, stranger, tmp_path, words):
    experiment = compose.parse(words)
    train.run(experiment)
    summary = report_files.read_summary(compose.report_folder(experiment))
    variant = experiment.variant
    assert summary["test"] == summary["without_image"][variant]
    name = f"simulated-{experiment.task}"
    result, recorded, *_ = loaded_elsewhere(stranger, tmp_path, f"models:/{name}@challenger", experiment)
    np.testing.assert_allclose(result, recorded, atol=1e-6)


def test_pictures_have_a_slider_over_epochs(at, trained):
    run = json.loads((report() / "run.json").read_text())["run"]
    pictures = [each.path for each in mlflow.MlflowClient().list_artifacts(run, "images") if each.path.endswith(".png")]
    kept = report_files.read_summary(report())["best_epoch"]
    assert sorted(int(path.split("+")[2]) for path in pictures) == sorted({0, 1, 2, kept})
    assert all(path.startswith("images/val~prediction+step+") for path in pictures)
    assert mlflow.get_run(run).data.tags["mlflow.loggedImages"] == "True"


def test_the_run_keeps_its_log(at, trained):
    text = (report() / "log.txt").read_text()
    assert text.index("epoch 1/3") < text.index("epoch 3/3") < text.index("finished")
    run = json.loads((report() / "run.json").read_text())["run"]
    assert "log.txt" in [each.path for each in mlflow.MlflowClient().list_artifacts(run)]


def test_an_epoch_is_one_batch(at, trained):
    run = json.loads((report() / "run.json").read_text())["run"]
    client, names = mlflow.MlflowClient(), ("train/loss", "train/learning_rate", "val/rmse", "system/peak_memory_gib")
    times = {tuple(point.timestamp for point in client.get_metric_history(run, name)) for name in names}
    assert len(times) == 1
    assert {name.partition("/")[0] for name in client.get_run(run).data.metrics} == {
        *("train", "val", "test", "controls", "system", "reads")
    }


def test_the_checkpoint_goes_when_the_run_is_done(at, trained):
    assert [path for path in (recorder.STORE / "checkpoints").iterdir() if path.is_dir()] == []


def test_the_same_command_again_gives_the_same_numbers_in_a_new_run(at, trained):
    before = len(runs())
    train.run(compose.parse(SETTINGS))
    assert [(report() / name).read_text() for name in ("metrics.json", "history.csv")] == trained
    assert len(runs()) == before + 1


def test_a_classifier_leaves_confusion_matrices_and_reports(at):
    experiment = compose.parse(["exp=resnet18_tci", "train.epochs=2", "train.threads=1", UNREGISTERED])
    train.run(experiment)
    figures.run(experiment)
    few = json.loads((compose.report_folder(experiment) / "metrics.json").read_text())
    assert {part: set(result) for part, result in few.items()} == {
        "test": {"accuracy", "f1_macro", "prevalence"},
        "best_without_image": {"accuracy"},
        "gain": {"accuracy"},
    }
    drawn_in = compose.report_folder(experiment) / "figures"
    assert "need" in (drawn_in / "classification_report_test.txt").read_text()
    drawn = {path.name for path in drawn_in.glob("*.png")}
    assert drawn == {"loss.png", "reads.png", "confusion_val.png", "confusion_test.png"}


@pytest.mark.parametrize(
    "wrong", ["train.monitor=iuo", "model.options.weights=x", "model.options.dept=3", "loss.name=mse"]
)
def test_what_does_not_exist_is_refused_before_training(at, wrong):
    before = len(runs())
    with pytest.raises(ValueError, match="Did you mean"):
        train.run(compose.parse(["exp=unet_roi6", wrong]))
    assert len(runs()) == before


def status(words):
    """The exit status of `rojsat.stages.train` with these words."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["rojsat.stages.train", *words])
        patch.setattr(signal, "signal", lambda *more: None)  # this process keeps its own
        try:
            command.execute(train.run, train.COMMAND)
        except SystemExit as end:
            return end.code
    return 0


def test_regions_that_leak_end_before_training_with_status_2_unless_allowed_and_tagged(at, capsys):
    words = [*SETTINGS, "train.epochs=1", "split.distance=1e6", UNREGISTERED]
    before = len(recorder.runs("segmentation"))
    assert status(words) == 2
    message = capsys.readouterr().err
    assert "chips of training, validation and test are only" in message and "split.allow_leaks=true" in message
    assert len(recorder.runs("segmentation")) == before
    assert status([*words, "split.allow_leaks=true"]) == 0
    folder = compose.report_folder(compose.parse([*words, "split.allow_leaks=true"]))
    assert report_files.read_summary(folder)["leak"] is True
    tags = mlflow.get_run(json.loads((folder / "run.json").read_text())["run"]).data.tags
    assert tags["leak"] == "true" and "leak: chips of training" in " ".join(tags["mlflow.note.content"].split())


CHILD = """
import sys
from pathlib import Path
from rojsat.tracking import recorder
from rojsat.config import compose
root = Path(sys.argv[1])
compose.ROOT, recorder.STORE = root, root / "mlruns"
from rojsat.stages import train
train.run(compose.parse(sys.argv[2:]))
"""


def test_killed_in_an_epoch_it_goes_on_in_the_same_run_to_the_same_numbers(at, trained):
    before = len(runs())
    child = Child(CHILD, at, *SETTINGS)
    for line in child.stdout:
        if "  epoch 1/3" in line:
            child.send(signal.SIGKILL)
            break
    assert child.end()[0] == -signal.SIGKILL
    (killed,) = [each for each in runs() if each["status"] == "RUNNING"]
    train.run(compose.parse(SETTINGS))
    assert [(report() / name).read_text() for name in ("metrics.json", "history.csv")] == trained
    assert len(runs()) == before + 1
    assert mlflow.get_run(killed["id"]).info.status == "FINISHED"
    points = mlflow.MlflowClient().get_metric_history(killed["id"], "train/loss")
    assert [point.step for point in points] == [1, 2, 3]


COMMAND = """
import sys
from pathlib import Path
from rojsat.tracking import recorder
from rojsat.config import command, compose
root = Path(sys.argv.pop(1))
compose.ROOT, recorder.STORE = root, root / "mlruns"
from rojsat.stages import train
command.execute(train.run, train.COMMAND)
"""


def test_interrupted_it_ends_cleanly_says_how_to_go_on_and_does(at, trained):
    settings = [*SETTINGS, "seed=1"]
    child = Child(COMMAND, at, *settings)
    for line in child.stdout:
        if "  epoch 1/3" in line:
            child.send(signal.SIGINT)
            break
    status, _, recorded = child.end()
    assert status == 130
    assert "the same command goes on" in recorded
    title = compose.run_name(compose.parse(settings))
    (killed,) = [each for each in recorder.runs("segmentation") if each["name"] == title]
    assert killed["status"] == "KILLED"
    train.run(compose.parse(settings))
    assert mlflow.get_run(killed["id"]).info.status == "FINISHED"


def test_comparison_of_reports(at, trained):
    compare.run([report().name])
    (row,) = [line for line in (at / "reports" / "comparison.md").read_text().splitlines() if report().name in line]
    assert "beat the best predictor without an image" in row
    assert "1 region, too few for an interval" in row
    assert (at / "reports" / "comparison.png").stat().st_size > 1000


def test_comparison_of_a_report_that_is_not_there_names_the_nearest(at, trained):
    with pytest.raises(ValueError, match="Did you mean 'unet_roi6"):
        compare.run(["unet_roi"])


def test_a_discrete_change_is_reported_and_compared_without_errors_of_a_degree(at, trained):
    experiment = compose.parse([*SETTINGS, "train.epochs=1", "variant=discrete", UNREGISTERED])
    train.run(experiment)
    result = json.loads((compose.report_folder(experiment) / "metrics.json").read_text())
    assert set(result["test"]) == {"spearman", "iou", "f1", "prevalence"}
    assert set(result["gain"]) == {"iou"}
    run = mlflow.get_run(json.loads((compose.report_folder(experiment) / "run.json").read_text())["run"])
    assert run.data.tags["variant"] == "discrete"
    assert "Changed: Zero or non-zero" in run.data.tags["mlflow.note.content"]
    assert {"test/iou", "controls/false_positive_rate"} <= set(run.data.metrics)
    compare.run([report().name, compose.report_folder(experiment).name], "discrete")
    assert f"| {compose.report_folder(experiment).name} " in (at / "reports" / "discrete.md").read_text()
