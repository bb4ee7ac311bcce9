"""Each entry loads offline from the packages of the lock, with a known answer."""

import numpy as np
import onnxruntime
import pytest
import timm
import torch

from rojsat.learn.models import first_layer, weights_register
from rojsat.learn.models.initial_weights import Start
from rojsat.learn.models.segmenters import unet
from rojsat.learn.models.weights_register import RegisterError

SIX = ("B02", "B03", "B04", "B08", "B11", "B12")


def entry(name="csmask_l2a"):
    return weights_register.find(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["csmask_l2a", "csmask_l1c"])
def test_the_network_of_clouds_gives_the_scores_of_its_onnx_file(name):
    facts = entry(name)
    network = unet.build(6, 3, start=Start(name, "by_band", facts.bands), encoder=facts.encoder).eval()
    session = onnxruntime.InferenceSession(str(weights_register.locate(facts)), providers=["CPUExecutionProvider"])
    reflectance = np.random.default_rng(0).random((1, 6, 256, 256), dtype=np.float32)
    mean, std = (np.array(values, np.float32)[:, None, None] for values in (facts.mean, facts.std))
    image = (reflectance - mean) / std
    (expected,) = session.run(None, {session.get_inputs()[0].name: image})
    with torch.no_grad():
        scores, swapped = (network(torch.from_numpy(each.copy())).numpy() for each in (image, image[:, ::-1]))
    # the file computes in half precision, so that scores of up to 14 differ by a few of its steps of 2^-7
    assert np.abs(scores - expected).mean() < 0.01
    assert (scores.argmax(axis=1) == expected.argmax(axis=1)).mean() > 0.999
    assert np.abs(swapped - expected).mean() > 0.3  # bands in another order are noticed


def test_the_encoder_of_a_package_gives_the_features_of_the_network_of_timm():
    facts = entry("efficientnet_lite0")
    stored = torch.load(weights_register.locate(facts), weights_only=True)
    reference = timm.create_model("tf_efficientnet_lite0").eval()
    reference.load_state_dict(dict(zip(reference.state_dict(), stored.values(), strict=True)))
    start = Start("efficientnet_lite0", "rgb_first", ("tci.r", "tci.g", "tci.b"))
    network = unet.build(3, 1, start=start, encoder=facts.encoder).eval()
    image = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = reference.blocks(reference.bn1(reference.conv_stem(image)))
        assert torch.equal(network.network.encoder(image)[-1], expected)
    # padding computed from each image makes an export for any size take minutes
    assert not any(isinstance(layer, timm.layers.Conv2dSame) for layer in network.modules())


@pytest.mark.parametrize("name", weights_register.names())
def test_an_entry_states_what_must_be_known(name):
    facts = entry(name)
    assert facts.sha256 is not None and len(facts.sha256) == 64
    assert facts.licence in ("Apache-2.0", "MIT")
    assert facts.package is None or facts.version is not None


@pytest.mark.parametrize(
    ("weights", "mode", "inputs", "message"),
    [
        ("csmask_l2a", "rgb_first", SIX[::-1], "would mix them up; set model.first_layer=by_band"),
        ("csmask_l2a", "rgb_first", ("B02", "B03", "B04"), "would mix them up"),
        ("csmask_l2a", "rgb_first", (*SIX, "ndvi"), "is for weights of red, green and blue"),
        ("efficientnet_lite0", "rgb_first", ("B02", "B03", "B04"), r"inputs.channels=\[B04,B03,B02\]"),
    ],
)
def test_channels_in_another_order_are_refused(weights, mode, inputs, message):
    with pytest.raises(RegisterError, match=message):
        weights_register.check_channels(entry(weights), mode, inputs)


def test_channels_in_the_order_of_the_weights_are_accepted():
    weights_register.check_channels(entry(), "rgb_first", SIX)
    weights_register.check_channels(entry("efficientnet_lite0"), "rgb_first", ("tci.r", "tci.g", "tci.b", "ndvi"))


def test_weights_of_another_level_are_refused():
    with pytest.raises(ValueError, match="none of them is among B02"):
        unet.build(6, 1, start=Start("csmask_l1c", "by_band", SIX), encoder="efficientnet-b4")


@pytest.mark.parametrize("factor", [10_000, 100, 1 / 255])
def test_another_scale_is_refused_and_that_of_forest_is_not(factor):
    forest = np.array([0.02, 0.04, 0.03, 0.25, 0.15, 0.07])  # reflectance
    inputs = [f"{name} 2020-09-15" for name in SIX]
    weights_register.check("csmask_l2a", inputs, forest)
    weights_register.check("csmask_l2a", inputs, np.array([0.9, 0.9, 0.9, 0.85, 0.1, 0.08]))  # snow
    weights_register.check(None, inputs, forest * factor)
    with pytest.raises(RegisterError, match="the scale is another; state scale and offset"):
        weights_register.check("csmask_l2a", inputs, forest * factor)


def test_an_index_below_zero_or_near_it_is_no_other_scale():
    weights = weights_register.Entry(
        **{**vars(entry()), "bands": ("ndsi", "savi"), "mean": (-0.44, 0.02), "std": (0.15, 0.08)}
    )
    weights_register.check_scale(weights, ["ndsi", "savi"], [-0.43, -0.01])
    with pytest.raises(RegisterError, match="channel ndsi has mean -43"):
        weights_register.check_scale(weights, ["ndsi", "savi"], [-43, 0.02])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sha256": 64 * "0"}, "is not the file that was looked at"),
        ({"package": "no-such-package"}, r"pip install no-such-package==1.0.0 \(or rojsat\[weights\]\)"),
        ({"file": "ukis_csmask/none.onnx"}, "the package has no ukis_csmask/none.onnx"),
        ({"package": None, "file": "none.pt"}, "no such file"),
    ],
)
def test_a_file_that_is_not_there_or_another_is_refused(change, message):
    with pytest.raises(RegisterError, match=message):
        weights_register.locate(weights_register.Entry(**{**vars(entry()), **change}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{band: [B02]}", "Did you mean 'bands'"),
        ("{bands: [B02]}", "lacks source, date, licence, loads"),
        ("[1]", "is no entry"),
        ("{source: a, date: b, licence: MIT, loads: decoder, bands: [B02]}", "loads 'decoder' does not exist"),
        (
            "{source: a, date: b, licence: MIT, loads: all, bands: [B02], mean: [1, 2], std: [1, 2]}",
            "each of the 1 bands",
        ),
    ],
)
def test_an_entry_that_cannot_be_is_refused(tmp_path, text, message):
    (tmp_path / "own.yaml").write_text(text)
    with pytest.raises(ValueError, match=message):
        weights_register.find(str(tmp_path / "own.pt"))


def test_colours_are_those_channels_that_are_there():
    assert first_layer.own_names(first_layer.COLOURS, ("B02", "B03", "B04")) == ("B04", "B03", "B02")
    assert first_layer.own_names(first_layer.COLOURS, ("ndvi",)) == first_layer.COLOURS
