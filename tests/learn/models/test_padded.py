import pytest
import torch
from torch import nn
from torch.export import Dim

from rojsat.learn.models.padded import Padded


class Sizes(nn.Module):
    """Remembers the size that it sees and gives the image back."""

    def forward(self, image):
        self.seen = image
        return image


@pytest.mark.parametrize(("size", "padded"), [((5, 8), (8, 8)), ((8, 16), (8, 16)), ((1, 9), (8, 16))])
def test_pixels_stay_in_place_and_zeros_stand_right_and_below(size, padded):
    image, network = torch.randn(2, 3, *size), Sizes()
    assert torch.equal(Padded(network, 8, nn.Identity())(image), image)
    assert network.seen.shape[-2:] == padded
    assert torch.count_nonzero(network.seen) == image.numel()


@pytest.mark.slow
def test_an_export_takes_sizes_with_and_without_padding():
    free = {0: Dim.AUTO, 2: Dim.AUTO, 3: Dim.AUTO}
    network = Padded(nn.Conv2d(3, 1, 3, padding=1), 8, nn.Identity()).eval()
    program = torch.export.export(network, (torch.zeros(2, 3, 11, 13),), dynamic_shapes=(free,)).module()
    for size in ((16, 16), (11, 16), (17, 9), (24, 31)):
        image = torch.randn(2, 3, *size)
        assert torch.allclose(program(image), network(image), atol=1e-6)
