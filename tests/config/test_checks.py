import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from rojsat.config import checks, command, compose, devices, refusals
from rojsat.config.command import Command
from rojsat.config.schema import LabelSource

COMPOSED = {
    # a word of the command line: what its error says
    "train.epochs=abc": "train.epochs: 'abc' is no whole number",
    "train.epochs=": "train.epochs: '' is no whole number",
    "train.epochs=1,2": "a list has brackets: train.epochs=[1,2]",
    "+train.epochs=3": "write train.epochs=VALUE, without +",
    "train.update_bn=maybe": "train.update_bn: 'maybe' is no truth value (true or false)",
    "optimizer=adam": "optimizer has keys of its own: optimizer.name, optimizer.lr, optimizer.layer_decay, optimizer",
    "seed=1.5": "seed: 1.5 is no whole number",
    "model.options=[1]": "model.options is a mapping",
    "inputs.channels=tci": "inputs.channels: 'tci' is no list of text: [a, b]",
    "inputs.channels=[tci": "'inputs.channels=[tci' cannot be read",
    "data.regions=[{path: a, rol: x}]": "key of regions, 'rol' does not exist. Did you mean 'role'?",
    "evaluate.seeds=[0,x]": "evaluate.seeds[1]: 'x' is no whole number",
    "train.epochs=${nothing}": "${nothing} refers to a key that does not exist",
}

VALUES = [
    ("train.epochs", -1, "train.epochs=-1: it is 1 or more"),
    ("train.batch_size", 0, "train.batch_size=0: it is 1 or more"),
    ("train.mode", "mid", "train.mode 'mid' does not exist. Did you mean 'min'?"),
    ("train.device", "cpuu", "train.device 'cpuu' does not exist. Did you mean 'cpu'?"),
    ("train.precision", "32", "train.precision '32' does not exist. Did you mean '32-true'?"),
    ("train.threads", 0, "train.threads=0: it is 1 or more"),
    ("optimizer.lr", 0, "optimizer.lr=0.0: it is above 0"),
    ("optimizer.lr", float("nan"), "optimizer.lr=nan: it is above 0"),
    ("optimizer.lr", float("inf"), "optimizer.lr=inf: it is above 0"),
    ("optimizer.name", "adamm", "optimizer 'adamm' does not exist. Did you mean 'adam'?"),
    ("optimizer.options.momentum", 0.9, "optimizer.options: 'momentum' does not exist"),
    ("optimizer.options.betas", ["a", "b"], "optimizer.options.betas: ['a', 'b'] is no list of number"),
    ("schedule.interval", "steps", "schedule.interval 'steps' does not exist. Did you mean 'step'?"),
    ("schedule.name", "cosin", "schedule 'cosin' does not exist. Did you mean 'cosine'?"),
    ("seed", -1, "seed=-1: it is 0 or more"),
    ("model.name", "resnet", "model.name=resnet is for task classification, not segmentation"),
    ("model.name", "unett", "model 'unett' does not exist. Did you mean 'unet'?"),
    ("model.options.depth", "deep", "model.options.depth: 'deep' is no whole number"),
    ("model.options.dept", 3, "model.options: 'dept' does not exist. Did you mean 'depth'?"),
    ("model.outputs", 2, "loss.name=masked_mse takes model.outputs=1, not 2"),
    ("model.first_layer", "bgr", "model.first_layer 'bgr' does not exist"),
    ("loss.name", "mse", "loss 'mse' does not exist. Did you mean 'masked_mse'?"),
    ("loss.name", "cross_entropy", "loss.name=cross_entropy takes model.outputs=2 or more, not 1"),
    ("split.name", "region", "split 'region' does not exist. Did you mean 'regions'?"),
    ("split.options.vall", [], "split.options: 'vall' does not exist. Did you mean 'val'?"),
    ("split.options.val", 5, "split.options.val: 5 is no list of text"),
    ("split.distance", -1, "split.distance=-1.0: it is 0 or more"),
    ("inputs.channels", ["tci", "ndvii"], "inputs.channels: 'ndvii' does not exist. Did you mean 'ndvi'?"),
    ("inputs.channels", ["tci", "tci.r"], "['tci.r'] come twice"),
    ("inputs.channels", [], "inputs.channels=[]: there is none"),
    ("inputs.frame", "boxes", "inputs.frame 'boxes' does not exist. Did you mean 'box'?"),
    ("inputs.window", 1, "inputs.window=1: it is 2 or more"),
    ("inputs.flips", ["sideways"], "inputs.flips 'sideways' does not exist"),
    ("inputs.erase", 1, "inputs.erase=1.0: it is above 0 and below 1"),
    (
        "inputs.dates",
        ["july"],
        "inputs.dates: 'july' is no date; write 2019-08-31, or [all], [before, after] or [difference] alone",
    ),
    (
        "inputs.dates",
        ["2019-08-31", "all"],
        "inputs.dates: 'all' is no date; write 2019-08-31, or [all], [before, after] or [difference] alone",
    ),
    ("inputs.role", "stands", "inputs.role 'stands' does not exist. Did you mean 'stand'?"),
    ("metrics.threshold", 2, "metrics.threshold=2.0: it is 0 or more and 1 or less"),
    ("data.options.signal", "loud", "data.options.signal: 'loud' is no 'weak', nor 'default', nor 'strong'"),
    ("data.options.seeds", 1, "data.options: 'seeds' does not exist. Did you mean 'seed'?"),
    ("data.labels.source", "gpx", "data.labels.source 'gpx' does not exist. Did you mean 'gps'?"),
    ("data.labels.options.percentil", 9, "data.labels.options: 'percentil' does not exist. Did you mean 'percentile'?"),
    ("data.chips.max_cloud", 90, "data.chips.max_cloud=90.0: it is 0 or more and 1 or less"),
    ("data.chips.resampling", "bilinar", "data.chips.resampling 'bilinar' does not exist. Did you mean 'bilinear'?"),
    ("dask.scheduler", "thread", "dask.scheduler 'thread' does not exist. Did you mean 'threads'?"),
    ("evaluate.folds", "kfold", "evaluate.folds 'kfold' does not exist. Did you mean 'k_fold_regions'?"),
    ("tune.trials", 0, "tune.trials=0: it is 1 or more"),
]


