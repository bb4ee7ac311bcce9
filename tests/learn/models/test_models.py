"""All networks of the catalogue are tested alike, the first backbone of each with several numbers of channels."""

from pathlib import Path

import numpy as np
import pytest
import torch
from segmentation_models_pytorch.encoders import encoders
from torchvision.models import mobilenetv3
from torchvision.models import resnet as torchvision_resnet

from rojsat.config import lookup
from rojsat.config.lookup import UnknownNameError
from rojsat.learn import export, inference, losses
from rojsat.learn.data.sample_arrays import Statistics
from rojsat.learn.models import classifiers, segmenters
from rojsat.learn.models.initial_weights import Start

ALL = [(package, name) for package in (classifiers, segmenters) for name in lookup.modules(package)]

BUILDERS = ("encoder_segmenter", "torchvision_segmenter", "timm_classifier")
"""Functions that build several networks each."""

LIGHT = ("fpn", "lraspp", "efficientnet")
"""A network of each of them that takes little time."""


def builder(package, name):
    """The function of `BUILDERS` that builds a network; empty of one with code of its own."""
    return next((each for each in BUILDERS if hasattr(lookup.module(package, name, "model"), each)), "")


ENCODED = [name for package, name in ALL if builder(package, name) == "encoder_segmenter"]

OWN = [(package, name) for package, name in ALL if name in LIGHT or not builder(package, name)]
"""Networks with code of their own, and a light one for all of each builder."""

OWN_NAMES = [name for _, name in OWN]
OWN_SEGMENTERS = [name for package, name in OWN if package is segmenters]


def built(package, name, channels, outputs=2, **options):
    torch.manual_seed(0)
    if name in ENCODED:
        options = {"encoder": "resnet18", **options}
    if name == "dpt":
        options = {"decoder": (8, 8, 8, 8), **options}
    return lookup.module(package, name, "model").build(channels, outputs, **options)


def backbones(package, name):
    """The options of every backbone of a network."""
    module = lookup.module(package, name, "model")
    if hasattr(module, "BACKBONES"):
        return [{"backbone": backbone} for backbone in module.BACKBONES]
    if name in ENCODED:
        return [{"encoder": "resnet18"}]
    return [{"encoder": encoder} for encoder in getattr(module, "RESNETS", [])]


CASES = [
    (package, name, options, channels, size)
    for package, name in ALL
    for options in (backbones(package, name) or [{}])[:1]
    for channels, size in ((1, (33, 47)), (3, (33, 47)), (13, (33, 47)), (24, (61, 40)))
]
"""Every network with its first backbone, numbers of channels and odd sizes."""

SECOND = {"convnext": [{"backbone": "convnextv2_atto"}], "efficientnet": []}
"""Other backbones of networks whose larger ones are more of the same."""

