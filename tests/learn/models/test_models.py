"""All networks of the catalogue are tested alike, the first backbone of each with more numbers of channels."""

import pytest
import torch

from rojsat.config import lookup
from rojsat.config.lookup import UnknownNameError
from rojsat.learn import losses
from rojsat.learn.models import classifiers, segmenters
from rojsat.learn.models.initial_weights import Start

ALL = [(package, name) for package in (classifiers, segmenters) for name in lookup.modules(package)]
NAMES = [name for _, name in ALL]

ENCODED = [name for package, name in ALL if hasattr(lookup.module(package, name, "model"), "encoder_segmenter")]
"""Segmenters that one function builds."""

OWN = [(package, name) for package, name in ALL if name not in ENCODED or name == "fpn"]
"""Networks with code of their own, and one for all of `ENCODED`."""

OWN_NAMES = [name for _, name in OWN]
OWN_SEGMENTERS = [name for package, name in OWN if package is segmenters]


def built(package, name, channels, outputs=2, **options):
    torch.manual_seed(0)
    if name in ENCODED:
        options = {"encoder": "resnet18", **options}
    return lookup.module(package, name, "model").build(channels, outputs, **options)


def backbones(package, name):
    """The options of every backbone of a network."""
    module = lookup.module(package, name, "model")
    if hasattr(module, "BACKBONES"):
        return [{"backbone": backbone} for backbone in module.BACKBONES]
    return [{"encoder": encoder} for encoder in getattr(module, "RESNETS", ["resnet18"])]


CASES = [
    (package, name, options, channels)
    for package, name in OWN
    for number, options in enumerate(backbones(package, name))
    for channels in ([3, 10, 13, 24] if number == 0 else [13])
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("package", "name", "options", "channels"), CASES, ids=[f"{n}-{'-'.join(o.values())}-{c}" for _, n, o, c in CASES]
)
def test_shape_and_gradient_at_the_size_of_the_study(package, name, options, channels):
    model = built(package, name, channels, **options)
    image = torch.randn(2, channels, 67, 70)
    output = model(image)
    assert output.shape == ((2, 2, 67, 70) if package is segmenters else (2, 2))
    output.square().mean().backward()
    without = [key for key, value in model.named_parameters() if value.grad is None or not value.grad.isfinite().all()]
    assert not without
    assert model.get_parameter(stem(model)).grad.abs().sum(dim=(0, 2, 3)).min() > 0  # every channel counts


def stem(model):
    return next(key for key, value in model.named_parameters() if value.ndim == 4)


@pytest.mark.parametrize(("package", "name"), ALL, ids=NAMES)
def test_another_backbone_is_refused_with_the_nearest(package, name):
    (keyword, backbone), *_ = backbones(package, name)[0].items()
    with pytest.raises(UnknownNameError, match=f"model.options.{keyword} .* Did you mean '{backbone}'"):
        built(package, name, 3, **{keyword: backbone.replace("resnet", "resnt")})


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
    assert len(same) >= len(before) - 3  # the first layer and the weight and bias of the last
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


@pytest.mark.slow
@pytest.mark.parametrize("channels", [1, 3, 13, 24])
@pytest.mark.parametrize("name", ENCODED)
def test_a_segmenter_takes_odd_sizes_and_any_number_of_channels(name, channels):
    model = built(segmenters, name, channels)
    output = model(torch.randn(2, channels, 37, 51))
    assert output.shape == (2, 2, 37, 51)
    output.square().mean().backward()
    assert not [key for key, value in model.named_parameters() if value.grad is None]
    assert model.get_parameter(stem(model)).grad.abs().sum(dim=(0, 2, 3)).min() > 0
