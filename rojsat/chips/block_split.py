"""Split by square blocks of ground, with a strip between the parts that nobody uses."""

import numpy as np
import pandas as pd

from rojsat.chips.fold_splits import FOLDS, VAL, check_fold, deal, draw
from rojsat.chips.roles import UNUSED

BUFFER = 120.0
"""Metres between the chips of two parts; what is nearer is alike (soil, weather, the same forwarder)."""


def blocks(
    index: pd.DataFrame,
    *,
    size: float,
    buffer: float = BUFFER,
    folds: int = FOLDS,
    fold: int = 0,
    seed: int = 0,
    val: float = VAL,
) -> pd.Series:
    """Square blocks dealt to folds; one fold tests, the others train and validate, and nobody uses what is between.

    A region belongs to the block that its middle lies in, with all its chips.

    Args:
        index: columns `region`, `crs`, `transform`, `easting`, `northing`, `height`, `width`.
        size: side of a block, metres of the chips' CRS; the blocks of a CRS begin at its origin.
        buffer: chips for training or validation are left out that lie nearer to one that tests, likewise those for
            training that lie nearer to one that validates; metres of the CRS between their boxes.
        folds: how many.
        fold: the one that tests, from 0.
        seed: of the order in which blocks are dealt, and of the draw.
        val: blocks that validate, drawn from the other folds: a number from 1, or a share below 1, at least one.

    Returns:
        "train", "val", "test" or `UNUSED` a row, with the index of `index`.

    Raises:
        ValueError: sizes that mean nothing, fewer blocks than folds, no such fold, or none is left to train on.
    """
    if size <= 0 or buffer < 0:
        raise ValueError(f"split blocks: size={size} is above 0 and buffer={buffer} is not below 0, both in metres")
    boxes = _boxes(index)
    block = _block_of_region(index, boxes, size)
    dealt = deal(block, seed)
    check_fold("blocks", fold, folds, len(dealt), f"blocks of {size:g} m with chips")
    test = {name for name, number in dealt.items() if number % folds == fold}
    validating = draw(set(dealt) - test, val, seed, "blocks")
    part = block.map(dict.fromkeys(validating, "val") | dict.fromkeys(test, "test")).fillna("train").astype(object)
    crs = index["crs"].astype(str).to_numpy()
    part = _cleared(part, ("train", "val"), "test", boxes, crs, buffer)
    part = _cleared(part, ("train",), "val", boxes, crs, buffer)
    for needed in ("train", "val"):
        if not (part == needed).any():
            raise ValueError(f"split blocks: buffer={buffer:g} leaves no chip for {needed}; choose a smaller one")
    return part


def _boxes(index: pd.DataFrame) -> np.ndarray:
    """Left, bottom, right, top of every chip, (N, 4), units of the CRS."""
    pixel = np.array([abs(transform[0]) for transform in index["transform"]])  # its size
    left, top = index["easting"].to_numpy(float), index["northing"].to_numpy(float)
    right, bottom = left + pixel * index["width"].to_numpy(float), top - pixel * index["height"].to_numpy(float)
    return np.stack([left, bottom, right, top], axis=1)


def _block_of_region(index: pd.DataFrame, boxes: np.ndarray, size: float) -> pd.Series:
    """The block of every row: that of its region's middle, in the first CRS of the region's chips."""
    table = pd.DataFrame(boxes, columns=["left", "bottom", "right", "top"], index=index.index)
    table = table.assign(region=index["region"].astype(str), crs=index["crs"].astype(str))
    table = table[table["crs"] == table.groupby("region")["crs"].transform("min")]
    extent = table.groupby("region").agg({"left": "min", "bottom": "min", "right": "max", "top": "max", "crs": "min"})
    column = np.floor((extent["left"] + extent["right"]) / 2 / size).astype(int).astype(str)
    row = np.floor((extent["bottom"] + extent["top"]) / 2 / size).astype(int).astype(str)
    return index["region"].astype(str).map(extent["crs"] + " " + column + " " + row)


def _cleared(
    part: pd.Series, near: tuple[str, ...], kept: str, boxes: np.ndarray, crs: np.ndarray, buffer: float
) -> pd.Series:
    """The parts, with chips of the parts `near` left out that lie within `buffer` of a chip of the part `kept`."""
    parts = part.to_numpy(object).copy()
    for zone in np.unique(crs):
        inside = crs == zone
        others = np.unique(boxes[inside & (parts == kept)], axis=0)
        rows = np.flatnonzero(inside & np.isin(parts, near))
        if len(others) and len(rows):
            parts[rows[_distance(boxes[rows], others) < buffer]] = UNUSED
    return pd.Series(parts, index=part.index, dtype=object)


def _distance(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """From each of the boxes (N, 4) to the nearest of the others (M, 4), (N,); 0 where they overlap or touch."""
    a, b = boxes[:, None], others[None]  # (N, 1, 4), (1, M, 4)
    across = np.maximum(0, np.maximum(a[..., 0] - b[..., 2], b[..., 0] - a[..., 2]))
    along = np.maximum(0, np.maximum(a[..., 1] - b[..., 3], b[..., 1] - a[..., 3]))
    return np.asarray(np.hypot(across, along).min(axis=1))
