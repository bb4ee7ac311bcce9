import re
import shutil

import pytest

from rojsat.config import compose, decides

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("variant", compose.names("variant"))
@pytest.mark.parametrize("name, sizes", [("unet_roi6", ("quick", "full")), ("deeplab_roi6", ("full",))])
def test_every_variant_composes_at_every_size(name, sizes, variant):
    composed = [compose.load(name, [f"size={size}", f"variant={variant}"]) for size in sizes]
    assert [(each.variant, each.size) for each in composed] == [(variant, size) for size in sizes]
    assert len({each.data.name for each in composed}) == len(sizes)
    own = compose.load(name).split
    for split in (each.split for each in composed):
        if variant == "unseen_regions":
            assert split.name == "stratified"  # the one variant that is another split
        else:
            assert split.name == own.name
            assert {key: split.options[key] for key in own.options} == own.options  # the same regions


@pytest.mark.parametrize("name", compose.names("variant"))
def test_every_variant_has_a_header_with_its_source(name):
    assert "Svensson 2020" in compose.header(f"variant/{name}")


def test_a_variant_overrides_the_experiment_and_the_command_line_overrides_both():
    changed = compose.load("unet_roi6", ["variant=discrete", "metrics.threshold=0.3"])
    assert (changed.model.name, changed.model.outputs, changed.metrics.threshold) == ("unet", 2, 0.3)
    assert compose.run_name(compose.load("unet_roi6", ["variant=discrete", "size=full"])) == "unet_roi6_discrete_full"
    assert compose.run_name(changed).startswith("unet_roi6_discrete-")
    assert compose.load("unet_roi6", ["variant=none"]) == compose.load("unet_roi6")
    assert compose.load("unet_roi6", ["+variant=bands"]).variant == "bands"


def test_a_variant_of_data_holds_at_every_size(tmp_path, monkeypatch):
    shutil.copytree(compose.EXPERIMENTS, tmp_path / "experiments")
    monkeypatch.setattr(compose, "EXPERIMENTS", tmp_path / "experiments")
    other = "defaults: [simulated, _self_]\nname: other_${size}\noptions: {size: '${size}'}\n"
    (tmp_path / "experiments" / "data" / "other.yaml").write_text(other)
    variant = "# @package _global_\ndefaults: [override /data: other]\n"
    (tmp_path / "experiments" / "variant" / "other.yaml").write_text(variant)
    for size in ("quick", "full"):
        experiment = compose.load("unet_roi6", [f"size={size}", "variant=other"])
        assert (experiment.data.name, experiment.data.options["size"]) == (f"other_{size}", size)


@pytest.mark.parametrize("options", ["model.options.max_iter=5", "++model.options={max_iter:5}"])
def test_a_variant_of_the_model_leaves_no_options_of_the_one_before(options):
    assert compose.load("unet_roi6", ["variant=boosting", options]).model.options == {"max_iter": 5}


@pytest.mark.parametrize("words", [[], ["model.options.encoder=resnet34"], ["model.options={encoder: resnet34}"]])
def test_another_model_on_the_command_line_leaves_no_options_of_the_one_before(words):
    chosen = compose.load("unet_roi6", ["model.name=fpn", *words]).model.options
    assert chosen == ({"encoder": "resnet34"} if words else {})


def test_mistyped_variant_names_the_nearest():
    with pytest.raises(ValueError, match="variant 'discret' does not exist. Did you mean 'discrete'"):
        compose.parse(["exp=unet_roi6", "variant=discret"])


def test_variants_are_applied_one_after_the_other():
    both = compose.load("unet_roi6", ["variant=iou,scratch", "size=full"])
    assert (both.loss.name, both.model.weights, both.train.threads) == ("soft_iou", None, 1)
    assert compose.run_name(both) == "unet_roi6_iou_scratch_full"
    trees = compose.load("deeplab_roi6", ["variant=boosting,scratch,year", "size=full"])
    assert (trees.model.name, trees.data.name, trees.model.options) == (
        "hist_gradient_boosting",
        "simulated_year_full",
        {},
    )


@pytest.mark.parametrize("other", [name for name in compose.names("variant") if name != "scratch"])
def test_every_variant_can_start_from_random_weights(other):
    alone, both = (
        compose.load("unet_roi6", ["size=full", f"variant={words}"]) for words in (other, f"{other},scratch")
    )
    assert both.model.weights is None
    both.variant, both.model.weights, both.train.threads = alone.variant, alone.model.weights, alone.train.threads
    assert both == alone


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["variant=discrete", "variant=bands"], "variant= stands 2 times; name all in one: variant=discrete,bands"),
        (["variant=iou,iou"], "variant=iou,iou names a variant twice"),
        (["variant=iou,discrete"], "variants iou and discrete both set loss.name"),
        (["variant=year,objects"], "variants year and objects both set override /data"),
        (["variant=unet,boosting"], "variants unet and boosting both set model.name"),
        (["variant=iou,bandz"], "variant 'bandz' does not exist. Did you mean 'bands'"),
        (["variant=iou,none"], "variant 'none' does not exist"),
        (["variant=iou,"], "variant '' does not exist"),
    ],
)
def test_variants_that_cannot_stand_together_are_refused(words, error):
    with pytest.raises(ValueError, match=re.escape(error)):
        compose.parse(["exp=unet_roi6", *words])


def test_scratch_takes_the_weights_of_another_variant_away_and_nothing_else():
    trained, twin = (compose.load("unet", [f"variant={words}"]) for words in ("csmask", "csmask,scratch"))
    assert (trained.model.weights, twin.model.weights) == ("csmask_l2a", None)
    before, after = decides.results(trained), decides.results(twin)
    assert {key for key in before if before[key] != after[key]} == {"model.weights"}
    with pytest.raises(ValueError, match="variants scratch and csmask both set model.weights; .* name scratch last"):
        compose.load("unet", ["variant=scratch,csmask"])
