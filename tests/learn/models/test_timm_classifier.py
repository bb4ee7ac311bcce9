import pytest
import timm
import torch
from huggingface_hub import constants

from rojsat.learn.models import timm_weights
from rojsat.learn.models.classifiers import convnext, efficientnet
from rojsat.learn.models.initial_weights import Start, WeightsError

CREATE = timm.create_model


@pytest.fixture
def trained(monkeypatch):
    """Networks that timm gives with weights, by their names with those of the weights; nothing is downloaded."""
    networks = {}

    def create_model(name, pretrained=False, **options):
        if not pretrained:
            return CREATE(name, **options)
        torch.manual_seed(len(networks) + 1)
        return networks.setdefault(name, CREATE(name.partition(".")[0]))

    monkeypatch.setattr(timm, "create_model", create_model)
    return networks


@pytest.mark.parametrize(
    ("module", "weights", "name", "stem"),
    [
        (convnext, "imagenet", "convnext_atto.d2_in1k", "stem.0"),
        (efficientnet, "imagenet", "efficientnet_b0.ra_in1k", "conv_stem"),
        (efficientnet, "ra4_e3600_r224_in1k", "efficientnet_b0.ra4_e3600_r224_in1k", "conv_stem"),
    ],
)
def test_weights_of_timm_are_put_on_any_channels_and_the_head_begins_at_random(trained, module, weights, name, stem):
    state = module.build(5, 2, start=Start(weights)).state_dict()
    theirs = {f"network.{key}": value for key, value in trained[name].state_dict().items()}
    first = f"network.{stem}.weight"
    assert state[first].shape[1] == 5
    assert torch.equal(state[first][:, :3], theirs[first])
    other = [key for key in state if not torch.equal(state[key], theirs[key])]
    head = f"network.{trained[name].pretrained_cfg['classifier']}."
    assert other == [first, f"{head}weight", f"{head}bias"]


def test_a_failed_download_names_the_cache_of_these_weights(monkeypatch):
    def fails(*_, pretrained=False, **options):
        if pretrained:
            raise OSError("no network")
        return CREATE(*_, **options)

    monkeypatch.setattr(timm, "create_model", fails)
    with pytest.raises(WeightsError, match="no network") as caught:
        convnext.build(3, 2, start=Start("imagenet"))
    assert f"{constants.HF_HUB_CACHE}/models--timm--convnext_atto.d2_in1k" in str(caught.value)


def test_weights_that_timm_has_not_are_refused_with_those_that_it_has():
    with pytest.raises(ValueError, match=r"model.weights 'imagnet' .* Did you mean 'imagenet'.*ra4_e3600_r224_in1k"):
        efficientnet.build(3, 2, start=Start("imagnet"))


def test_weights_that_are_not_of_imagenet_are_not_called_so():
    assert set(timm_weights.tags("vit_base_patch16_siglip_224")) == {"v2_webli", "webli"}


@pytest.mark.parametrize("module", [convnext, efficientnet])
def test_dropout_is_of_a_share(module):
    with pytest.raises(ValueError, match="model.options.dropout is 0 or more and below 1, not 1"):
        module.build(3, 2, dropout=1)


def test_convnext_leaves_no_pixel_of_an_odd_size_out():
    image = torch.randn(1, 3, 37, 51, requires_grad=True)
    convnext.build(3, 2).eval()(image).square().sum().backward()
    assert (image.grad.abs().sum(dim=1) > 0).all()
