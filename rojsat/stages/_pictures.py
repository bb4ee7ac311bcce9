"""Pictures of a few chips beside what a network says of them after an epoch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rojsat.chips import boxes
from rojsat.figures import maps, panels, true_colour
from rojsat.learn.assembly import Assembled
from rojsat.learn.data.sample_arrays import SampleArrays
from rojsat.learn.data.samples import Samples

SHOWN = 3
"""Chips of a sample: what one sees at a glance, and what costs an epoch nothing."""


def is_shown(epoch: int) -> bool:
    """Whether an epoch gets a picture: those of powers of two, for early ones differ most."""
    return epoch & (epoch - 1) == 0


@dataclass(frozen=True)
class Sample:
    """A few validation chips, the same ones after every epoch.

    Attributes:
        samples: as the model takes them.
        images: `(N, H, W, 3)` true colour in [0, 1].
    """

    samples: Samples
    images: NDArray[np.float32]

    def draw(self, assembled: Assembled) -> NDArray[np.uint8]:
        """Image, mask and prediction of the model as it is, `(height, width, 3)`; classes as planes of one colour."""
        predictions, targets = assembled.learner.predict(self.samples), self.samples.targets.numpy().astype(np.float32)
        seen = self.samples.seen
        if predictions.ndim == 2:  # (N, K): the probability of the last class, "need"
            predictions, targets = predictions[:, -1, None, None] * np.ones(seen.shape), _planes(targets, seen.shape)
        return maps.sheet(self.images, targets, np.where(seen, predictions, np.nan))


def _planes(classes: NDArray[np.float32], shape: Sequence[int]) -> NDArray[np.float32]:
    """`(N,)` to `(N, H, W)`."""
    return np.broadcast_to(classes[:, None, None], tuple(shape))


def sample(assembled: Assembled) -> Sample:
    """Chips spread over the validation part, of those whose target is known best."""
    val = assembled.data.samples["val"].portion()
    share = val.known.numpy().reshape(len(val), -1).mean(axis=1)
    best = np.sort(np.argsort(-share, kind="stable")[: max(SHOWN, len(val) // 2)])  # the better known half, in order
    chosen = best[np.linspace(0, len(best) - 1, min(SHOWN, len(best))).round().astype(int)]
    known, images, targets = (part.numpy()[chosen] for part in (val.known, val.images, val.targets))
    arrays = SampleArrays(images, val.seen[chosen], targets, known, val.rows.iloc[chosen].reset_index(drop=True))
    rows = [row for _, row in boxes.with_boxes(arrays.rows).iterrows()]
    pictures = [panels.framed(assembled.data.source.chips, row, arrays.seen.shape[1:]) for row in rows]
    brightest = true_colour.white(assembled.data.source.chips)
    return Sample(Samples(arrays), np.stack([true_colour.stretched(picture, brightest) for picture in pictures]))