@pytest.fixture(scope="module")
def unet():
    return compose.load("unet_roi6")


@pytest.mark.parametrize("word", COMPOSED)
def test_what_cannot_be_composed_is_named_without_the_words_of_a_library(word):
    with pytest.raises(ValueError) as error:
        compose.parse(["exp=unet_roi6", word])
    assert COMPOSED[word] in str(error.value)
    assert not any(inside in str(error.value) for inside in ("full_key", "object_type", "hydra", "Config", "\n"))


@pytest.mark.parametrize("key, value, reason", VALUES)
def test_a_value_that_cannot_be_is_refused(unet, key, value, reason):
    with pytest.raises(ValueError) as error:
        checks.check(compose.with_values(unet, {key: value}))
    assert reason in str(error.value)


@pytest.mark.parametrize("name", compose.names("data"))
def test_no_data_set_is_refused(name):
    checks.check(compose.load("default", [f"data={name}"]))


@pytest.mark.parametrize("words, reason", [
    (["exp=resnet18_tci", "variant=iou"], "loss.name=soft_iou needs pixels"),
    (["exp=resnet18_tci", "model.name=deeplabv3"], "deeplabv3 is for task segmentation, not classification"),
    (["exp=resnet18_tci", "model.options.backbone=resnet19"], "backbone 'resnet19' does not .* mean 'resnet18'"),
    (["exp=deeplab_roi6", "model.options.backbone=resnet18"], "backbone 'resnet18' does not .* mean 'resnet101'"),
])  # fmt: skip
def test_a_loss_or_model_of_another_task_or_backbone_is_refused(words, reason):
    with pytest.raises(ValueError, match=reason):
        checks.check(compose.parse(words))


@pytest.mark.parametrize("over, reason", [
    ({"source": "gpx"}, "data.labels.options.over.source 'gpx' does not exist. Did you mean 'gps'"),
    ({"source": "gps", "options": {"percentil": 9}}, "options.over.options: 'percentil' .* mean 'percentile'"),
    ({"source": "rasters", "options": {"extent": "round"}}, "options.over.options.extent: 'round' is no 'outline'"),
    ("gps", "data.labels.options.over: 'gps' is no"),
])  # fmt: skip
def test_labels_below_corrections_are_checked_as_others(unet, over, reason):
    labels = LabelSource("corrections", {"files": ["a.geojson"], "over": over})
    with pytest.raises(ValueError, match=reason):
        checks.check(replace(unet, data=replace(unet.data, labels=labels)))


