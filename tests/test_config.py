import shutil
import subprocess
import sys

import pytest

from rojsat import config


@pytest.mark.parametrize("name", config.names())
@pytest.mark.parametrize("size", ["quick", "paper"])
def test_every_experiment_composes_at_every_size(name, size):
    experiment = config.load(name, [f"size={size}"])
    assert experiment.exp == name
    assert experiment.size == size
    assert experiment.task in config.TASKS


@pytest.mark.parametrize("change", config.names("change"))
@pytest.mark.parametrize("name", ["deeplab_roi6", "unet_roi6"])
def test_every_change_composes_at_every_size(name, change):
    quick, paper = (config.load(name, [f"size={size}", f"change={change}"]) for size in ("quick", "paper"))
    assert quick.change == paper.change == change
    assert quick.size != paper.size
    assert quick.data.name != paper.data.name
    own = config.load(name).split
    assert quick.split.name == own.name
    assert {key: quick.split.options[key] for key in own.options} == own.options  # the same regions


@pytest.mark.parametrize("name", config.names("change"))
def test_every_change_has_a_header_with_its_source(name):
    assert "Svensson 2020" in config.header(f"change/{name}")


def test_a_change_stands_over_the_experiment_and_below_the_command_line():
    changed = config.load("unet_roi6", ["change=discrete", "metrics.threshold=0.3"])
    assert (changed.model.name, changed.model.outputs, changed.metrics.threshold) == ("unet", 2, 0.3)
    assert config.run_name(config.load("unet_roi6", ["change=discrete", "size=paper"])) == "unet_roi6_discrete_paper"
    assert config.run_name(changed).startswith("unet_roi6_discrete-")
    assert config.load("unet_roi6", ["change=none"]) == config.load("unet_roi6")
    assert config.load("unet_roi6", ["+change=bands"]).change == "bands"


def test_a_change_of_data_holds_at_every_size(tmp_path, monkeypatch):
    shutil.copytree(config.EXPERIMENTS, tmp_path / "experiments")
    monkeypatch.setattr(config, "EXPERIMENTS", tmp_path / "experiments")
    other = "defaults: [simulated, _self_]\nname: other_${size}\noptions: {size: '${size}'}\n"
    (tmp_path / "experiments" / "data" / "other.yaml").write_text(other)
    change = "# @package _global_\ndefaults: [override /data: other]\n"
    (tmp_path / "experiments" / "change" / "other.yaml").write_text(change)
    for size in ("quick", "paper"):
        found = config.load("unet_roi6", [f"size={size}", "change=other"])
        assert (found.data.name, found.data.options.size) == (f"other_{size}", size)


@pytest.mark.parametrize("given", ["model.options.max_iter=5", "++model.options={max_iter:5}"])
def test_a_change_of_the_model_leaves_no_options_of_the_one_before(given):
    assert config.load("unet_roi6", ["change=boosting", given]).model.options == {"max_iter": 5}


def test_mistyped_change_names_the_nearest():
    with pytest.raises(ValueError, match="change 'discret' does not exist. Did you mean 'discrete'"):
        config.parse(["exp=unet_roi6", "change=discret"])


def test_two_changes_at_once_are_refused():
    with pytest.raises(ValueError, match="one change at a time"):
        config.parse(["exp=unet_roi6", "change=discrete", "change=bands"])


@pytest.mark.parametrize("name", config.names())
def test_every_experiment_has_a_header_with_its_command(name):
    assert f"exp={name}" in config.header(name)


def test_the_study_set_is_there():
    study = {f"resnet{depth}_{channels}" for depth in (18, 152) for channels in ("tci", "s2")}
    study |= {"deeplab_dates", "deeplab_roi6", "deeplab_roi7", "deeplab_roi8"}
    assert study <= set(config.names())


def test_mistyped_experiment_names_the_nearest():
    with pytest.raises(ValueError, match="'deeplab_rio6' does not exist. Did you mean 'deeplab_roi6'"):
        config.parse(["exp=deeplab_rio6"])


def test_mistyped_key_names_the_nearest():
    with pytest.raises(ValueError, match="'train.epoch' does not exist. Did you mean 'train.epochs'"):
        config.parse(["exp=deeplab_roi6", "train.epoch=3"])


def test_mistyped_key_in_a_file_names_file_and_nearest(tmp_path, monkeypatch):
    shutil.copytree(config.EXPERIMENTS, tmp_path / "experiments")
    monkeypatch.setattr(config, "EXPERIMENTS", tmp_path / "experiments")
    (tmp_path / "experiments" / "mistyped.yaml").write_text("defaults: [default, _self_]\nmodel: {nmae: unet}\n")
    with pytest.raises(ValueError, match=r"experiments/mistyped.yaml: key 'model.nmae'.*'model.name'"):
        config.load("mistyped")


def test_mistyped_group_choice_names_the_nearest():
    with pytest.raises(ValueError, match="data 'simulatd' does not exist. Did you mean 'simulated'"):
        config.parse(["exp=unet_roi6", "data=simulatd"])


def test_value_of_the_wrong_type_is_refused():
    with pytest.raises(ValueError, match="could not be converted to Integer"):
        config.parse(["exp=unet_roi6", "train.epochs=many"])


def test_free_options_can_be_given():
    experiment = config.parse(["exp=unet_roi6", "model.options.encoder_depth=3"])
    assert experiment.model.options.encoder_depth == 3


def test_two_experiments_at_once_are_refused():
    with pytest.raises(ValueError, match="one experiment at a time"):
        config.parse(["exp=unet_roi6", "exp=unet_dates"])


def test_a_word_without_equals_is_refused():
    with pytest.raises(ValueError, match="not of the form key=value"):
        config.parse(["exp=unet_roi6", "seed"])


def test_an_override_gives_the_run_a_name_of_its_own():
    assert config.run_name(config.parse(["exp=unet_roi6"])) == "unet_roi6"
    changed = config.run_name(config.parse(["exp=unet_roi6", "seed=1"]))
    assert changed.startswith("unet_roi6-")
    assert changed == config.run_name(config.parse(["exp=unet_roi6", "seed=1"]))


def test_where_the_files_lie_is_no_override(tmp_path):
    assert config.run_name(config.parse(["exp=beetle_unet", f"data.root={tmp_path}"])) == "beetle_unet"


@pytest.mark.parametrize("wrong", ["exp=deeplab_rio6", "train.epoch=3"])
def test_the_command_fails_at_once_with_status_2(wrong):
    words = [wrong] if wrong.startswith("exp") else ["exp=deeplab_roi6", wrong]
    command = [sys.executable, "-m", "rojsat.run", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "Did you mean" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_lists_the_experiments():
    done = subprocess.run([sys.executable, "-m", "rojsat.run", "--help"], capture_output=True, text=True, check=True)
    assert "deeplab_roi6" in done.stdout
    for change in config.names("change"):
        assert f"  {change}\n      {config.header(f'change/{change}').splitlines()[0]}" in done.stdout