CASES += [
    (package, name, options, 13, (67, 70))
    for package, name in ALL
    for options in SECOND.get(name, backbones(package, name)[1:])
]
"""Other backbones at the size of the study."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("package", "name", "options", "channels", "size"),
    CASES,
    ids=[f"{name}-{'-'.join(options.values())}-{channels}" for _, name, options, channels, _ in CASES],
)
def test_a_network_takes_any_number_of_channels_and_odd_sizes(package, name, options, channels, size):
    model = built(package, name, channels, **options)
    output = model(torch.randn(2, channels, *size))
    assert output.shape == ((2, 2, *size) if package is segmenters else (2, 2))
    output.square().mean().backward()
    without = [key for key, value in model.named_parameters() if value.grad is None or not value.grad.isfinite().all()]
    assert not without
    assert model.get_parameter(stem(model)).grad.abs().sum(dim=(0, 2, 3)).min() > 0  # every channel counts


EXPORTED = {
    "convnext": {"backbone": "test_convnext2"},
    "deeplabv3": {"backbone": "resnet50"},
    "dpt": {"encoder": "test_vit"},
    "efficientnet": {"backbone": "test_efficientnet"},
    "unet": {"depth": 3},
    "temporal": {"encoder": "vgg11", "depth": 3},
    **{name: {"encoder": "vgg11", "depth": 3} for name in ("fpn", "linknet", "manet", "pspnet", "unetplusplus")},
    **{name: {"encoder": "vgg11"} for name in ("segformer", "upernet")},
}
"""Options of networks that are exported in less time than with their first backbone."""


@pytest.fixture
def each_block_once(monkeypatch):
    """Networks have one block where the published ones repeat it, and few weights: an export traces each of them."""
    for name in ("convnext", "efficientnet"):
        monkeypatch.setattr(lookup.module(classifiers, name, "model"), "BACKBONES", (EXPORTED[name]["backbone"],))
    of_torchvision, blocks = torchvision_resnet._resnet, mobilenetv3._mobilenet_v3_conf
    monkeypatch.setattr(
        torchvision_resnet,
        "_resnet",
        lambda block, layers, *more, **names: of_torchvision(block, [1] * 4, *more, **names),
    )

    def without_repetition(arch, **names):
        every, last = blocks(arch, **names)
        return [block for block in every if block.stride > 1 or block.input_channels != block.out_channels], last

    monkeypatch.setattr(mobilenetv3, "_mobilenet_v3_conf", without_repetition)
    monkeypatch.setitem(encoders["resnet18"]["params"], "layers", [1] * 4)
    monkeypatch.setitem(encoders["vgg11"]["params"], "init_weights", False)  # of the classifier that is left out


@pytest.mark.slow
@pytest.mark.usefixtures("each_block_once")
@pytest.mark.parametrize(("package", "name"), ALL, ids=[name for _, name in ALL])
def test_an_exported_network_gives_the_same_at_other_odd_sizes(package, name, monkeypatch):
    programs = []
    monkeypatch.setattr(torch.export, "save", lambda program, path: programs.append(program))  # half of the time
    options, channels = {**(backbones(package, name) or [{}])[0], **EXPORTED.get(name, {})}, 4
    model = built(package, name, channels, outputs=1 if package is segmenters else 2, **options).eval()
    statistics = Statistics(np.zeros(channels, np.float32), np.ones(channels, np.float32))
    example = np.random.default_rng(0).normal(size=(2, channels, 33, 47)).astype(np.float32)
    assert export.save(model, statistics, example, Path("network.pt2"))[0] == (-1, channels, -1, -1)
    image = torch.randn(3, channels, 61, 40)
    with torch.no_grad():
        assert torch.allclose(programs[0].module()(image), inference.activate(model(image)), atol=1e-5)


def stem(model):
    return next(key for key, value in model.named_parameters() if value.ndim == 4)


@pytest.mark.parametrize(("package", "name"), [each for each in ALL if backbones(*each)])
def test_another_backbone_is_refused_with_the_nearest(package, name):
    (keyword, backbone), *_ = backbones(package, name)[0].items()
    with pytest.raises(UnknownNameError, match=f"model.options.{keyword} .* Did you mean '{backbone}'"):
        built(package, name, 3, **{keyword: backbone[:2] + backbone[3:]})


@pytest.mark.parametrize("name", lookup.modules(segmenters))
def test_a_segmenter_gives_one_plane_of_degrees(name):
    assert built(segmenters, name, 3, outputs=1).eval()(torch.randn(1, 3, 33, 41)).shape == (1, 1, 33, 41)


@pytest.mark.parametrize("name", OWN_SEGMENTERS)
def test_a_bounded_segmenter_has_the_same_weights_and_gives_degrees_from_0_to_1(name):
    linear, bounded = (built(segmenters, name, 3, outputs=1, bounded=value).eval() for value in (False, True))
    image = 100 * torch.randn(1, 3, 33, 41)
    scores, degrees = linear(image), bounded(image)
    assert scores.min() < 0 or scores.max() > 1
    assert degrees.min() >= 0 and degrees.max() <= 1
    assert torch.equal(degrees, scores.sigmoid())
    assert list(linear.state_dict()) == list(bounded.state_dict())
    target, known = torch.full((1, 33, 41), 0.5), torch.zeros(1, 33, 41, dtype=torch.bool)
    known[:, :5] = True
    for loss in (losses.masked_mse, losses.soft_iou):
        bounded.zero_grad()
        loss(bounded(image), torch.where(known, target, torch.nan), known).backward()
        assert all(value.grad.isfinite().all() for value in bounded.parameters() if value.grad is not None)


@pytest.mark.parametrize("name", OWN_SEGMENTERS)
def test_scores_of_classes_are_not_bounded(name):
    with pytest.raises(ValueError, match="bounds one plane of degrees"):
        built(segmenters, name, 3, outputs=2, bounded=True)


@pytest.mark.parametrize("name", OWN_SEGMENTERS)
@pytest.mark.parametrize("bounded", [False, True])
def test_quantiles_rise_at_every_pixel_whatever_the_scores(name, bounded):
    levels = (0.05, 0.25, 0.5, 0.95)
    model = built(segmenters, name, 3, outputs=1, bounded=bounded, quantiles=levels).eval()
    output = model(3 * torch.randn(1, 3, 33, 41))
    assert output.shape == (1, 4, 33, 41)
    assert (output.diff(dim=1) >= 0).all()
    assert not bounded or (output.min() >= 0 and output.max() <= 1)


@pytest.mark.parametrize("levels", [(0.05, 0.95), (0.5, 0.95), (0.5,), (0.95, 0.5, 0.05), (0, 0.5, 1), (0.1, 0.5, 0.5)])
@pytest.mark.parametrize("name", OWN_SEGMENTERS)
def test_quantiles_without_a_median_between_others_are_refused(name, levels):
    with pytest.raises(ValueError, match=r"as in \[0.05, 0.5, 0.95\]"):
        built(segmenters, name, 3, outputs=1, quantiles=levels)


@pytest.mark.parametrize(("package", "name"), OWN, ids=OWN_NAMES)
@pytest.mark.parametrize("mode", ["rgb_first", "rgb"])
def test_weights_of_a_file_trained_on_three_channels_are_expanded(package, name, mode, tmp_path):
    trained = built(package, name, 3, outputs=21)
    torch.save(trained.state_dict(), tmp_path / "trained.pt")
    start = Start(str(tmp_path / "trained.pt"), mode, inputs=(*"abcd", "tci.r", "tci.g", "tci.b", *"efg"))
    model = built(package, name, 10, start=start)
    before, after, key = trained.state_dict(), model.state_dict(), stem(model)
    same = [name for name in before if before[name].shape == after[name].shape]
    assert len(same) >= len(before) - 5  # the first layer, and weight and bias of the last, of lraspp of both last ones
    assert all(torch.equal(before[name], after[name]) for name in same)
    if mode == "rgb_first":
        assert torch.equal(after[key][:, :3], before[key])
    else:
        power = [value.square().sum(dim=(1, 2, 3)) for value in (before[key], after[key])]
        assert torch.allclose(*power, rtol=1e-4)


@pytest.mark.parametrize(("package", "name"), OWN, ids=OWN_NAMES)
def test_its_own_weights_are_loaded_unchanged(package, name, tmp_path, monkeypatch):
    trained = built(package, name, 10)
    torch.save(trained.state_dict(), tmp_path / "best.pt")
    monkeypatch.setattr(torch, "manual_seed", lambda _: None)  # random weights of another draw
    again = built(package, name, 10, start=Start(str(tmp_path / "best.pt"))).state_dict()
    assert all(torch.equal(value, again[key]) for key, value in trained.state_dict().items())


@pytest.mark.parametrize(
    "options",
    [
        {"depth": 3, "fine": True, "encoder": "resnet18"},
        {"depth": 1, "fine": True},
        {"depth": 4, "encoder": "resnet50"},
    ],
)
def test_a_shallower_or_finer_unet_has_no_idle_layer(options):
    model = built(segmenters, "unet", 24, **options)
    output = model(torch.randn(2, 24, 64, 61))
    assert output.shape == (2, 2, 64, 61)
    output.square().mean().backward()
    assert all(value.grad is not None for value in model.parameters())


@pytest.mark.parametrize(
    "options", [{"encoder": "vgg10"}, {"depth": 6}, {"depth": 3, "decoder": (8, 8)}, {"encoder": "vgg11", "fine": True}]
)
def test_an_impossible_unet_is_refused(options):
    with pytest.raises(ValueError, match=r"model\.options"):
        built(segmenters, "unet", 3, **options)
