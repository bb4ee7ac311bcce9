"""All networks of the catalogue are tested alike."""

import pytest
import torch

from rojsat.config import lookup
from rojsat.learn.models import classifiers, segmenters

ALL = [(package, name) for package in (classifiers, segmenters) for name in lookup.modules(package)]
CHANNELS = {"resnet152": [13], "deeplabv3_resnet101": [13]}  # the deep ones, once: they are as their shallow brothers
SHALLOW = [(package, name) for package, name in ALL if name not in CHANNELS]


def built(package, name, channels, outputs=2, **options):
    torch.manual_seed(0)
    return lookup.module(package, name, "model").build(channels, outputs, **options)


CASES = [(package, name, c) for package, name in ALL for c in CHANNELS.get(name, [3, 10, 13, 24])]


@pytest.mark.parametrize(("package", "name", "channels"), CASES, ids=[f"{n}-{c}" for _, n, c in CASES])
def test_shape_and_gradient_at_the_size_of_the_study(package, name, channels):
    model = built(package, name, channels)
    image = torch.randn(2, channels, 67, 70)
    output = model(image)
    assert output.shape == ((2, 2, 67, 70) if package is segmenters else (2, 2))
    output.square().mean().backward()
    without = [key for key, value in model.named_parameters() if value.grad is None or not value.grad.isfinite().all()]
    assert not without
    assert model.get_parameter(stem(model)).grad.abs().sum(dim=(0, 2, 3)).min() > 0  # every channel counts


def stem(model):
    return next(key for key, value in model.named_parameters() if value.ndim == 4)


@pytest.mark.parametrize("name", [name for package, name in SHALLOW if package is segmenters])
def test_a_segmenter_gives_one_plane_of_degrees(name):
    assert built(segmenters, name, 3, outputs=1).eval()(torch.randn(1, 3, 33, 41)).shape == (1, 1, 33, 41)


@pytest.mark.parametrize(("package", "name"), SHALLOW, ids=[name for _, name in SHALLOW])
@pytest.mark.parametrize("mode", ["study", "rgb"])
def test_weights_of_a_file_learnt_on_three_channels_are_expanded(package, name, mode, tmp_path):
    learnt = built(package, name, 3, outputs=21)
    torch.save(learnt.state_dict(), tmp_path / "learnt.pt")
    places = (4, 5, 6)
    model = built(package, name, 10, weights=str(tmp_path / "learnt.pt"), first_layer=mode, rgb=places)
    one, other, key = learnt.state_dict(), model.state_dict(), stem(model)
    same = [name for name in one if one[name].shape == other[name].shape]
    assert len(same) >= len(one) - 3  # the first layer and the weight and bias of the last
    assert all(torch.equal(one[name], other[name]) for name in same)
    if mode == "study":
        assert torch.equal(other[key][:, :3], one[key])
    else:
        power = [value.square().sum(dim=(1, 2, 3)) for value in (one[key], other[key])]
        assert torch.allclose(*power, rtol=1e-4)


@pytest.mark.parametrize(("package", "name"), SHALLOW, ids=[name for _, name in SHALLOW])
def test_its_own_weights_are_taken_as_they_are(package, name, tmp_path):
    learnt = built(package, name, 10)
    torch.save(learnt.state_dict(), tmp_path / "best.pt")
    torch.manual_seed(5)
    module = lookup.module(package, name, "model")
    again = module.build(10, 2, weights=str(tmp_path / "best.pt")).state_dict()
    assert all(torch.equal(value, again[key]) for key, value in learnt.state_dict().items())


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


@pytest.mark.parametrize("options", [{"encoder": "vgg11"}, {"depth": 6}, {"depth": 3, "decoder": (8, 8)}])
def test_a_unet_that_cannot_be_is_refused(options):
    with pytest.raises(ValueError, match=r"model\.options"):
        built(segmenters, "unet", 3, **options)
