import re
import shutil

import pytest

from rojsat.config import compose


@pytest.mark.parametrize("change", compose.names("change"))
@pytest.mark.parametrize("name", ["deeplab_roi6", "unet_roi6"])
def test_every_change_composes_at_every_size(name, change):
    quick, paper = (compose.load(name, [f"size={size}", f"change={change}"]) for size in ("quick", "paper"))
    assert quick.change == paper.change == change
    assert quick.size != paper.size
    assert quick.data.name != paper.data.name
    own = compose.load(name).split
    assert quick.split.name == own.name
    assert {key: quick.split.options[key] for key in own.options} == own.options  # the same regions


@pytest.mark.parametrize("name", compose.names("change"))
def test_every_change_has_a_header_with_its_source(name):
    assert "Svensson 2020" in compose.header(f"change/{name}")


def test_a_change_stands_over_the_experiment_and_below_the_command_line():
    changed = compose.load("unet_roi6", ["change=discrete", "metrics.threshold=0.3"])
    assert (changed.model.name, changed.model.outputs, changed.metrics.threshold) == ("unet", 2, 0.3)
    assert compose.run_name(compose.load("unet_roi6", ["change=discrete", "size=paper"])) == "unet_roi6_discrete_paper"
    assert compose.run_name(changed).startswith("unet_roi6_discrete-")
    assert compose.load("unet_roi6", ["change=none"]) == compose.load("unet_roi6")
    assert compose.load("unet_roi6", ["+change=bands"]).change == "bands"


def test_a_change_of_data_holds_at_every_size(tmp_path, monkeypatch):
    shutil.copytree(compose.EXPERIMENTS, tmp_path / "experiments")
    monkeypatch.setattr(compose, "EXPERIMENTS", tmp_path / "experiments")
    other = "defaults: [simulated, _self_]\nname: other_${size}\noptions: {size: '${size}'}\n"
    (tmp_path / "experiments" / "data" / "other.yaml").write_text(other)
    change = "# @package _global_\ndefaults: [override /data: other]\n"
    (tmp_path / "experiments" / "change" / "other.yaml").write_text(change)
    for size in ("quick", "paper"):
        found = compose.load("unet_roi6", [f"size={size}", "change=other"])
        assert (found.data.name, found.data.options.size) == (f"other_{size}", size)


@pytest.mark.parametrize("given", ["model.options.max_iter=5", "++model.options={max_iter:5}"])
def test_a_change_of_the_model_leaves_no_options_of_the_one_before(given):
    assert compose.load("unet_roi6", ["change=boosting", given]).model.options == {"max_iter": 5}


def test_mistyped_change_names_the_nearest():
    with pytest.raises(ValueError, match="change 'discret' does not exist. Did you mean 'discrete'"):
        compose.parse(["exp=unet_roi6", "change=discret"])


def test_changes_are_laid_over_each_other_in_their_order():
    both = compose.load("unet_roi6", ["change=iou,scratch", "size=paper"])
    assert (both.loss.name, both.model.weights, both.train.threads) == ("soft_iou", None, 1)
    assert compose.run_name(both) == "unet_roi6_iou_scratch_paper"
    assert compose.unaltered(both) == both
    trees = compose.load("deeplab_roi6", ["change=boosting,scratch,year", "size=paper"])
    assert (trees.model.name, trees.data.name, trees.model.options) == (
        "hist_gradient_boosting",
        "simulated_year_paper",
        {},
    )


@pytest.mark.parametrize("other", [name for name in compose.names("change") if name != "scratch"])
def test_every_change_can_start_from_random_weights(other):
    alone, both = (
        compose.load("unet_roi6", ["size=paper", f"change={words}"]) for words in (other, f"{other},scratch")
    )
    assert both.model.weights is None
    both.change, both.model.weights, both.train.threads = alone.change, alone.model.weights, alone.train.threads
    assert both == alone


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["change=discrete", "change=bands"], "change= stands 2 times; name all in one: change=discrete,bands"),
        (["change=iou,iou"], "change=iou,iou names a change twice"),
        (["change=iou,discrete"], "changes iou and discrete both set loss.name"),
        (["change=year,objects"], "changes year and objects both set override /data"),
        (["change=unet,boosting"], "changes unet and boosting both set model.name"),
        (["change=iou,bandz"], "change 'bandz' does not exist. Did you mean 'bands'"),
        (["change=iou,none"], "change 'none' does not exist"),
        (["change=iou,"], "change '' does not exist"),
    ],
)
def test_changes_that_cannot_stand_together_are_refused(words, error):
    with pytest.raises(ValueError, match=re.escape(error)):
        compose.parse(["exp=unet_roi6", *words])
