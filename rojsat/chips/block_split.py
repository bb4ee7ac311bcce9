"""Split by square blocks of ground, with a strip between the parts that nobody uses."""

import numpy as np
import pandas as pd

from rojsat.chips import ground_metres, region_middles
from rojsat.chips.fold_splits import FOLDS, VAL, check_fold, deal, draw
from rojsat.chips.roles import UNUSED

BUFFER = 120.0
"""Ground metres between the boxes of two parts; what is nearer is alike (soil, weather, the same forwarder)."""


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
        index: columns `region`, `crs`, `transform`, `easting`, `northing`, `height`, `width`, and, where chips have
            surroundings, those of `rojsat.chips.boxes`.
        size: side of a block, ground metres; the blocks of a CRS begin at its origin.
        buffer: chips for training or validation are left out that lie nearer to one that tests, likewise those for
            training that lie nearer to one that validates; ground metres between the boxes of their regions.
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
    edges = ground_metres.own_edges(index)
    block = _block_of_region(index, edges, size)
    dealt = deal(block, seed)
    check_fold("blocks", fold, folds, len(dealt), f"blocks of {size:g} m with chips")
    test = {name for name, number in dealt.items() if number % folds == fold}
    validating = draw(set(dealt) - test, val, seed, "blocks")
    part = block.map(dict.fromkeys(validating, "val") | dict.fromkeys(test, "test")).fillna("train").astype(object)
    crs = index["crs"].astype(str).to_numpy()
    part = _cleared(part, ("train", "val"), "test", edges, crs, buffer)
    part = _cleared(part, ("train",), "val", edges, crs, buffer)
    for needed in ("train", "val"):
        if not (part == needed).any():
            raise ValueError(f"split blocks: buffer={buffer:g} leaves no chip for {needed}; choose a smaller one")
    return part


def _block_of_region(index: pd.DataFrame, edges: ground_metres.Edges, size: float) -> pd.Series:
    """The block of every row: that of its region's middle, in the first CRS of the region's chips."""
    names: dict[str, str] = {}
    for crs, east, north, regions in region_middles.by_crs(region_middles.middles(index, edges)):
        columns, rows = ground_metres.blocks_of(crs, east, north, size)
        names |= {
            str(region): f"{crs} {column} {row}" for region, column, row in zip(regions, columns, rows, strict=True)
        }
    return index["region"].astype(str).map(names)


def _cleared(
    part: pd.Series, near: tuple[str, ...], kept: str, edges: ground_metres.Edges, crs: np.ndarray, buffer: float
) -> pd.Series:
    """The parts, with chips of the parts `near` left out that lie within `buffer` of a chip of the part `kept`."""
    parts = part.to_numpy(object).copy()
    for zone in np.unique(crs):
        inside = crs == zone
        others = np.unique(edges[inside & (parts == kept)], axis=0)
        rows = np.flatnonzero(inside & np.isin(parts, near))
        if len(others) and len(rows):
            parts[rows[ground_metres.gaps(edges[rows], others, str(zone)).min(axis=1) < buffer]] = UNUSED
    return pd.Series(parts, index=part.index, dtype=object)
