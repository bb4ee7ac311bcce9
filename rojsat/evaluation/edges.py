"""Odd spots: pixels of high predicted need where there is none, by their distance from the edge of the image.

Svensson (2020) saw such spots "often close to the edges of the images" and could not explain them. A network predicts
each image in several `FRAMES`; whether a spot stays when only the frame changes shows whether the frame causes it.
Knows numpy and pandas only.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Images = NDArray[np.float32]
"""(N, C, H, W), NaN where unknown."""

Degrees = NDArray[np.float32]
"""(N, H, W) degree, NaN where unseen."""

Predict = Callable[[Images], Degrees]

HIGH = 0.5
"""Predicted degree from which a pixel without need is a spot."""

NEAR, FAR = 3, 10
"""Pixels from the edge: nearer than the first is the edge band, from the second on the interior."""

SHIFT = 4
"""Pixels by which `shifted` moves the image: half a cell of a network of output stride 8."""

SMALLEST = 48
"""Smallest side of an image in `bare`, pixels: a smaller image is padded up to it."""

MIRROR = 24
"""Pixels of mirror image around an image in `mirrored`."""


def distance(height: int, width: int) -> NDArray[np.int64]:
    """(H, W) pixels between a pixel and the nearest edge, 0 at the edge."""
    rows, columns = np.arange(height), np.arange(width)
    down, right = np.minimum(rows, rows[::-1]), np.minimum(columns, columns[::-1])
    return np.minimum(down[:, None], right[None, :])


def padded(predict: Predict, images: Images, size: tuple[int, int]) -> Degrees:
    """As in training: padded at the right and bottom to the common size."""
    height, width = images.shape[-2:]
    room = ((0, 0), (0, 0), (0, max(size[0] - height, 0)), (0, max(size[1] - width, 0)))
    return predict(np.pad(images, room, constant_values=np.nan))[:, :height, :width]


def bare(predict: Predict, images: Images, size: tuple[int, int]) -> Degrees:  # noqa: ARG001
    """Without padding: the image alone, if no side is below `SMALLEST`."""
    return padded(predict, images, (SMALLEST, SMALLEST))


def mirrored(predict: Predict, images: Images, size: tuple[int, int]) -> Degrees:  # noqa: ARG001
    """The image within its own mirror image, so that the network's zero padding lies `MIRROR` pixels away."""
    height, width = images.shape[-2:]
    room = min(MIRROR, height - 1, width - 1)
    framed = np.pad(images, ((0, 0), (0, 0), (room, room), (room, room)), mode="reflect")
    return predict(framed)[:, room : room + height, room : room + width]


def shifted(predict: Predict, images: Images, size: tuple[int, int]) -> Degrees:
    """As `padded`, but `SHIFT` pixels further down and right."""
    height, width = images.shape[-2:]
    moved = np.pad(images, ((0, 0), (0, 0), (SHIFT, 0), (SHIFT, 0)), constant_values=np.nan)
    grown = (size[0] + SHIFT, size[1] + SHIFT)
    return padded(predict, moved, grown)[:, SHIFT : SHIFT + height, SHIFT : SHIFT + width]


FRAMES: Mapping[str, Callable[[Predict, Images, tuple[int, int]], Degrees]] = {
    "padded": padded,
    "shifted": shifted,
    "bare": bare,
    "mirrored": mirrored,
}
"""Ways to present an image to a network, the first that of training."""


def predict_framed(predict: Predict, images: Images, size: tuple[int, int]) -> dict[str, Degrees]:
    """Degrees of images in every frame.

    Args:
        predict: of the network.
        images: (N, C, H, W), without padding.
        size: (H, W) of the chips in training, pixels.
    """
    return {name: frame(predict, images, size) for name, frame in FRAMES.items()}


def spots(degrees: Degrees, masks: Degrees) -> NDArray[np.bool_]:
    """(N, H, W): predicted `HIGH` or more where the mask, (N, H, W) in [0, 1], -1 = unknown, is 0."""
    return (masks == 0) & (degrees >= HIGH)


def near_edge(spots: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(N,) spots of each image in the edge band; `spots` is (N, H, W)."""
    return (spots & (distance(*spots.shape[1:]) < NEAR)).sum(axis=(1, 2))


def profile(spots: NDArray[np.bool_], masks: Degrees) -> pd.DataFrame:
    """Spots by distance from the edge.

    Args:
        spots: (N, H, W), see the function of this name.
        masks: (N, H, W).

    Returns:
        Columns `distance` (pixels), `pixels` (without need) and `spots`.
    """
    away = np.broadcast_to(distance(*masks.shape[1:]), masks.shape)
    none = masks == 0
    longest = int(away.max()) + 1
    counts = {
        "pixels": np.bincount(away[none], minlength=longest),
        "spots": np.bincount(away[spots & none], minlength=longest),
    }
    return pd.DataFrame({"distance": np.arange(longest), **counts})


def share(table: pd.DataFrame, *, low: int = 0, high: int | None = None) -> float:
    """Share of the pixels without need that are spots, at distances in [low, high); NaN where there is no pixel."""
    rows = table[(table["distance"] >= low) & (table["distance"] < (np.inf if high is None else high))]
    pixels = int(rows["pixels"].sum())
    return float(rows["spots"].sum()) / pixels if pixels else float("nan")
