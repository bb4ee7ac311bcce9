import dataclasses
import re
import shutil
from pathlib import Path

import pytest
import yaml

from rojsat.config import checks, compose, keys


@pytest.mark.parametrize("name", compose.names())
@pytest.mark.parametrize("size", ["quick", "full"])
def test_every_experiment_composes_at_every_size(name, size):
    experiment = compose.load(name, [f"size={size}"])
    assert experiment.exp == name
    assert experiment.size == size
    assert experiment.task in compose.TASKS
    checks.check(experiment)


@pytest.mark.parametrize("name", compose.names())
def test_every_experiment_has_a_header_with_its_command(name):
    assert f"exp={name}" in compose.header(name)


def test_the_study_set_is_there():
    study = {f"resnet{depth}_{channels}" for depth in (18, 152) for channels in ("tci", "s2")}
    study |= {"deeplab_dates", "deeplab_roi6", "deeplab_roi7", "deeplab_roi8"}
    assert study <= set(compose.names())


def test_mistyped_experiment_names_the_nearest():
    with pytest.raises(ValueError, match="'deeplab_rio6' does not exist. Did you mean 'deeplab_roi6'"):
        compose.parse(["exp=deeplab_rio6"])


def test_mistyped_key_names_the_nearest():
    with pytest.raises(ValueError, match="'train.epoch' does not exist. Did you mean 'train.epochs'"):
        compose.parse(["exp=deeplab_roi6", "train.epoch=3"])


def test_mistyped_key_in_a_file_names_file_and_nearest(tmp_path, monkeypatch):
    shutil.copytree(compose.EXPERIMENTS, tmp_path / "experiments")
    monkeypatch.setattr(compose, "EXPERIMENTS", tmp_path / "experiments")
    (tmp_path / "experiments" / "mistyped.yaml").write_text("defaults: [default, _self_]\nmodel: {nmae: unet}\n")
    with pytest.raises(ValueError, match=r"experiments/mistyped.yaml: key 'model.nmae'.*'model.name'"):
        compose.load("mistyped")


def test_mistyped_group_choice_names_the_nearest():
    with pytest.raises(ValueError, match="data 'simulatd' does not exist. Did you mean 'simulated'"):
        compose.parse(["exp=unet_roi6", "data=simulatd"])


def test_value_of_the_wrong_type_is_refused():
    with pytest.raises(ValueError, match="^train.epochs: 'many' is no whole number$"):
        compose.parse(["exp=unet_roi6", "train.epochs=many"])


def test_free_options_can_be_given():
    experiment = compose.parse(["exp=unet_roi6", "model.options.encoder_depth=3"])
    assert experiment.model.options["encoder_depth"] == 3


def test_two_experiments_at_once_are_refused():
    with pytest.raises(ValueError, match="one experiment at a time"):
        compose.parse(["exp=unet_roi6", "exp=unet_dates"])


def test_a_word_without_equals_is_refused():
    with pytest.raises(ValueError, match="not of the form key=value"):
        compose.parse(["exp=unet_roi6", "seed"])


def test_an_override_gives_the_run_a_name_of_its_own():
    assert compose.run_name(compose.parse(["exp=unet_roi6"])) == "unet_roi6"
    changed = compose.run_name(compose.parse(["exp=unet_roi6", "seed=1"]))
    assert changed.startswith("unet_roi6-")
    assert changed == compose.run_name(compose.parse(["exp=unet_roi6", "seed=1"]))


def test_where_the_files_lie_is_no_override(tmp_path):
    assert compose.run_name(compose.parse(["exp=beetle_unet", f"data.root={tmp_path}"])) == "beetle_unet"


def test_no_module_beside_the_configuration_knows_omegaconf_or_hydra():
    package = Path(compose.__file__).parents[1]
    others = [path for path in package.rglob("*.py") if path.parent.name != "config"]
    assert others
    for path in others:
        assert not re.search(r"DictConfig|OmegaConf|omegaconf|hydra\b", path.read_text()), path


def test_other_values_are_put_into_a_copy_and_have_the_type_of_their_key():
    experiment = compose.load("unet_roi6")
    changed = compose.with_values(experiment, {"optimizer.lr": 1, "model.options.depth": 2, "inputs.channels": ["tci"]})
    assert keys.value(changed, "optimizer.lr") == 1.0
    assert keys.value(changed, "model.options.depth") == 2
    assert keys.value(changed, "model.options.nothing") is None
    assert experiment == compose.load("unet_roi6") != changed
    with pytest.raises(compose.ConfigError, match="train.batch_size: 'many' is no whole number"):
        compose.with_values(experiment, {"train.batch_size": "many"})


def test_the_defaults_alone_have_a_data_set_and_name_no_network():
    experiment = compose.load("default", ["data=flanders"])
    assert (experiment.data.name, experiment.model.name) == ("flanders", "")


def test_a_composed_experiment_is_written_so_that_it_reads_back_the_same():
    experiment = compose.load("beetle_unet")
    assert yaml.safe_load(compose.written(experiment)) == dataclasses.asdict(experiment)


@pytest.mark.parametrize("folder", ["/data/rå sat", "/data/it's here", "/data/röjning"])
def test_a_path_with_blanks_or_other_letters_needs_no_quotes_of_hydras(folder):
    assert str(compose.parse(["data=beetle", f"data.root={folder}"]).data.root) == folder


def test_what_was_composed_is_kept_until_a_file_changes_and_is_nobodys_to_change(tmp_path, monkeypatch):
    shutil.copytree(compose.EXPERIMENTS, tmp_path / "experiments")
    monkeypatch.setattr(compose, "EXPERIMENTS", tmp_path / "experiments")
    first = compose.load("unet_roi6")
    epochs = first.train.epochs
    first.train.epochs, first.split.options["val"] = epochs + 1, []
    second = compose.load("unet_roi6")
    assert (second.train.epochs, second.split.options["val"]) == (epochs, ["5"])
    file = tmp_path / "experiments" / "unet_roi6.yaml"
    file.write_text(file.read_text() + "seed: 77\n")
    assert (second.seed, compose.load("unet_roi6").seed) == (0, 77)
