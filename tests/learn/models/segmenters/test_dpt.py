import pytest
import timm
import torch

from rojsat.learn.models.initial_weights import Start
from rojsat.learn.models.segmenters import dpt

CREATE = timm.create_model


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoder": "vit_tiny_patch16_225"}, "Did you mean 'vit_tiny_patch16_224'"),
        ({"encoder": "resnet18"}, "encoder=resnet18 does not go with dpt"),
        ({"encoder": "vit_small_patch14_dinov2"}, "does not go with dpt .*divisible by 14.*as vit_tiny"),
        ({"decoder": [8, 8]}, "decoder is four widths"),
    ],
)
def test_what_it_cannot_use_is_refused(options, message):
    with pytest.raises(ValueError, match=f"model.options.*{message}"):
        dpt.build(3, 1, **options)


def test_it_is_made_without_memory():
    with torch.device("meta"):
        network = dpt.build(3, 1)
    assert {value.device.type for value in network.parameters()} == {"meta"}


def test_weights_of_timm_are_those_of_the_encoder(monkeypatch):
    trained = {}

    def create_model(name, pretrained=False, **options):
        network = CREATE(name.partition(".")[0], **options)
        trained.update(network.state_dict() if pretrained else {})
        return network

    monkeypatch.setattr(timm, "create_model", create_model)
    state = dpt.build(5, 1, start=Start("augreg_in21k"), decoder=[8, 8, 8, 8]).state_dict()
    first = f"{dpt.ENCODER}patch_embed.proj.weight"
    assert torch.equal(state[first][:, :3], trained["patch_embed.proj.weight"])
    encoder = {key.removeprefix(dpt.ENCODER): state[key] for key in state if key.startswith(dpt.ENCODER)}
    assert all(torch.equal(value, trained[key]) for key, value in encoder.items() if key != "patch_embed.proj.weight")
    assert not {"head.weight", "norm.weight"} & set(encoder)
