"""Known pixels as samples of a network of single pixels, which reads of each what its features say.

Features are calculated once, on complete images, of pixels that are known. Windows take several times as long: three of
four of their pixels may not be known, and what surrounds a pixel is calculated again in every epoch.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from rojsat.learn.data.sample_arrays import SampleArrays
from rojsat.learn.data.samples import Samples

SIDE = 8
"""Height and width of a sample, pixels: 64 pixels from anywhere, side by side."""


@torch.no_grad()
def draw(samples: Samples, features: Callable[[Tensor], Tensor], most: int, seed: int) -> Samples:
    """Samples of known pixels, which are drawn without replacement.

    Args:
        samples: of images, in whatever frame.
        features: from standardised images (N, C, H, W) to the features of every pixel, (N, F, H, W).
        most: pixels at most.
        seed: of the draw.

    Returns:
        Samples (F, `SIDE`, `SIDE`) of pixels in random order; places of the last one that no pixel is left for are not
        known.

    Raises:
        ValueError: if no pixel is known.
    """
    known = np.flatnonzero(samples.known.numpy())
    if not len(known):
        raise ValueError("no pixel of a part is known; look at its masks")
    drawn = np.random.default_rng(seed).permutation(known)[:most]
    number, pixel = np.divmod(drawn, samples.known[0].numel())
    rows: Tensor | None = None
    for image in np.unique(number):
        planes = features(samples.images[image : image + 1])[0].flatten(1)  # (F, H W)
        if rows is None:
            rows = torch.zeros(-(-len(drawn) // SIDE**2) * SIDE**2, len(planes))
        places = np.flatnonzero(number == image)
        rows[places] = planes[:, pixel[places]].T
    assert rows is not None  # there is a known pixel
    targets, is_known = torch.full((len(rows),), -1.0), torch.zeros(len(rows), dtype=torch.bool)
    targets[: len(drawn)], is_known[: len(drawn)] = samples.fitted.flatten()[drawn], True
    images = rows.unflatten(0, (-1, SIDE, SIDE)).permute(0, 3, 1, 2).numpy()
    targets, is_known = (plane.unflatten(0, (-1, SIDE, SIDE)).numpy() for plane in (targets, is_known))
    table = pd.DataFrame({"height": SIDE, "width": SIDE}, index=range(len(images)))
    return Samples(SampleArrays(images, is_known, targets, is_known, table), seed=seed)
