"""Predicts chips in overlapping tiles of the size of training's windows, and merges the tiles.

Tiles are half a window apart. Where they begin follows from the hash of the region's name, so that a place in a tile
says nothing about a place in the box (unless windows are moved back inside their image, and tiles with them).
Predictions are averaged with the weights of a Hann window, which fall to nearly
0 at the edge of a tile, where a network knows least (Pielawski and Wählby 2020, Introducing Hann windows for reducing
edge-effects in patch-based image segmentation).
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from rojsat.learn.data import windows
from rojsat.learn.data.samples import Samples

TILES, PIXELS = 64, 64 * 32**2
"""Tiles predicted together at most, and their pixels: as many as a batch of eight large chips has."""

PredictTiles = Callable[[Tensor], Any]
"""Standardised images (T, C, h, w) to a tensor or array (T, h, w), (T, K, h, w), or of complete chips (T, K)."""


def predict(samples: Samples, predict_tiles: PredictTiles, *, batch_size: int = 16) -> np.ndarray:
    """Predict all samples in order, in the frame that they are in.

    Args:
        samples: N of them.
        predict_tiles: in the frame `window` it gets tiles, in the frame `box` samples as they are.
        batch_size: samples together.

    Returns:
        float32 of the shape of what `predict_tiles` gives, with the samples' N, H and W; NaN where no tile with a seen
        pixel is.
    """
    starts = range(0, len(samples), batch_size)
    return np.concatenate([output(samples, predict_tiles, start, batch_size).cpu().numpy() for start in starts])


def output(
    samples: Samples, predict_tiles: PredictTiles, start: int, count: int, *, known_alone: bool = False
) -> Tensor:
    """What `predict_tiles` gives for up to `count` samples from `start` on; as for `predict`.

    Args:
        samples: all samples.
        predict_tiles: likewise.
        start: number of the first sample.
        count: samples.
        known_alone: whether tiles without a known pixel are left out; nothing changes at known pixels.
    """
    images, _, known = samples.batch(start, count)
    if samples.window is None or samples.targets.ndim == 1:
        return _tensor(predict_tiles(images))
    needed = known.numpy() if known_alone else samples.seen[start : start + count]
    regions = samples.rows["region"].astype(str).iloc[start : start + count]
    extents: list[windows.Box | None] = [*samples.extents[start : start + count]] or [None] * len(regions)
    places = [
        (number, *corner)
        for number, (region, plane, extent) in enumerate(zip(regions, needed, extents, strict=True))
        for corner in corners(plane, firsts_of_region(region, samples.window), samples.window, extent)
    ]
    return _merged(images, places, samples.window, predict_tiles, samples.fill)


def predict_image(
    image: np.ndarray, needed: np.ndarray, predict_tiles: PredictTiles, *, window: int, firsts: tuple[int, int]
) -> np.ndarray:
    """Predict one image of any size.

    Args:
        image: (C, H, W) float32 in the channels' own units, NaN where unknown.
        needed: (H, W) bool.
        predict_tiles: from tiles in these units.
        window: height and width of a tile.
        firsts: row and column of the first tile, see `firsts_of_region`.

    Returns:
        (H, W) float32, right where `needed`; NaN where no tile lies.
    """
    places = [(0, *corner) for corner in corners(needed, firsts, window)]
    merged = _merged(torch.from_numpy(image)[None], places, window, predict_tiles, torch.nan)
    return np.asarray(merged[0].numpy())


def firsts_of_region(region: str, window: int) -> tuple[int, int]:
    """Row and column of the upper-left pixel of the first tile, in -`window` to -`window` / 2, from a region's name."""
    digest, step = hashlib.sha256(region.encode()).digest(), max(1, window // 2)
    row, col = (int.from_bytes(half, "big") % step - window for half in (digest[:8], digest[8:16]))
    return row, col


def firsts_on_grid(row: int, col: int, window: int) -> tuple[int, int]:
    """The same of tiles at fixed places of a pixel grid, in an image whose upper-left pixel is `row`, `col` of it."""
    step = max(1, window // 2)
    return -row % step - window, -col % step - window


def corners(
    needed: np.ndarray, firsts: tuple[int, int], window: int, extent: windows.Box | None = None
) -> Iterator[tuple[int, int]]:
    """Row and column of the upper-left pixel of every tile that holds a pixel that is `needed`, (H, W) bool.

    With an `extent` (row, column, height and width) tiles that reach beyond it are moved back, see `windows`; a tile as
    large as the image is the image.
    """
    if extent is not None and window >= max(needed.shape):
        yield from [(0, 0)] if needed.any() else []
        return
    step = max(1, window // 2)
    rows, cols = (list(range(first, length, step)) for first, length in zip(firsts, needed.shape, strict=True))
    if extent is not None:
        row, col, height, width = extent
        rows, cols = windows.moved_inside(rows, row, height, window), windows.moved_inside(cols, col, width, window)
    for top in rows:
        for left in cols:
            if needed[max(0, top) : max(0, top + window), max(0, left) : max(0, left + window)].any():
                yield top, left


def weights(window: int) -> Tensor:
    """(h, w) float32 weights of a tile's pixels, those of a Hann window each way, all above 0."""
    hann = np.sin(np.pi * (np.arange(window) + 0.5) / window) ** 2
    return torch.from_numpy(np.outer(hann, hann).astype(np.float32))


def _merged(
    images: Tensor, places: list[tuple[int, int, int]], window: int, predict_tiles: PredictTiles, fill: float
) -> Tensor:
    """Predictions (N, ..., H, W) of images (N, C, H, W): weighted mean of the tiles over a pixel, NaN without any."""
    count, channels, height, width = images.shape
    if not places:
        blank = _tensor(predict_tiles(images.new_zeros(1, channels, window, window)))
        return torch.full((count, *blank.shape[1:-2], height, width), torch.nan)
    padded = functional.pad(images, [window] * 4, value=fill)  # unseen
    shape = (count, *padded.shape[-2:])
    weight, weight_sum, total = weights(window), torch.zeros(shape), torch.zeros(shape)
    together = max(1, min(TILES, PIXELS // window**2))
    for start in range(0, len(places), together):
        some = places[start : start + together]
        parts = [(number, _span(top, window), _span(left, window)) for number, top, left in some]
        tile_images = torch.stack([padded[number, :, rows, cols] for number, rows, cols in parts])
        predictions = _tensor(predict_tiles(tile_images)).cpu()
        if start == 0 and predictions.ndim == 4:
            total = torch.zeros(count, predictions.shape[1], *shape[1:])
        for (number, rows, cols), prediction in zip(parts, predictions, strict=True):
            total[number, ..., rows, cols] += prediction * weight
            weight_sum[number, rows, cols] += weight
    divisor = torch.where(weight_sum > 0, weight_sum, torch.nan)
    merged = total / (divisor[:, None] if total.ndim == 4 else divisor)
    return merged[..., window : window + height, window : window + width]


def _span(start: int, window: int) -> slice:
    """Rows or columns of a tile in the padded image."""
    return slice(start + window, start + 2 * window)


def _tensor(predictions: Any) -> Tensor:
    """A tensor or array as float32."""
    return (
        predictions.float() if isinstance(predictions, Tensor) else torch.from_numpy(np.array(predictions, np.float32))
    )
