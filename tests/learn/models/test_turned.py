from itertools import product

import numpy as np
import pytest
import torch
from torch import nn

from rojsat.learn import export
from rojsat.learn.data.augmentation import TURNS
from rojsat.learn.data.sample_arrays import Statistics
from rojsat.learn.models.segmenters import unet
from rojsat.learn.models.turned import AXES, Turned
from tests.support.learning import tiny

FLIPS = list(AXES)


def image(seed=0, size=(2, 3, 9, 7)):
    return torch.randn(size, generator=torch.Generator().manual_seed(seed))


class Noted(nn.Module):
    """Gives the image back and keeps it."""

    def __init__(self):
        super().__init__()
        self.images = []

    def forward(self, planes):
        self.images.append(planes)
        return planes


@pytest.mark.parametrize("flip", TURNS)
def test_the_flips_are_those_of_training(flip):
    noted = Noted()
    assert torch.equal(Turned(noted, [flip])(image()), image())
    assert [torch.equal(each, image()) for each in noted.images] == [True, False]
    assert np.array_equal(noted.images[1].numpy(), TURNS[flip](image().numpy()))


@pytest.mark.parametrize("flips", [["horizontal"], ["transpose"], ["vertical", "transpose"], FLIPS])
@torch.no_grad()
def test_the_scores_of_a_turned_image_are_those_of_the_image_turned(flips):
    network = tiny().eval()
    averaged = Turned(network, flips)
    scores = averaged(image())
    assert not torch.allclose(scores, network(image()), atol=1e-4)
    for made in product((False, True), repeat=len(flips)):
        turned, expected = image().numpy(), scores.numpy()
        for flip in [flip for flip, is_made in zip(flips, made, strict=True) if is_made]:
            turned, expected = TURNS[flip](turned), TURNS[flip](expected)
        np.testing.assert_allclose(averaged(torch.from_numpy(turned.copy())).numpy(), expected, atol=1e-6)


@torch.no_grad()
def test_a_network_that_does_not_mind_gives_the_same():
    single = nn.Conv2d(3, 2, 1)
    torch.testing.assert_close(Turned(single, FLIPS)(image()), single(image()))
    chips = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    torch.testing.assert_close(Turned(chips, FLIPS)(image()), chips(image()))


@pytest.mark.slow
def test_it_is_exported_for_all_sizes(tmp_path):
    torch.manual_seed(0)
    network = Turned(unet.build(3, 1, depth=1, decoder=[8]).eval(), FLIPS)
    statistics = Statistics(np.zeros(3, np.float32), np.ones(3, np.float32))
    example = image(size=(2, 3, 40, 40)).numpy()
    shape, _ = export.save(network, statistics, example, tmp_path / "model.pt2")
    assert shape == (-1, 3, -1, -1)
    other = image(1, size=(3, 3, 37, 50))
    exported = torch.export.load(tmp_path / "model.pt2").module()
    with torch.no_grad():
        torch.testing.assert_close(exported(other), network(other)[:, 0], atol=1e-5, rtol=1e-4)
