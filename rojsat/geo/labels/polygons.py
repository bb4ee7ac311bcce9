"""Degree of need from labelled stands: need is 1, clear is 0, the ground between them unknown."""

import logging
from pathlib import Path

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.features import rasterize

from rojsat.chips import roles
from rojsat.geo.degrees import UNKNOWN, Labels

log = logging.getLogger(__name__)

VALUES = {roles.NEED: 1.0, roles.CLEAR: 0.0}
"""Degree that each label stands for."""


def masks(
    raw: Path,  # noqa: ARG001 - every source of labels has it
    regions: gpd.GeoDataFrame,
    grids: dict[str, GeoBox],
    *,
    touched: bool = False,
) -> Labels:
    """Rasterise the labelled stands on every region's grid, in whatever CRS that is.

    Pixels that stands with both labels hold are unknown; the facts count them (`contradicting`), and name the stands
    whose own mask has no known pixel (`missed`: too small or narrow for a pixel's centre, or contradicted everywhere).

    Args:
        raw: the raw data set.
        regions: its regions; those with role `stand` and label `need` or `clear` are rasterised.
        grids: grid of each region.
        touched: whether a pixel belongs to a stand that touches it; else its centre must lie in the stand.

    Raises:
        ValueError: if there is no such stand.
    """
    stands = regions[(regions["role"] == roles.STAND) & regions["label"].isin(list(VALUES))]
    if len(stands) == 0:
        raise ValueError("no region has role stand and label need or clear: there is nothing to rasterise")
    masks, contradicting = {}, 0
    for region, grid in grids.items():
        need, clear = (_inside(stands[stands["label"] == label], grid, touched) for label in VALUES)
        degree = np.where(need, VALUES[roles.NEED], np.where(clear, VALUES[roles.CLEAR], UNKNOWN)).astype(np.float32)
        degree[need & clear] = UNKNOWN  # two stands contradict each other
        contradicting += int((need & clear).sum())
        if (degree != UNKNOWN).any():
            masks[region] = degree
    pixels = {label: int(sum((degree == value).sum() for degree in masks.values())) for label, value in VALUES.items()}
    missed = [region for region in stands["region"] if region in grids and region not in masks]
    if missed:
        log.warning("%d stands have no labelled pixel of their own: %s", len(missed), ", ".join(missed[:5]))
    facts = {"stands": stands["label"].value_counts().to_dict(), "pixels": pixels}
    return Labels(masks, facts=facts | {"contradicting": contradicting, "missed": missed})


def _inside(stands: gpd.GeoDataFrame, grid: GeoBox, touched: bool) -> NDArray[np.bool_]:
    """(h, w) whether each pixel lies in a stand."""
    polygons = stands.geometry.to_crs(str(grid.crs))
    box = grid.boundingbox
    near = polygons.cx[box.left : box.right, box.bottom : box.top]
    if len(near) == 0:
        return np.zeros(tuple(grid.shape), bool)
    covered = rasterize(near, out_shape=tuple(grid.shape), transform=grid.affine, all_touched=touched, dtype="uint8")
    return np.asarray(covered > 0)