def test_an_encoder_whose_names_a_package_knows_is_left_to_it():
    checks.check(compose.load("unet_roi6", ["model.name=fpn", "model.options={encoder: any}"]))


def test_the_fold_is_an_option_but_where_all_are_trained():
    experiment = compose.load("unet_dates", ["split.name=leave_one_region_out"])
    checks.check(experiment, all_folds=True)
    with pytest.raises(ValueError, match="split.options lacks fold: set split.options.fold=VALUE"):
        checks.check(experiment)


def test_options_of_folds_are_those_of_the_split_that_is_evaluated(unet):
    words = ["evaluate.folds=k_fold_regions", "evaluate.fold_options={fold_count: 3}"]
    with pytest.raises(ValueError, match="evaluate.fold_options: 'fold_count' does not exist"):
        checks.check(compose.load("unet_roi6", words), all_folds=True)
    checks.check(compose.with_values(unet, {"evaluate.folds": "k_fold_regions"}), all_folds=True)
    with pytest.raises(ValueError, match="must be different numbers"):
        checks.check(compose.with_values(unet, {"evaluate.seeds": [1, 1]}), all_folds=True)


def test_a_device_that_is_not_there_is_refused_with_those_that_are(unet, monkeypatch):
    on_a_gpu = compose.with_values(unet, {"train.device": "cuda"})
    monkeypatch.setattr(devices, "has_gpu", lambda: False)
    with pytest.raises(ValueError, match="train.device=cuda: torch finds none here; possible: auto, cpu$"):
        checks.check(on_a_gpu)
    monkeypatch.setattr(devices, "has_gpu", lambda: True)
    checks.check(on_a_gpu)


def test_files_that_are_not_there_are_refused_before_anything_begins(unet, tmp_path, monkeypatch):
    beetle = compose.load("beetle_unet")
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    with pytest.raises(ValueError, match="source geotiff reads a folder: name it by data.root=FOLDER"):
        checks.check_files(beetle)
    with pytest.raises(ValueError, match="there is no such folder"):
        checks.check_files(compose.with_values(beetle, {"data.root": str(tmp_path / "nothing")}))
    checks.check_files(compose.with_values(beetle, {"data.root": str(tmp_path)}))
    with pytest.raises(ValueError, match="model.weights=best.pt: no such file"):
        checks.check_files(compose.with_values(unet, {"model.weights": "best.pt"}))
    with pytest.raises(ValueError, match="split.options.path=parts.csv: no such file"):
        checks.check_files(compose.with_values(unet, {"split.name": "file", "split.options": {"path": "parts.csv"}}))
    (tmp_path / "data" / "raw" / "beetle").mkdir(parents=True)
    checks.check_files(beetle)


def test_a_value_in_a_file_is_refused_with_the_name_of_its_experiment(tmp_path, monkeypatch):
    shutil.copytree(compose.EXPERIMENTS, tmp_path / "experiments")
    monkeypatch.setattr(compose, "EXPERIMENTS", tmp_path / "experiments")
    (tmp_path / "experiments" / "wrong.yaml").write_text("defaults: [default, _self_]\ntrain: {epochs: many}\n")
    with pytest.raises(ValueError, match="experiment wrong: train.epochs: 'many' is no whole number"):
        compose.load("wrong")


def test_an_error_that_nobody_foresaw_has_one_line():
    assert refusals.words(RuntimeError("first\nsecond")) == "first"


def test_a_command_refuses_before_it_does_anything(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["rojsat run", "exp=unet_roi6", "model.name=resnet"])
    with pytest.raises(SystemExit) as end:
        command.execute(lambda experiment: pytest.fail("ran"), Command("rojsat.run", "", ""))
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("rojsat run: model.name=resnet is for task classification")
    assert not list(tmp_path.iterdir())


def test_a_mistake_ends_the_process_with_status_2_and_no_torch(tmp_path):
    code = """
import sys
from rojsat import __main__ as entry
from rojsat.config import compose
from pathlib import Path
compose.ROOT = Path(sys.argv.pop(1))
try:
    entry.main()
finally:
    print([name for name in ("torch", "mlflow", "optuna", "pandas") if name in sys.modules])
"""
    words = ["tune", "exp=unet_roi6", "train.epochs=-1"]
    call = [sys.executable, "-c", code, str(tmp_path), *words]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "[]\n")
    assert done.stderr == "rojsat tune: train.epochs=-1: it is 1 or more\n"
    assert not list(tmp_path.iterdir())
