import pytest
import segmentation_models_pytorch as smp
import torch
from torchvision.models import resnet18

from rojsat.learn.models.initial_weights import Start
from rojsat.learn.models.segmenters import deeplabv3plus, fpn, linknet, manet, pspnet, segformer, unetplusplus
from rojsat.learn.models.trained_weights import WeightsError


@pytest.mark.parametrize(
    ("module", "options", "message"),
    [
        (fpn, {"encoder": "resnt18"}, "Did you mean 'resnet18'"),
        (pspnet, {"depth": 2}, r"depth is 3\.\.5, not 2"),
        (unetplusplus, {"encoder": "mit_b0"}, "does not go with the decoder"),
        (deeplabv3plus, {"encoder": "densenet121"}, "does not go with the decoder"),
    ],
)
def test_what_a_decoder_cannot_use_is_refused(module, options, message):
    with pytest.raises(ValueError, match=message):
        module.build(3, 1, **options)


@pytest.mark.slow
@pytest.mark.parametrize("depth", [3, 4])
@pytest.mark.parametrize("module", [fpn, linknet, manet, pspnet, unetplusplus])
def test_stages_beyond_the_depth_are_dropped(module, depth):
    model = module.build(4, 1, encoder="resnet18", depth=depth)
    output = model(torch.randn(2, 4, 37, 51))
    assert output.shape == (2, 1, 37, 51)
    output.mean().backward()
    assert not [key for key, value in model.named_parameters() if value.grad is None]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("encoder", "stem"),
    [
        ("mobilenet_v2", "features.0.0"),
        ("efficientnet-b0", "_conv_stem"),
        ("mit_b0", "patch_embed1.proj"),
    ],
)
def test_downloads_of_any_encoder_are_put_on_its_own_first_layer(encoder, stem, monkeypatch):
    real, source = smp.encoders.get_encoder, smp.encoders.get_encoder(encoder, weights=None)
    monkeypatch.setattr(smp.encoders, "get_encoder", lambda *_, weights, **__: source if weights else real(encoder))
    state = fpn.build(5, 1, encoder=encoder, start=Start("imagenet")).state_dict()
    trained = {f"network.encoder.{key}": value for key, value in source.state_dict().items()}
    first = f"network.encoder.{stem}.weight"
    assert torch.equal(state[first][:, :3], trained[first])
    assert state[first].shape[1] == 5
    assert all(torch.equal(state[key], trained[key]) for key in state if key in trained and key != first)


def test_a_file_of_torchvision_gives_the_encoder(tmp_path, caplog):
    caplog.set_level("INFO", logger="rojsat")
    trained = resnet18().state_dict()
    torch.save(trained, tmp_path / "own.pth")
    state = fpn.build(5, 1, encoder="resnet18", start=Start(str(tmp_path / "own.pth"))).state_dict()
    assert torch.equal(state["network.encoder.layer4.0.conv1.weight"], trained["layer4.0.conv1.weight"])
    assert torch.equal(state["network.encoder.conv1.weight"][:, :3], trained["conv1.weight"])
    assert "not used: fc" in caplog.text


def test_weights_without_one_first_layer_are_refused():
    with pytest.raises(WeightsError, match="2 convolutions of encoder mobileone_s0 see the image"):
        fpn.build(3, 1, encoder="mobileone_s0", start=Start("imagenet"))


def test_a_transformer_is_made_without_memory_and_without_random_numbers():
    before = torch.get_rng_state()
    with torch.device("meta"):
        model = segformer.build(3, 1, encoder="mit_b0")
    assert {value.device.type for value in model.parameters()} == {"meta"}
    assert torch.equal(torch.get_rng_state(), before)
