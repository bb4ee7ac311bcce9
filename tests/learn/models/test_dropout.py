import pytest
import torch

from rojsat.learn.models.segmenters import fpn, unet

BUILDS = {"unet": unet.build, "fpn": fpn.build}


@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
def test_dropout_draws_in_training_alone_and_has_the_weights_of_a_network_without(build):
    torch.manual_seed(0)
    plain, dropping = (build(3, 1, encoder="resnet18", dropout=share) for share in (0.0, 0.5))
    dropping.load_state_dict(plain.state_dict())
    image = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(plain.eval()(image), dropping.eval()(image))
        for layer in dropping.modules():
            layer.training = isinstance(layer, torch.nn.Dropout2d)
        assert not torch.equal(dropping(image), dropping(image))


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_a_share_that_cannot_be_is_refused(share):
    with pytest.raises(ValueError, match="model.options.dropout is at least 0 and below 1"):
        unet.build(3, 1, encoder="resnet18", dropout=share)
