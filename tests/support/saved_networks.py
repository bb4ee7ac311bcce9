"""A small network saved as a run's model is, described as one, without a training."""

from dataclasses import asdict

import numpy as np
import torch
from torch import nn

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


def example(count=1, height=20, width=23, seed=1):
    """Images of a forest, (N, 2, H, W) float32 reflectance."""
    planes = [map_scenes.spectra((count, height, width), seed=seed)[band] for band in ("B04", "B08")]
    return np.stack(planes, axis=1)


def save(folder, head=heads.linear(1), **changes):  # noqa: B008 - frozen
    """Write a saved model of B04 and B08 with a head, its card changed; it is a network of 8-pixel windows."""
    torch.manual_seed(0)
    network = Halving(3 if head.quantiles else head.outputs).eval()
    network.down[-1].running_mean[:] = 0.3
    file, images = folder.with_suffix(".pt2"), example(2)
    shape, smallest = export.save(network, STATISTICS, images, file, activate=inference.activation(head))
    facts = asdict(map_scenes.card(outputs=head.outputs, **changes)) | {"data": "demo"}
    window = facts.pop("window")
    about = {"task": "segmentation", "window": window, "classes": [], "channels": ["B04", "B08"], model_card.KEY: facts}
    about |= {"mean": STATISTICS.mean.tolist(), "std": STATISTICS.std.tolist()}
    settings = {"channels": ["B04", "B08"], "smallest": smallest}
    registry.save(folder, "network", file, settings, images, shape, about)
    return str(folder)
