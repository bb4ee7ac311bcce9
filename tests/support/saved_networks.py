"""A small network saved as a run's model is, described as one, without a training."""

from dataclasses import asdict

import numpy as np
import torch
from torch import nn

from rojsat.chips import channels
from rojsat.learn import export, inference
from rojsat.learn.data.sample_arrays import Statistics
from rojsat.learn.models import heads
from rojsat.maps import model_card
from rojsat.tracking import registry
from tests.support import map_scenes

STATISTICS = Statistics(np.float32([0.03, 0.26]), np.float32([0.02, 0.08]))
"""Of B04 and B08."""


class Halving(nn.Module):
    """Halves twice and comes back as a U-Net does, with a batch normalisation that has seen other numbers."""

    def __init__(self, planes):
        super().__init__()
        self.down = nn.Sequential(*[nn.Conv2d(2, 2, 3, stride=2, padding=1) for _ in range(2)], nn.BatchNorm2d(2))
        self.scores = nn.Conv2d(4, planes, 3, padding=1)

    def forward(self, image):
        coarse = nn.functional.interpolate(self.down(image), image.shape[2:], mode="bilinear")
        return self.scores(torch.cat([image, coarse], dim=1))


def example(count=1, height=20, width=23, seed=1, names=("B04", "B08")):
    """Images of a forest, (N, C, H, W): reflectance, or indices of it."""
    planes = map_scenes.spectra((count, height, width), seed=seed)
    return np.stack([channels.compute(names, {name: plane[n] for name, plane in planes.items()}) for n in range(count)])


def trained(network, steps=3):
    """A network in evaluation mode after a few steps on images of a forest: none of its numbers is an initial one."""
    torch.manual_seed(0)
    images, optimizer = torch.from_numpy(example(4, 40, 40)), torch.optim.SGD(network.parameters(), 0.01)
    standard = (images - torch.from_numpy(STATISTICS.mean)[:, None, None]) / STATISTICS.std[0]
    for _ in range(steps):
        optimizer.zero_grad()
        (network(standard)[:, 0] - images[:, 1]).square().mean().backward()
        optimizer.step()
    return network.eval()


def save(folder, head=heads.linear(1), *, names=("B04", "B08"), network=None, **changes):  # noqa: B008 - frozen
    """Write a saved model of two channels with a head, its card changed; it is a network of 8-pixel windows."""
    torch.manual_seed(0)
    if network is None:
        network = Halving(3 if head.quantiles else head.outputs).eval()
        network.down[-1].running_mean[:] = 0.3
    file, images = folder.with_suffix(".pt2"), example(2, 40, 40, names=names)
    statistics = Statistics(images.mean(axis=(0, 2, 3)), images.std(axis=(0, 2, 3)))
    shape, smallest = export.save(network, statistics, images, file, activate=inference.activation(head))
    facts = asdict(map_scenes.card(outputs=head.outputs, names=tuple(names), **changes)) | {"data": "demo"}
    window = facts.pop("window")
    about = {"task": "segmentation", "window": window, "classes": [], "channels": list(names), model_card.KEY: facts}
    about |= {"mean": statistics.mean.tolist(), "std": statistics.std.tolist()}
    settings = {"channels": list(names), "smallest": smallest}
    registry.save(folder, "network", file, settings, images, shape, about)
    return str(folder)
